#!/usr/bin/python3
"""An agent whose WebSocket handshakes are heard and not answered: it goes on, and it ends when it is told to."""

import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402


def unanswered(plane, count):
    return harness.wait_for(f"{count} handshakes without an answer", lambda: len(plane.unanswered) >= count)


def stream_socket(t, plane, lone):
    plane.streams, plane.silent = True, {"stream"}
    lone.start()
    link = plane.link()
    unanswered(plane, 1)
    t.eq(plane.unanswered[0], f"agent_id=host-a&epoch={link.epoch}", "the stream socket's handshake is heard, not answered")
    link.drop()
    link = plane.link()
    unanswered(plane, 2)
    t.eq(plane.unanswered[1], f"agent_id=host-a&epoch={link.epoch}", "with a new epoch it is given up and dialled anew")
    plane.silent = set()
    link.drop()
    link = plane.link()
    stream = plane.stream()
    t.eq(stream.query, f"agent_id=host-a&epoch={link.epoch}", "one that is answered in the end is connected")
    plane.silent = {"stream"}
    link.drop()
    plane.link()
    unanswered(plane, 3)
    t.eq(lone.current.stop(), 0, "told to end during a handshake it ends well")


def first_socket(t, plane, lone):
    plane.silent, count = {"connect"}, len(plane.unanswered)
    lone.start()
    unanswered(plane, count + 1)
    t.eq(lone.current.stop(), 0, "so it does during the handshake of its first socket")
    t.like(lone.current.log, "the handshake was not answered", "and says why there is no connection")


def asked_while_it_ends(t, plane, lone):
    """Who is told to end still reads what comes until it has said good-bye."""
    plane.silent = set()
    lone.start()
    link = plane.link()
    link.wait("inventory", timeout=30)
    asked = threading.Event()

    def ask():
        try:
            while True:
                link.send("inventory_request", {})
                asked.set()
        except OSError:
            pass

    asker = threading.Thread(target=ask)
    asker.start()
    asked.wait()
    t.eq(lone.current.stop(), 0, "asked for its inventory again and again while it ends, it ends well")
    asker.join()


def main(t):
    with control_plane.ControlPlane() as plane, \
            agent_alone.Lone(plane, stop_timeout=2, reconnect_max=1) as lone:
        stream_socket(t, plane, lone)
        first_socket(t, plane, lone)
        asked_while_it_ends(t, plane, lone)
        log = (lone.root / "log").read_text()
        t.ok("Sanitizer" not in log and "runtime error" not in log, "no sanitizer complained")


if __name__ == "__main__":
    tap.run(main)
