#!/usr/bin/python3
"""The Kubernetes driver by itself: what it refuses, what it repeats without effect, what it leaves."""

import atexit
import os
import pathlib
import shutil
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402
from probe import Driver  # noqa: E402

DIR = pathlib.Path(tempfile.mkdtemp(prefix="streamspace-driver."))
atexit.register(shutil.rmtree, DIR, ignore_errors=True)


def place(prefix):
    """A namespace with the agent's rights, and its kubeconfig."""
    space = cluster.namespace(prefix)
    config = DIR / space
    cluster.agent_identity(space, config)
    return space, config


def pods(space, session):
    return sorted(p["metadata"]["uid"] for p in
                  get("pods", namespace=space, selector=f"stream.space/session-id={session}"))


def repeats(t, driver, space):
    # A start says "starting" when a reason has shown for 5 s, as the scheduler's does while its nodes are young.
    wait_for("a cluster that runs pods",
             lambda: driver.session("start_session", "s-warm", 1, "running")["state"] == "running")
    driver.session("stop_session", "s-warm", 2, "terminated", deletePVC=True)
    first = driver.session("start_session", "s-again", 1, "running")
    t.eq([first["rc"], first["state"], first["revision"]], [0, "running", 1], "a start ends when the pod is ready")
    before = get("deployment", "s-again", space)
    running = pods(space, "s-again")
    again = driver.session("start_session", "s-again", 1, "running")
    t.eq([again["state"], again["uid"]], ["running", first["uid"]], "the same start again: the same answer")
    newer = driver.session("start_session", "s-again", 2, "running", tags=["three"])
    t.eq(newer["revision"], 2, "a newer revision is written on the objects")
    after = get("deployment", "s-again", space)
    t.eq([after["metadata"]["uid"], after["metadata"]["generation"], pods(space, "s-again")],
         [before["metadata"]["uid"], before["metadata"]["generation"], running],
         "and neither changes the Deployment's spec or restarts a pod")
    older = driver.session("hibernate_session", "s-again", 1, "hibernated")
    t.eq([older["rc"], older["state"], older["revision"]], [0, "running", 2],
         "an older command has no effect, and answers with what there is")
    t.eq(get("deployment", "s-again", space)["spec"]["replicas"], 1, "the session runs on")
    driver.session("hibernate_session", "s-again", 3, "hibernated")
    again = driver.session("hibernate_session", "s-again", 3, "hibernated")
    t.eq([again["rc"], again["state"], pods(space, "s-again")], [0, "hibernated", []], "hibernate, twice")
    driver.session("wake_session", "s-again", 4, "running", state="waking")
    gone = driver.session("stop_session", "s-again", 5, "terminated")
    again = driver.session("stop_session", "s-again", 5, "terminated")
    t.eq([gone["state"], again["rc"], again["state"]], ["terminated", 0, "terminated"], "terminate, twice")
    t.ok(get("pvc", "s-again-home", space), "the home stays")
    again = driver.session("stop_session", "s-again", 5, "terminated", deletePVC=True)
    wait_for("the end of the home", lambda: get("pvc", "s-again-home", space) is None)
    t.eq(again["rc"], 0, "unless the control plane says otherwise")


