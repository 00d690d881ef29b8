#!/usr/bin/python3
"""What keeps pods from running, and ends them: reason and next step in REST, condition and reason in the resource.

kwok is frozen while this file plays the kubelet: it writes the status of pods as a kubelet would.
"""

import contextlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import world  # noqa: E402
from cluster import control, get, kubectl, wait_for  # noqa: E402


def ready(session, space):
    found = get("session.stream.space", session, space)
    return next((c for c in ((found or {}).get("status") or {}).get("conditions", []) if c["type"] == "Ready"), {})


def said(t, w, session, state, reason, what, words=""):
    """REST, its next step and the resource say it."""
    def probe():
        now = w.ada.session(session)
        return now if now["state"] == state and now["reason"] == reason else None

    try:
        now = wait_for(what, probe, 60)
    except cluster.Timeout:
        now = w.ada.session(session)
    t.eq([now["state"], now["reason"], words in (now["message"] or "")], [state, reason, True], what)
    t.ok(now["next_step"], f"{reason}: next step: {now['next_step']}")
    if state == "starting":
        try:
            wait_for("the condition", lambda: ready(session, w.space).get("reason") == reason, 30)
        except cluster.Timeout:
            pass
        t.eq([ready(session, w.space).get("status"), ready(session, w.space).get("reason")], ["False", reason],
             f"{reason}: the resource is not ready for it")


def pod_of(w, session):
    def probe():
        return next((p for p in w.of("pods", session) if p["spec"].get("nodeName")
                     and "deletionTimestamp" not in p["metadata"]), None)
    return wait_for("a pod on a node", probe, 60)["metadata"]["name"]


def play(w, pod, status):
    kubectl("patch", "pod", pod, "-n", w.space, "--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))


def container(ready=False, restarts=0, last=None, **state):
    return {"name": "desktop", "image": "x", "imageID": "", "ready": ready, "restartCount": restarts, "state": state,
            **({"lastState": {"terminated": last}} if last else {})}


def waiting(reason, message="", restarts=0, last=None):
    return {"phase": "Pending", "containerStatuses": [
        container(restarts=restarts, last=last, waiting={"reason": reason, "message": message})]}


def ended(reason, code):
    return {"reason": reason, "exitCode": code, "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:01Z"}


def conditions(**states):
    return [{"type": k, "status": v} for k, v in states.items()]


@contextlib.contextmanager
def kubelet():
    """kwok is frozen inside, for less time than the node controller has patience."""
    wait_for("a node that takes pods", lambda: any(not n["spec"].get("taints") for n in get("nodes")), 120)
    control("freeze", "kwok")
    try:
        yield
    finally:
        control("thaw", "kwok")


def containers(t, w):
    with kubelet():
        session = w.ada.create("plain")["id"]
        pod = pod_of(w, session)
        play(w, pod, waiting("ErrImagePull", "no such host"))
        said(t, w, session, "starting", "ErrImagePull", "an image that cannot be pulled", "no such host")
        play(w, pod, waiting("ImagePullBackOff", "Back-off pulling image"))
        said(t, w, session, "starting", "ImagePullBackOff", "again and again", "Back-off")
        play(w, pod, waiting("CrashLoopBackOff", "back-off 10s", 1, ended("Error", 3)))
        said(t, w, session, "starting", "CrashLoopBackOff", "a container that ended", "exit code 3")
        play(w, pod, waiting("CrashLoopBackOff", "back-off 10s", 2, ended("OOMKilled", 137)))
        said(t, w, session, "starting", "OOMKilled", "a container that was killed for its memory", "memory")
        play(w, pod, {"phase": "Running", "podIP": "127.0.0.1", "containerStatuses": [
            container(running={"startedAt": "2026-01-01T00:00:00Z"}, restarts=3)]})
        said(t, w, session, "starting", "DesktopNotReady", "a desktop that does not answer", "does not answer")
        play(w, pod, {"phase": "Running", "podIP": "127.0.0.1", "conditions": conditions(Ready="True", ContainersReady="True"),
                      "containerStatuses": [container(True, running={"startedAt": "2026-01-01T00:00:00Z"})]})
        now = w.ada.wait_state(session, "running", timeout=60)
        t.eq([now["reason"], now["next_step"]], [None, None], "and then it runs, and nothing of it is left")
    w.ada.terminate(session)
    for status, reason, words in (
            (waiting("InvalidImageName", "couldn't parse image name"), "InvalidImageName", "parse"),
            (waiting("CreateContainerConfigError", "runAsNonRoot and image will run as root"), "CreateContainerConfigError", "root"),
            (waiting("CrashLoopBackOff", "back-off 40s", 3, ended("Error", 1)), "CrashLoopBackOff", "exit code 1"),
            (waiting("CrashLoopBackOff", "back-off 40s", 3, ended("OOMKilled", 137)), "OOMKilled", "memory")):
        with kubelet():
            session = w.ada.create("plain")["id"]
            play(w, pod_of(w, session), status)
            said(t, w, session, "failed", reason, f"{reason}: Kubernetes cannot help any more", words)
        w.ada.terminate(session)


def scheduling(t, w):
    big = w.ada.create("big")["id"]
    said(t, w, big, "starting", "Unschedulable", "a pod for which no node has room", "nodes are available")
    w.ada.terminate(big)


def admission(t, w):
    cluster.apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none", "namespace": w.space},
                   "spec": {"hard": {"pods": "0"}}})
    wait_for("the quota to count", lambda: (get("resourcequota", "none", w.space).get("status") or {}).get("hard"))
    session = w.ada.create("editor")["id"]
    said(t, w, session, "starting", "QuotaExceeded", "a namespace whose quota is used up", "exceeded quota: none")
    kubectl("delete", "resourcequota", "none", "-n", w.space)
    t.eq(w.ada.wait_state(session, "running", timeout=200)["reason"], None, "it runs once there is room")
    w.ada.terminate(session)
    # No pod of ours violates the standard: the condition is written as the Deployment's controller would.
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=120)
    control("freeze", "kcm")
    try:
        for pod in w.of("pods", session):
            kubectl("delete", "pod", pod["metadata"]["name"], "-n", w.space, "--force", "--grace-period=0")
        kubectl("patch", "deployment", session, "-n", w.space, "--subresource=status", "--type=merge", "-p", json.dumps(
            {"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message":
             'pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged'}]}}))
        said(t, w, session, "failed", "PodSecurityViolation", "pods that Pod Security refuses", "violates PodSecurity")
    finally:
        control("thaw", "kcm")
    w.ada.terminate(session)


