#!/usr/bin/python3
"""The life of sessions through REST, database, agent and a real API server; both sides compared."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402  (first: it knows where harness is)
import harness  # noqa: E402
import world  # noqa: E402
from cluster import control, get, kubectl, wait_for  # noqa: E402


def life(t, w):
    session = w.ada.create("editor")["id"]
    states = []
    w.ada.wait_state(session, "running", timeout=60, seen=lambda state, _: states.append(state))
    w.agree(t, "after the start")
    pod = w.of("pods", session)[0]
    spec = pod["spec"]
    container = spec["containers"][0]
    t.eq([spec["automountServiceAccountToken"], spec["enableServiceLinks"]], [False, False],
         "the pod has neither a service account's token nor links to services")
    t.eq([spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["seccompProfile"],
          container["securityContext"]["capabilities"], container["securityContext"]["allowPrivilegeEscalation"]],
         [True, {"type": "RuntimeDefault"}, {"drop": ["ALL"]}, False], "its security context is restricted")
    t.eq(container["resources"]["limits"], {"cpu": "100m", "memory": "256Mi"}, "its resources are the template's")
    t.eq(container["env"], [{"name": "LANG", "value": "C.UTF-8"}], "its variables are literal")
    t.eq({m["mountPath"] for m in container["volumeMounts"]}, {"/config", "/tmp"}, "it mounts the home and /tmp")
    t.eq(container["readinessProbe"]["tcpSocket"]["port"], 5901, "it is ready when the desktop answers")
    t.ok("stream.space/revision" not in pod["metadata"]["labels"], "no revision stands in the pod")
    owner = get("configmap", "streamspace-installation", w.space)
    installation = w.db.query("SELECT installation_id FROM streamspace_data.installation", user=None)
    t.eq(owner["data"], {"installationId": installation}, "the ConfigMap, which was there and empty, names the installation")
    t.eq(owner["metadata"]["labels"]["stream.space/installation-id"], installation, "and its label does")
    for kind in ("deployment", "service"):
        references = get(kind, session, w.space)["metadata"]["ownerReferences"]
        t.eq([(r["kind"], r["uid"]) for r in references], [("ConfigMap", owner["metadata"]["uid"])],
             f"the {kind} belongs to the ConfigMap and to nothing else")
    home = w.ada.session(session)["home"]["id"]
    claim = get("pvc", home, w.space)
    t.ok("ownerReferences" not in claim["metadata"], "the home belongs to nobody")
    t.eq(claim["spec"]["resources"]["requests"]["storage"], "10Gi", "and is of the size that the database says")
    shown = kubectl("get", "sessions,templates", "-n", w.space).stdout
    t.like(shown, f"NAME +STATE +READY +REASON +AGE\nsession.stream.space/{session} +Running +True +DesktopReady ",
           "kubectl get shows State, Ready, Reason and Age of a session")
    t.like(shown, r"template.stream.space/editor.default +Ready +True +Accepted ", "and of a template")

    uid = w.deployment(session)["metadata"]["uid"]
    w.ada.hibernate(session)
    w.ada.wait_state(session, "hibernated", timeout=60)
    w.agree(t, "after hibernate")
    t.eq(w.deployment(session)["spec"]["replicas"], 0, "hibernated means no replica")
    w.ada.wake(session)
    w.ada.wait_state(session, "running", timeout=60)
    w.agree(t, "after wake")
    t.eq(w.deployment(session)["metadata"]["uid"], uid, "the Deployment is the same one")
    t.eq(get("pvc", home, w.space)["metadata"]["uid"], claim["metadata"]["uid"], "the home is the same one")
    w.ada.terminate(session)
    w.ada.wait_state(session, "terminated", timeout=60)
    w.agree(t, "after terminate")
    left = [kind for kind in ("sessions", "deployments", "services", "pods", "replicasets")
            if w.of(kind, session)]
    t.eq(left, [], "nothing of a terminated session is left")
    t.eq(get("pvc", home, w.space)["metadata"]["uid"], claim["metadata"]["uid"], "but its home is")
    again = w.ada.create("editor")["id"]
    t.eq(w.ada.session(again)["home"]["id"], home, "which the next session has")
    w.ada.wait_state(again, "running", timeout=60)
    t.eq(w.ada.delete(f"/api/v1/homes/{home}").code, "home_in_use", "nobody deletes it under that")
    w.ada.terminate(again)
    w.ada.wait_state(again, "terminated", timeout=60)
    w.ada.must("DELETE", f"/api/v1/homes/{home}")
    wait_for("the home to be deleted", lambda: w.ada.must("GET", f"/api/v1/homes/{home}")["state"] == "deleted")
    wait_for("the end of its claim", lambda: get("pvc", home, w.space) is None)
    t.ok(True, "deleted by hand: its claim is gone")
    events = [e for e in states if e != "pending"]
    t.eq(events[-1], "running", f"states on the way: {states}")


def projections(t, w):
    """All custom resources deleted under running sessions; one edited; one edited behind our back."""
    sessions = [w.ada.create("editor")["id"] for _ in range(4)]
    for session in sessions:
        w.ada.wait_state(session, "running", timeout=60)
    w.ada.hibernate(sessions[3])
    w.ada.wait_state(sessions[3], "hibernated", timeout=60)
    w.agree(t, "with three running and one hibernated")
    before = {s: (w.deployment(s)["metadata"]["uid"], w.deployment(s)["metadata"]["generation"], w.pods(s))
              for s in sessions}
    kubectl("delete", "sessions,templates", "--all", "-n", w.space)
    wait_for("the resources to come back",
             lambda: len(get("sessions", namespace=w.space)) == 4 and len(get("templates", namespace=w.space)) == 1)
    w.agree(t, "after all custom resources were deleted")
    after = {s: (w.deployment(s)["metadata"]["uid"], w.deployment(s)["metadata"]["generation"], w.pods(s))
             for s in sessions}
    t.eq(after, before, "no Deployment was replaced or changed and no pod restarted")
    states = [w.ada.session(s)["state"] for s in sessions]
    t.eq(states, ["running"] * 3 + ["hibernated"], "and nobody saw anything of it")

    patch = json.dumps({"spec": {"state": "hibernated", "idleTimeout": "1h", "tags": ["text", "more"]}})
    kubectl("patch", "session", sessions[0], "-n", w.space, "--type=merge", "-p", patch)
    w.agree(t, "after somebody edited a resource")
    spec = get("session", sessions[0], w.space)["spec"]
    t.eq([spec["state"], spec.get("idleTimeout"), spec["tags"]], ["running", None, ["text"]],
         "what was changed is as it was, what was added is gone")
    kubectl("patch", "template", "editor.default", "-n", w.space, "--type=merge", "-p",
            json.dumps({"spec": {"displayName": "Hacked", "vnc": {"port": 1}, "category": "Games"}}))
    w.agree(t, "after somebody edited a template")
    kubectl("patch", "session", sessions[1], "-n", w.space, "--subresource=status", "--type=merge",
            "-p", json.dumps({"status": {"phase": "Failed"}}))
    w.agree(t, "after somebody edited a status")

    w.stop_agent()
    w.agree(t, "with the agent stopped (nothing changed since)")
    kubectl("patch", "session", sessions[2], "-n", w.space, "--type=merge", "-p", json.dumps({"spec": {"state": "hibernated"}}))
    code, text = w.compare()
    t.ok(code == 1 and "spec.state" in text, "control: an edit while the agent is stopped is seen by the comparison")
    w.run_agent()
    w.agree(t, "after the agent came back")
    t.eq({s: w.pods(s) for s in sessions}, {s: before[s][2] for s in sessions}, "still no pod restarted")

    # Everything of one session gone, resource and compute: it comes back as well.
    kubectl("delete", "session,deployment,service", sessions[0], "-n", w.space, "--cascade=foreground")
    wait_for("the Deployment to come back", lambda: w.deployment(sessions[0]))
    w.ada.wait_state(sessions[0], "running", timeout=60)
    w.agree(t, "after somebody deleted all of a session")
    return sessions


def trouble(t, w):
    """What keeps a pod from starting is told to the user, and in the resource."""
    big = dict(world.TEMPLATE, defaultResources={"memory": "5000Gi", "cpu": "1"}, displayName="Big")
    w.template("big", big)
    session = w.ada.create("big")["id"]
    wait_for("the reason", lambda: w.ada.session(session)["reason"] == "Unschedulable")
    now = w.ada.session(session)
    t.eq([now["state"], now["reason"]], ["starting", "Unschedulable"], "a pod that fits nowhere: the user sees why")
    resource = wait_for("the resource's reason", lambda: next(
        (c for c in get("session", session, w.space).get("status", {}).get("conditions", [])
         if c["type"] == "Ready" and c["reason"] == "Unschedulable"), None))
    t.like(resource["message"], "[Ii]nsufficient memory", "and so does kubectl, with the scheduler's words")
    w.ada.terminate(session)
    w.ada.wait_state(session, "terminated", timeout=60)
    w.agree(t, "after a session that never ran")

    control("freeze", "kwok")  # pods stay as we make them
    try:
        session = w.ada.create("editor")["id"]
        pod = wait_for("its pod", lambda: w.of("pods", session))[0]["metadata"]["name"]

        def waiting(reason, message, restarts=0):
            status = {"status": {"containerStatuses": [{
                "name": "desktop", "image": "x", "imageID": "", "ready": False, "restartCount": restarts,
                "state": {"waiting": {"reason": reason, "message": message}}}]}}
            kubectl("patch", "pod", pod, "-n", w.space, "--subresource=status", "--type=merge", "-p", json.dumps(status))

        waiting("ImagePullBackOff", 'Back-off pulling image "example.org/editor:1"')
        wait_for("the reason", lambda: w.ada.session(session)["reason"] == "ImagePullBackOff")
        t.eq(w.ada.session(session)["state"], "starting", "an image that cannot be pulled: said, and tried further")
        waiting("CrashLoopBackOff", "back-off 40s restarting failed container", restarts=3)
        now = w.ada.wait_state(session, "failed", timeout=60)
        t.eq(now["reason"], "CrashLoopBackOff", "a program that crashes again and again fails the session")
        kubectl("delete", "pod", pod, "-n", w.space, "--grace-period=0", "--force", check=False)
        w.agree(t, "after a session failed: no compute, and the reason in the resource")
        t.ok(get("pvc", w.ada.session(session)["home"]["id"], w.space), "its home is kept")
        w.ada.terminate(session)
        w.ada.wait_state(session, "terminated", timeout=60)
    finally:
        control("thaw", "kwok")
    w.agree(t, "after the failed session was terminated")


def uninstall(t, w):
    """The ConfigMap of the installation gone: its objects go with it, and what is wanted comes back."""
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=60)
    old = w.deployment(session)["metadata"]["uid"]
    kubectl("delete", "configmap", "streamspace-installation", "-n", w.space)
    wait_for("the collection of the Deployment", lambda: (
        w.deployment(session) or {"metadata": {"uid": None}})["metadata"]["uid"] != old)
    t.ok(True, "what belongs to the ConfigMap goes with it")
    w.agree(t, "after it was deleted by hand: the sessions run again", timeout=120)
    w.ada.terminate(session)
    w.ada.wait_state(session, "terminated", timeout=60)


def doctor(t, w):
    program = [harness.BUILD / "streamspace-agent", "--platform", "kubernetes", "--control-plane-url",
               f"http://127.0.0.1:{w.port}", "--agent-id", world.AGENT, "--state-dir", w.dir / "doctor",
               "--namespace", w.space, "--kubeconfig"]

    def ask(config):
        return subprocess.run([*program, config, "doctor"], capture_output=True, text=True, timeout=120)

    done = ask(w.kubeconfig)
    found = [line for line in done.stdout.splitlines() if "kubernetes." in line]
    t.eq(len(found), 8, "doctor looks at the credentials and at each kind that the agent needs")
    t.eq([line for line in found if "forbidden" in line], [], "and finds nothing missing")
    poor = w.dir / "poor"
    kubectl("create", "serviceaccount", "poor", "-n", w.space)
    token = kubectl("create", "token", "poor", "-n", w.space).stdout.strip()
    cluster.write_kubeconfig(poor, {"token": token})
    done = ask(poor)
    t.like(done.stdout, r"deployments.*forbidden", "an account without rights: it says which right is missing")
    t.eq(done.returncode, 7, "and its exit status says that something is missing")
    t.ok(token not in done.stdout + done.stderr, "and no token is printed")


def rights(t, w):
    """The Role holds exactly what the agent did."""
    user = f"system:serviceaccount:{w.space}:streamspace-agent"
    used, refused = set(), []
    for line in (cluster.folder() / "audit.log").read_text().splitlines():
        event = json.loads(line)
        if event["user"].get("username") != user:  # a refused token has none
            continue
        what = event["objectRef"]
        if event.get("responseStatus", {}).get("code") == 403:
            refused.append(event["requestURI"])
        name = what["resource"] + ("/" + what["subresource"] if "subresource" in what else "")
        used.add((what.get("apiGroup", ""), name, event["verb"]))
    t.eq(refused, [], "nothing that the agent asked for was forbidden to it")
    rules = (get("role", "streamspace-agent", w.space)["rules"] +
             get("role", "streamspace-agent-identity", w.control)["rules"])
    allowed = {(group, resource, verb) for rule in rules for group in rule["apiGroups"]
               for resource in rule["resources"] for verb in rule["verbs"]}
    t.ok(used <= allowed, "it used no other verb")
    # Creating through apply needs `create`, which the log shows as the patch that it was.
    # Nobody looks here: what is written of viewers stands in test_connections.py, against the same log.
    unused = {(g, r, v) for g, r, v in allowed - used if v != "create" and (r, v) not in (
        ("templates", "delete"), ("connections", "patch"), ("connections", "delete"), ("connections/status", "patch"))}
    t.eq(unused, set(), "and none is allowed that it does not use (deletes of templates aside)")


def main(t):
    with world.World(election=True) as w:
        parts = {"life": life, "projections": projections, "trouble": trouble,
                 "uninstall": uninstall, "doctor": doctor, "rights": rights}
        for name, part in parts.items():
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            t.note(name)
            part(t, w)
        w.stop_agent()
        code = w.server.stop()
        t.eq([code, w.server.complaints(), w.agent.complaints()], [0, [], []],
             "server and agent end well, and no sanitizer complained")


if __name__ == "__main__":
    cluster.main(main, database=True)
