#!/usr/bin/python3
"""Viewers of pods: what the agent connects them to is the pod's own address, as the API server tells it.

Fake nodes run nothing, so a pod is given an address of the loopback where a real VNC server listens; two of them,
at the same port of different addresses, show that it is really that address.
"""

import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402  (first: it knows where harness is)
import viewer  # noqa: E402
import world  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

ADDRESSES = {"first": "127.0.0.2", "second": "127.0.0.3"}


def free_port():
    """A port that is free at both addresses."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind((ADDRESSES["first"], 0))
            try:
                two.bind((ADDRESSES["second"], one.getsockname()[1]))
            except OSError:
                continue
            return one.getsockname()[1]


class Desktops:
    """Real VNC servers at one port of several addresses."""

    def __init__(self, port):
        self.port = port
        self.programs = {}

    def __enter__(self):
        display = 300 + os.getpid() % 300
        for name, address in ADDRESSES.items():
            while os.path.exists(f"/tmp/.X{display}-lock"):
                display += 1
            self.programs[name] = subprocess.Popen(
                ["Xtigervnc", f":{display}", "-interface", address, "-rfbport", str(self.port), "-SecurityTypes", "None",
                 "-AlwaysShared=1", "-UseBlacklist=0", "-nolisten", "tcp", "-nolisten", "local", "-noreset", "-desktop", name,
                 "-geometry", "640x480", "-depth", "24"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            display += 1
            wait_for(f"the VNC server {name}", lambda a=address: self.answers(a))
        return self

    def __exit__(self, *_):
        for program in self.programs.values():
            program.terminate()
            program.wait()

    def answers(self, address):
        try:
            with socket.create_connection((address, self.port), 2) as sock:
                return sock.recv(12) == b"RFB 003.008\n"
        except OSError:
            return False


def give_address(w, session, address):
    pod = w.of("pods", session)[0]["metadata"]["name"]
    kubectl("patch", "pod", pod, "-n", w.space, "--subresource=status", "--type=merge", "-p",
            json.dumps({"status": {"podIP": address, "podIPs": [{"ip": address}]}}))
    return pod


def sees(w, session):
    """The name of the desktop that a new viewer is shown, or None."""
    try:
        with viewer.open_viewer(w.ada, session) as screen:
            return screen.name
    except (viewer.ws.Refused, viewer.ws.Closed, viewer.rfb.RfbError, OSError):
        return None


def main(t):
    port = free_port()
    with world.World() as w, Desktops(port) as desktops:
        w.template("desk", dict(world.TEMPLATE, displayName="Desk", vnc={"enabled": True, "port": port}))
        session = w.ada.create("desk")["id"]
        w.ada.wait_state(session, "running", timeout=60)
        pod = give_address(w, session, ADDRESSES["first"])
        wait_for("the first desktop", lambda: sees(w, session) == "first")
        t.ok(True, "a viewer reaches the VNC server at the pod's address")
        screens = [viewer.open_viewer(w.ada, session) for _ in range(3)]
        t.eq([(s.name, s.width) for s in screens], [("first", 640)] * 3, "three more share it")
        t.ok(all(s.frame() for s in screens), "and get its pixels")
        give_address(w, session, ADDRESSES["second"])
        wait_for("the second desktop", lambda: sees(w, session) == "second")
        t.ok(screens[0].frame(), "control: another address of the pod, another VNC server at the same port; who was there stays")
        service = get("service", session, w.space)["spec"].get("clusterIP")
        t.ok(service not in ADDRESSES.values(), f"and neither is the Service's ({service})")

        give_address(w, session, "127.0.0.4")
        made = viewer.connect(w.ada, session)
        t.ok(viewer.closed(made)[0] is not None and not made.data, "an address where nobody listens: the viewer is closed, without a byte")
        give_address(w, session, ADDRESSES["second"])
        wait_for("the second desktop", lambda: sees(w, session) == "second")

        killed = viewer.open_viewer(w.ada, session)
        w.agent.kill()
        t.eq(viewer.closed(killed), (4003, "agent_lost"), "the agent is killed: its viewers hear it")
        w.run_agent()
        wait_for("the desktop again", lambda: sees(w, session) == "second")
        t.eq(w.of("pods", session)[0]["metadata"]["name"], pod, "and back: the same pod")

        last = viewer.open_viewer(w.ada, session)
        w.ada.hibernate(session)
        t.eq(viewer.closed(last), (4001, "session_hibernated"), "hibernated: 4001 session_hibernated")
        w.ada.wait_state(session, "hibernated", timeout=60)
        w.ada.wake(session)
        w.ada.wait_state(session, "running", timeout=60)
        give_address(w, session, ADDRESSES["first"])
        wait_for("the desktop again", lambda: sees(w, session) == "first")
        t.ok(True, "awake: the new pod's desktop")
        last = viewer.open_viewer(w.ada, session)
        desktops.programs["first"].terminate()
        t.ok(viewer.closed(last)[0] is not None, "a VNC server that ends: its viewer is closed")
        w.ada.terminate(session)
        w.ada.wait_state(session, "terminated", timeout=60)
        w.stop_agent()


if __name__ == "__main__":
    cluster.main(main, database=True)