def losses(t, w):
    """Nodes that are drained or lost: the session comes back with its home."""
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=120)
    before = w.of("pods", session)[0]
    claim = before["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]
    home = get("pvc", claim, w.space)["metadata"]["uid"]
    kubectl("patch", "pod", before["metadata"]["name"], "-n", w.space, "--subresource=status", "--type=strategic", "-p",
            json.dumps({"status": {"conditions": [{"type": "Ready", "status": "False"}]}}))

    def reason():
        return ready(session, w.space).get("reason")

    wait_for("the lost node", lambda: reason() == "NodeLost", 60)
    t.ok(True, "a node that is not heard of is named in the condition")
    nodes = [n["metadata"]["name"] for n in get("nodes")]
    try:
        for node in nodes:
            kubectl("drain", node, f"--pod-selector=stream.space/session-id={session}", "--delete-emptydir-data",
                    "--ignore-daemonsets", "--timeout=60s", timeout=90)
        wait_for("the next pod to wait", lambda: reason() == "Unschedulable", 60)
        t.ok(True, "a drained pod makes room for another, which waits while all nodes are closed")
        other = w.ada.create("editor", name="new")["id"]
        said(t, w, other, "starting", "Unschedulable", "as a new session does", "unschedulable")
        w.ada.terminate(other)
    finally:
        for node in nodes:
            kubectl("uncordon", node)
    now = wait_for("the session to be back", lambda: [
        p for p in w.of("pods", session) if p["metadata"]["uid"] != before["metadata"]["uid"]
        and any(c["type"] == "Ready" and c["status"] == "True" for c in p.get("status", {}).get("conditions", []))], 120)
    w.ada.wait_state(session, "running", timeout=60)
    t.eq([now[0]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"], get("pvc", claim, w.space)["metadata"]["uid"]],
         [claim, home], "it runs again, with the same home")
    w.agree(t, "after the drain")
    w.ada.terminate(session)


def drain(t, w):
    """An agent that drains: nothing new, and what runs goes on, also while the agent is away."""
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=120)
    pods = w.pods(session)
    w.admin.must("PATCH", f"/api/v1/agents/{world.AGENT}", {"draining": True})
    late = w.ada.create("editor", name="late")["id"]
    t.eq([w.ada.session(late)["state"], w.deployment(late)], ["pending", None], "an agent that drains gets no new session")
    t.eq([w.ada.session(session)["state"], w.pods(session)], ["running", pods], "and what runs goes on")
    w.stop_agent()
    t.eq(w.pods(session), pods, "SIGTERM ends the agent and no session")
    w.run_agent()
    t.eq([w.ada.session(late)["state"], w.pods(session)], ["pending", pods], "it still drains when it is back")
    w.ada.hibernate(session)
    w.ada.wait_state(session, "hibernated", timeout=60)
    t.ok(True, "its own sessions it still puts to sleep")
    w.admin.must("PATCH", f"/api/v1/agents/{world.AGENT}", {"draining": False})
    w.ada.wait_state(late, "running", timeout=120)
    t.ok(True, "afterwards what waited starts")
    for one in (session, late):
        w.ada.terminate(one)


def main(t):
    with world.World() as w:
        # A home is bound by kwok, which is frozen while the kubelet is played.
        w.template("plain", {**world.TEMPLATE, "displayName": "Plain", "persistentHome": False})
        w.template("big", {**world.TEMPLATE, "displayName": "Big", "pod": {"nodeSelector": {"disk": "none"}}})
        for part in (scheduling, containers, admission, losses, drain):
            part(t, w)


if __name__ == "__main__":
    cluster.main(main, database=True)
