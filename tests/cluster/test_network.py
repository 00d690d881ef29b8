#!/usr/bin/python3
"""Whether strangers reach desktops: the probe pod, its two answers and none, and where they are told.

kwok runs no program, so the pod's end is written as a kubelet would; `streamspace-agent probe` itself is tried on loopback.
"""

import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import harness  # noqa: E402
import world  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

POD = "streamspace-network-probe"
PORT = world.TEMPLATE["vnc"]["port"]


def program(t):
    agent = harness.BUILD / "streamspace-agent"

    def run(*words):
        return subprocess.run([agent, "probe", *map(str, words)], capture_output=True, timeout=60).returncode

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        t.eq(run("127.0.0.1", port), 3, "a port that is reached: 3")
    t.eq(run("127.0.0.1", port), 0, "one that is not: 0")
    t.eq([run("localhost", port), run("127.0.0.1", "x")], [2, 2], "names and words are no addresses")


def condition(w, session):
    status = (get("session.stream.space", session, w.space) or {}).get("status") or {}
    found = next((c for c in status.get("conditions", []) if c["type"] == "NetworkOpen"), None)
    return found and (found["status"], found["reason"])


def told(w):
    view = w.db.query(f"SELECT v.network FROM streamspace.v_agents AS v WHERE v.agent_id = '{world.AGENT}'")
    return [view or None, w.admin.must("GET", f"/api/v1/agents/{world.AGENT}")["network"]]


def end_pod(w, phase, code):
    """The end of the present probe pod, as its kubelet would write it."""
    def probe():
        pod = get("pod", POD, w.space)
        return pod if pod and "deletionTimestamp" not in pod["metadata"] and pod["spec"].get("nodeName") else None

    pod = wait_for("the pod of the probe", probe, 90)
    status = {"phase": phase, "containerStatuses": [{
        "name": "probe", "image": "x", "imageID": "", "ready": False, "restartCount": 0,
        "state": {"terminated": {"exitCode": code, "reason": "Completed"}}}]}
    kubectl("patch", "pod", POD, "-n", w.space, "--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))
    return pod


def restart(w, *options):
    w.stop_agent()
    w.agent = w.start_agent(world.AGENT, platform="kubernetes", options=(
        "--kubeconfig", w.kubeconfig, "--namespace", w.space, "--kube-rate", "200", "--kube-burst", "400",
        "--reconnect-max", "2s", *options))


def answers(t, w, desktop):
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=120)
    t.eq([condition(w, session), told(w), get("pod", POD, w.space)], [None, [None, None], None],
         "without a probe nothing is said, and nothing tried")
    # kwok's pods have the address of nobody: the agent reaches this one.
    pod = w.of("pods", session)[0]["metadata"]["name"]
    kubectl("patch", "pod", pod, "-n", w.space, "--subresource=status", "--type=merge", "-p",
            json.dumps({"status": {"podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}]}}))
    restart(w, "--network-probe", "example.org/agent:1")
    seen = end_pod(w, "Failed", 3)
    spec = seen["spec"]
    t.eq([spec["containers"][0]["image"], spec["containers"][0]["command"]],
         ["example.org/agent:1", ["streamspace-agent", "probe", "127.0.0.1", str(PORT)]],
         "a pod of its own tries the port of a session that runs")
    t.ok("stream.space/session-id" not in seen["metadata"]["labels"] and "stream.space/agent-id" not in seen["metadata"]["labels"],
         "as a stranger: it has no label that a policy lets through")
    t.eq([spec["automountServiceAccountToken"], spec["securityContext"]["runAsNonRoot"],
          spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"]], [False, True, True], "within the restricted standard")
    wait_for("the condition", lambda: condition(w, session) == ("True", "PortReachable"), 60)
    wait_for("the control plane to hear", lambda: told(w) == ["open", "open"], 90)
    t.ok("network_open" in w.agent.log, "reached: condition, v_agents, REST and log say open")
    wait_for("the pod to be gone", lambda: get("pod", POD, w.space) is None, 60)
    t.ok(True, "the pod is removed")
    later = w.ada.create("editor", name="later")["id"]
    wait_for("the condition of a later session", lambda: condition(w, later) == ("True", "PortReachable"), 60)
    t.ok(True, "later sessions say it too")
    restart(w, "--network-probe", "example.org/agent:1")
    end_pod(w, "Succeeded", 0)
    wait_for("the condition", lambda: condition(w, session) == ("False", "PortUnreachable"), 60)
    wait_for("the control plane to hear", lambda: told(w) == ["closed", "closed"], 90)
    t.ok(True, "not reached: they say closed")
    restart(w, "--network-probe", "example.org/agent:1")
    end_pod(w, "Failed", 1)
    wait_for("the log", lambda: "probe_failed" in w.agent.log, 60)
    wait_for("the control plane to hear", lambda: told(w) == [None, None], 90)
    t.ok(True, "a pod that fails for another reason proves nothing")
    desktop.close()
    restart(w, "--network-probe", "example.org/agent:1")
    w.agree(t, "with an agent that reaches no desktop itself")
    wait_for("what the agent before may have left to be gone", lambda: get("pod", POD, w.space) is None, 60)
    t.eq([get("pod", POD, w.space), told(w)[0]], [None, None], "which then tries nothing, and says nothing")
    restart(w, "--network-probe", "off")
    for one in (session, later):
        w.ada.terminate(one)


def rights(t, w):
    """What the probe added to the agent's rights is what it used."""
    user = f"system:serviceaccount:{w.space}:streamspace-agent"
    used, refused = set(), []
    for line in (cluster.folder() / "audit.log").read_text().splitlines():
        event = json.loads(line)
        what = event.get("objectRef", {})
        if event["user"].get("username") != user or what.get("resource") != "pods":
            continue
        if event.get("responseStatus", {}).get("code") == 403:
            refused.append(event["requestURI"])
        used.add((event["verb"], what.get("name", "")))
    t.eq(refused, [], "nothing that the probe asked for was forbidden to it")
    t.eq(used - {("list", ""), ("watch", "")}, {("get", POD), ("delete", POD), ("create", POD)}, "and it used all of its Role")


def main(t):
    program(t)
    desktop = socket.create_server(("127.0.0.1", PORT))
    with world.World() as w:
        cluster.apply((cluster.HERE / "probe-role.yaml").read_text().replace("NAMESPACE", w.space))
        answers(t, w, desktop)
        rights(t, w)


if __name__ == "__main__":
    cluster.main(main, database=True)