def homes(t, driver, space):
    """A home is a claim that is called by its own id, which one session after the other mounts, and a command deletes."""
    def claim(session):
        volumes = get("deployment", session, space)["spec"]["template"]["spec"]["volumes"]
        return [v["persistentVolumeClaim"]["claimName"] for v in volumes if "persistentVolumeClaim" in v]

    home = {"id": "h-one", "sizeMib": 512}
    driver.session("start_session", "s-first", 1, "running", home=home)
    made = get("pvc", "h-one", space)
    t.eq([claim("s-first"), made["spec"]["resources"]["requests"]["storage"]], [["h-one"], "512Mi"], "a claim called by its id, of its size")
    t.eq([made["metadata"]["labels"].get("stream.space/home-id"), made["metadata"]["labels"].get("stream.space/session-id"),
          made["metadata"].get("ownerReferences")], ["h-one", None, None], "which belongs to no session and nobody")
    t.eq(get("pvc", "s-first-home", space), None, "and no claim called by the session")
    t.eq(driver.command("remove", "h-one", 1, kind="home").get("code"), "home_in_use", "it is not deleted while its session runs")
    driver.session("hibernate_session", "s-first", 2, "hibernated", home=home)
    t.eq(driver.command("remove", "h-one", 1, kind="home").get("code"), "home_in_use", "nor while it sleeps")
    t.eq(driver.inventory()[("home", "h-one")]["uid"], made["metadata"]["uid"], "the inventory names it")
    driver.session("stop_session", "s-first", 3, "terminated", home=home, deletePVC=True)
    t.eq(get("pvc", "h-one", space)["metadata"]["uid"], made["metadata"]["uid"], "its session's end never takes it along")
    driver.session("start_session", "s-second", 1, "running", home=home)
    t.eq([claim("s-second"), get("pvc", "h-one", space)["metadata"]["uid"]], [["h-one"], made["metadata"]["uid"]], "the next session mounts the same")
    driver.session("stop_session", "s-second", 2, "terminated", home=home)
    for what in ("deleted by a command", "twice is once"):
        answer = driver.command("remove", "h-one", 2, kind="home")
        t.eq([answer["rc"], answer["state"]], [0, "removed"], what)
        wait_for("the end of the claim", lambda: get("pvc", "h-one", space) is None)

    # Of before: called by its session. A claim cannot be renamed; it is found under both names.
    driver.session("start_session", "s-before", 1, "running")
    old = get("pvc", "s-before-home", space)["metadata"]["uid"]
    t.ok(("home", "h-before") in driver.inventory(), "a home of before has the number of its session")
    t.eq(driver.command("remove", "h-before", 1, kind="home").get("code"), "home_in_use", "which uses it")
    before = get("deployment", "s-before", space)["metadata"]["generation"]
    driver.session("start_session", "s-before", 2, "running", home={"id": "h-before", "sizeMib": None})
    t.eq([claim("s-before"), get("deployment", "s-before", space)["metadata"]["generation"], get("pvc", "h-before", space)],
         [["s-before-home"], before, None], "told by its number it is the same claim, and no pod is restarted")
    driver.session("stop_session", "s-before", 3, "terminated", home={"id": "h-before", "sizeMib": None})
    driver.session("start_session", "s-after", 1, "running", home={"id": "h-before", "sizeMib": None})
    t.eq([claim("s-after"), get("pvc", "s-before-home", space)["metadata"]["uid"]], [["s-before-home"], old], "the next session mounts it")
    driver.session("stop_session", "s-after", 2, "terminated", home={"id": "h-before", "sizeMib": None})
    driver.command("remove", "h-before", 2, kind="home")
    wait_for("the end of the claim", lambda: get("pvc", "s-before-home", space) is None)
    t.ok(True, "and a command deletes it")
    theirs = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "h-theirs", "namespace": space},
              "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    cluster.apply(theirs)
    t.eq(driver.command("remove", "h-theirs", 1, kind="home").get("code"), "foreign_object", "a claim of somebody else is not deleted")
    t.eq(driver.session("start_session", "s-thief", 1, "running", home={"id": "h-theirs"}).get("code"), "foreign_object", "nor mounted")
    t.eq(driver.command("remove", "s-first", 1, kind="home").get("code"), "invalid_name", "what is no home is not deleted")


def foreign(t, driver, space):
    """Objects with our names that are not ours are left alone, loudly."""
    labels = {"app": "theirs"}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "s-taken", "namespace": space},
                  "spec": {"replicas": 0, "selector": {"matchLabels": labels},
                           "template": {"metadata": {"labels": labels},
                                        "spec": {"containers": [{"name": "c", "image": "theirs"}]}}}}
    cluster.apply(deployment)
    version = get("deployment", "s-taken", space)["metadata"]["resourceVersion"]
    for action, desired in (("start_session", "running"), ("hibernate_session", "hibernated"),
                            ("stop_session", "terminated")):
        answer = driver.session(action, "s-taken", 1, desired)
        t.eq(answer.get("code"), "foreign_object", f"{action}: a Deployment of somebody else is a refusal")
    t.like(answer["message"], "Deployment s-taken exists and is not ours", "with its name")
    t.eq(get("deployment", "s-taken", space)["metadata"]["resourceVersion"], version, "it was not touched")
    t.eq(get("session", "s-taken", space), None, "and nothing else was made")
    kubectl("create", "service", "clusterip", "s-served", "--tcp=80", "-n", space)
    t.eq(driver.session("start_session", "s-served", 1, "running").get("code"), "foreign_object",
         "the same for a Service")
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "s-homed-home", "namespace": space},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    cluster.apply(claim)
    t.eq(driver.session("start_session", "s-homed", 1, "running").get("code"), "foreign_object",
         "a home of somebody else is not mounted")
    t.eq(get("deployment", "s-homed", space), None, "no Deployment was made for it")
    cluster.apply({"apiVersion": "stream.space/v1alpha1", "kind": "Template",
                   "metadata": {"name": "hand-made", "namespace": space}, "spec": {"baseImage": "x"}})
    answer = driver.command("apply", "hand-made", 1, kind="template", spec={"baseImage": "y"})
    t.eq(answer.get("code"), "foreign_object", "a Template that somebody made by hand is not taken over")
    t.eq(driver.command("remove", "hand-made", 1, kind="template").get("code"), "foreign_object", "nor removed")
    t.eq(driver.session("start_session", "S_Bad", 1, "running").get("code"), "invalid_name",
         "an id that cannot name objects is refused")
    seen = driver.inventory()
    t.eq([key for key in seen if key[1] in ("s-taken", "s-served", "hand-made")], [], "none of them is in the inventory")


def installations(t, space, config):
    with Driver(config, space, agent="agent-1", installation="inst-2") as other:
        answer = other.session("start_session", "s-other", 1, "running")
        t.eq(answer.get("code"), "installation_mismatch", "a second installation in the same namespace is refused")
        t.eq(get("session", "s-other", space), None, "and leaves nothing")
    with Driver(config, space, agent="agent-2") as other:
        answer = other.session("hibernate_session", "s-kept", 9, "hibernated")
        t.eq(answer.get("code"), "foreign_object", "another agent's session is not this agent's")
        t.eq(list(other.inventory()), [], "and not in its inventory")


def shapes(t, driver, space):
    answer = driver.session("start_session", "s-small", 1, "running", persistentHome=False,
                            template={"vnc": {"enabled": True}, "volumeMounts": [
                                {"name": "cache", "mountPath": "/var/cache/app"}]})
    t.eq(answer["rc"], 0, "a session without a persistent home")
    t.eq(get("pvc", "s-small-home", space), None, "has no claim")
    pod = get("deployment", "s-small", space)["spec"]["template"]["spec"]
    t.eq({v["name"]: set(v) - {"name"} for v in pod["volumes"]},
         {"home": {"emptyDir"}, "extra-0": {"emptyDir"}, "tmp": {"emptyDir"}}, "every mount is empty at start")
    t.eq(get("service", "s-small", space)["spec"]["ports"][0]["port"], 5900, "the port of RFB unless the template says another")
    secret = {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"name": "B", "value": "b"}]}
    driver.session("start_session", "s-env", 1, "running", template=secret)
    env = get("deployment", "s-env", space)["spec"]["template"]["spec"]["containers"][0]["env"]
    t.eq(env, [{"name": "A"}, {"name": "B", "value": "b"}], "a template cannot read a Secret")
    stopped = driver.session("stop_session", "s-env", 2, "stopped", reason="start_timeout", message="it took too long")
    t.eq([stopped["rc"], get("deployment", "s-env", space), pods(space, "s-env")], [0, None, []], "stopped: the compute is gone")

    def failed():
        status = get("session", "s-env", space).get("status", {})
        ready = [c for c in status.get("conditions", []) if c["type"] == "Ready"]
        return status.get("phase") == "Failed" and (ready[0]["reason"], ready[0]["message"])

    t.eq(wait_for("the status", failed), ("start_timeout", "it took too long"), "the resource stays, and says why")
    t.eq(driver.inventory()["session", "s-env"]["revision"], 2, "it is whole in the inventory")
    orphan = driver.command("stop_session", "s-small", 3, sessionId="s-small", desiredState="terminated")
    t.eq([orphan["rc"], get("session", "s-small", space)], [0, None], "a stop that knows nothing but the id ends all")
    bad = driver.session("start_session", "s-bad", 1, "running", memory="lots")
    t.eq(bad.get("code"), "kube_invalid", "what the API server refuses is said in its words")
    t.like(bad["message"], "memory", "with the field")
    bad = driver.session("start_session", "s-bare", 1, "running", template={"baseImage": ""})
    t.eq(bad.get("code"), "no_image", "a template without an image")


def templates(t, driver, space):
    spec = {"displayName": "E", "baseImage": "x:1", "ports": [{"containerPort": 1}], "vnc": {"port": 5902},
            "unknown": {"a": 1}, "env": [{"name": "A", "value": "1", "valueFrom": {}}]}
    made = driver.command("apply", "editor.default", 3, kind="template", spec=spec)
    t.eq([made["rc"], made["state"]], [0, "applied"], "a template with fields that the resource does not have")
    again = driver.command("apply", "editor.default", 2, kind="template", spec={"baseImage": "old"})
    t.eq([again["revision"], get("template", "editor.default", space)["spec"]["baseImage"]], [3, "x:1"],
         "an older template does not replace a newer one")
    t.eq(driver.inventory()["template", "editor.default"]["revision"], 3, "it is in the inventory as it is")
    kubectl("patch", "template", "editor.default", "-n", space, "--type=merge", "-p", '{"spec":{"category":"Games"}}')
    t.eq(driver.inventory()["template", "editor.default"]["revision"], 0, "edited by hand: revision 0")
    whole = yaml.safe_load((pathlib.Path(__file__).parent / "manifests" / "template-parameters.yaml").read_text())["spec"]
    driver.command("apply", "studio.default", 1, kind="template", spec=whole)
    t.eq(get("template", "studio.default", space)["spec"], whole, "parameters, bounds, placement and retry arrive as they are")
    driver.command("apply", "editor.default", 3, kind="template", spec=spec)
    t.ok("category" not in get("template", "editor.default", space)["spec"], "and what was added is taken away")
    only = driver.command("apply", "local.default", 1, kind="template", spec={"displayName": "L", "command": ["xterm"]})
    status = get("template", "local.default", space)["status"]
    t.eq([only["rc"], status["phase"], status["valid"], status["conditions"][0]["reason"]],
         [0, "Invalid", False, "NoImage"], "a template that no pod can be made from says so")
    removed = driver.command("remove", "editor.default", 4, kind="template")
    again = driver.command("remove", "editor.default", 4, kind="template")
    t.eq([removed["state"], again["rc"], get("template", "editor.default", space)], ["removed", 0, None], "remove, twice")


def inventories(t, driver, space):
    driver.session("start_session", "s-kept", 1, "running")
    whole = driver.inventory()["session", "s-kept"]
    deployment = get("deployment", "s-kept", space)["metadata"]["uid"]
    t.eq([whole["revision"], whole["state"], whole["uid"]], [1, "running", deployment], "a whole session")
    asked = len(driver.seen(resync=True))
    kubectl("delete", "session", "s-kept", "-n", space)
    wait_for("a question", lambda: len(driver.seen(resync=True)) > asked)
    t.eq(driver.inventory()["session", "s-kept"]["revision"], 0, "its resource deleted: asked at once, revision 0")
    answer = driver.session("start_session", "s-kept", 1, "running")
    t.eq([answer["uid"], driver.inventory()["session", "s-kept"]["revision"]], [deployment, 1],
         "the command again: whole, with the same Deployment")
    kubectl("scale", "deployment", "s-kept", "--replicas=0", "-n", space)
    wait_for("revision 0", lambda: driver.inventory()["session", "s-kept"]["revision"] == 0)
    t.ok(True, "scaled by hand: revision 0")
    driver.session("start_session", "s-kept", 1, "running")
    kubectl("delete", "service", "s-kept", "-n", space)
    t.eq(driver.inventory()["session", "s-kept"]["revision"], 0, "its Service deleted: revision 0")
    driver.session("start_session", "s-kept", 1, "running")
    kubectl("delete", "session,deployment,service", "s-kept", "-n", space, "--cascade=foreground")
    vanished = wait_for("the vanished one", lambda: (
        lambda o: o["revision"] == 0 and o["state"] == "terminated" and o)(driver.inventory()["session", "s-kept"]))
    t.eq(vanished["uid"], "", "all of it deleted: still named, so that it is made again")
    driver.session("start_session", "s-kept", 1, "running")
    t.eq(driver.inventory()["session", "s-kept"]["state"], "running", "and it is")


def at_once(t, driver, space):
    names = [f"s-many-{i}" for i in range(12)]
    for name in names:
        driver.session("start_session", name, 1, "running", wait=False)
    done = [driver.answers.get(timeout=120) for _ in names]
    t.eq(sorted(d["done"] for d in done if d["rc"] == 0 and d["state"] == "running"), sorted(names), "12 starts at once")
    for name in names:
        driver.session("stop_session", name, 2, "terminated", wait=False)
    done = [driver.answers.get(timeout=120) for _ in names]
    t.eq([d["rc"] for d in done], [0] * 12, "and 12 ends at once")


def main(t):
    cluster.install_crds()
    space, config = place("driver")
    with Driver(config, space) as driver:
        t.eq(driver.opened["rc"], 0, "the driver opens under namespaced rights")
        for part in (repeats, homes, foreign, shapes, templates, inventories, at_once):
            t.note(part.__name__)
            part(t, driver, space)
    t.eq(driver.close(), 0, "it closes, and no sanitizer complains")
    t.eq("".join(driver.errors), "", "and wrote nothing to its log")
    installations(t, space, config)
    kubectl("delete", "namespace", space, "--wait=false")


if __name__ == "__main__":
    cluster.main(main)
