#!/usr/bin/python3
"""Where pods may run and with what: the agent's policy, the wishes of templates, and hostile templates."""

import atexit
import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
from cluster import get, kubectl  # noqa: E402
from probe import Driver  # noqa: E402

DIR = pathlib.Path(tempfile.mkdtemp(prefix="streamspace-policy."))
atexit.register(shutil.rmtree, DIR, ignore_errors=True)
HOSTILE = {
    "hostNetwork": True, "hostPID": True, "hostIPC": True, "privileged": True, "serviceAccountName": "default",
    "securityContext": {"privileged": True, "runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}},
    "volumes": [{"name": "root", "hostPath": {"path": "/"}}], "initContainers": [{"name": "x", "image": "x"}],
    "capabilities": ["Network", "SYS_ADMIN"],
    "env": [{"name": "STOLEN", "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}},
            {"name": "LANG", "value": "$(STOLEN)"}],
    "volumeMounts": [{"name": "root", "mountPath": "/host", "hostPath": "/", "subPath": "../.."},
                     {"name": "docker", "mountPath": "/var/run/docker.sock", "hostPath": {"path": "/var/run/docker.sock"}}],
    "pod": {"hostNetwork": True, "hostPath": "/", "serviceAccountName": "default", "tolerations": [{"operator": "Exists"}],
            "nodeName": "master", "securityContext": {"runAsUser": 0}, "volumes": [{"hostPath": {"path": "/"}}]},
}


def place(**policy):
    space = cluster.namespace("policy")
    cluster.agent_identity(space, DIR / space)
    for key in [k for k in os.environ if k.startswith("PROBE_")]:
        del os.environ[key]
    os.environ.update({f"PROBE_{key.upper()}": str(value) for key, value in policy.items()})
    return space, Driver(DIR / space, space)


def pod_spec(space, session):
    return get("deployment", session, space)["spec"]["template"]["spec"]


def wishes(t):
    tolerations = DIR / "tolerations.json"
    tolerations.write_text('{"tolerations": [{"key": "desktops", "operator": "Exists", "effect": "NoSchedule"}]}')
    space, driver = place(node_selector="type=kwok,kubernetes.io/os=linux", tolerations=tolerations,
                          runtime_classes=",sandbox", priority_classes="desktops,batch", pull_secrets="registry,other")
    for name in ("desktops", "batch"):
        cluster.apply({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 10, "metadata": {"name": name}})
    cluster.apply({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": "runsc", "metadata": {"name": "sandbox"}})
    with driver:
        driver.session("start_session", "s-plain", 1, "running", seconds=8)
        spec = pod_spec(space, "s-plain")
        t.eq([spec["nodeSelector"], spec["priorityClassName"], spec["imagePullSecrets"], spec.get("runtimeClassName")],
             [{"type": "kwok", "kubernetes.io/os": "linux"}, "desktops", [{"name": "registry"}], None],
             "a template that asks for nothing gets the agent's policy")
        t.eq(spec["tolerations"], [{"key": "desktops", "operator": "Exists", "effect": "NoSchedule"}], "tolerations too")
        limits = spec["containers"][0]["resources"]
        t.eq([limits["requests"], limits["limits"]], [{"cpu": "100m", "memory": "256Mi"}] * 2, "requests and limits are the session's")
        pod = {"nodeSelector": {"disk": "ssd", "type": "kwok"}, "runtimeClassName": "sandbox", "priorityClassName": "batch",
               "imagePullSecrets": ["other", "registry"]}
        driver.session("start_session", "s-asks", 1, "running", seconds=8, template={"pod": pod})
        spec = pod_spec(space, "s-asks")
        t.eq([spec["nodeSelector"], spec["runtimeClassName"], spec["priorityClassName"], spec["imagePullSecrets"]],
             [{"type": "kwok", "kubernetes.io/os": "linux", "disk": "ssd"}, "sandbox", "batch", [{"name": "other"}, {"name": "registry"}]],
             "what the lists allow a template gets, and its labels narrow the nodes")
        driver.session("start_session", "s-none", 1, "running", seconds=8, template={"pod": {"imagePullSecrets": []}})
        t.ok("imagePullSecrets" not in pod_spec(space, "s-none"), "it may ask for no pull secret")
        for what, pod, code in (
                ("a runtime class that is not listed", {"runtimeClassName": "kata"}, "runtime_class_not_allowed"),
                ("an empty one", {"runtimeClassName": ""}, "runtime_class_not_allowed"),
                ("part of a listed name", {"priorityClassName": "desk"}, "priority_class_not_allowed"),
                ("two listed names", {"priorityClassName": "desktops,batch"}, "priority_class_not_allowed"),
                ("a system class", {"priorityClassName": "system-node-critical"}, "priority_class_not_allowed"),
                ("a pull secret that is not listed", {"imagePullSecrets": ["registry", "database"]}, "pull_secret_not_allowed"),
                ("other nodes than the agent's", {"nodeSelector": {"type": "control-plane"}}, "node_selector_conflict")):
            got = driver.session("start_session", "s-refused", 1, "running", template={"pod": pod})
            t.eq([got["rc"], got.get("code"), get("deployment", "s-refused", space)], [-1, code, None],
                 f"{what}: {code}, and nothing is made")
        asleep = driver.session("hibernate_session", "s-asks", 2, "hibernated", template={"pod": {"runtimeClassName": "kata"}})
        t.eq([asleep["rc"], get("deployment", "s-asks", space)["spec"]["replicas"]], [0, 0],
             "what is no longer allowed can still go to sleep")
    kubectl("delete", "namespace", space, "--wait=false")


def hostile(t):
    space, driver = place()
    with driver:
        driver.session("start_session", "s-bad", 1, "running", template=HOSTILE)
        spec = pod_spec(space, "s-bad")
        container = spec["containers"][0]
        text = json.dumps(spec)
        for word in ("hostPath", "valueFrom", "secretKeyRef", "SYS_ADMIN", "docker.sock\", \"hostPath", "subPath", "nodeName", "privileged"):
            t.ok(word not in text, f"a hostile template gets no {word}")
        t.eq([spec.get(k) for k in ("hostNetwork", "hostPID", "hostIPC", "serviceAccountName", "tolerations", "initContainers")],
             [None] * 6, "nor the host's namespaces, another account, tolerations or more containers")
        t.eq([spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"], container["securityContext"],
              spec["automountServiceAccountToken"]],
             [True, 1000, {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, False],
             "its security context is the one of all")
        kinds = sorted(set(k for v in spec["volumes"] for k in v) - {"name"})
        t.eq(kinds, ["emptyDir", "persistentVolumeClaim"], "its volumes are its home and empty folders")
        t.eq([e for e in container["env"] if e["name"] == "STOLEN"], [{"name": "STOLEN"}], "its variables are literal")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad", "namespace": space},
           "spec": {"hostNetwork": True, "containers": [{"name": "x", "image": "x", "securityContext": {"runAsUser": 0}}]}}
    cluster.wait_for("the namespace's account", lambda: get("serviceaccount", "default", space))
    refused = cluster.apply(pod, check=False)
    if not t.ok(refused.returncode and "violates PodSecurity" in refused.stderr, "and the namespace enforces the restricted standard"):
        t.diag(refused.stdout + refused.stderr)
    kubectl("delete", "namespace", space, "--wait=false")


def options(t):
    bad = DIR / "bad.json"
    for what, content, policy in (
            ("a selector that is none", None, {"node_selector": "type"}), ("a label twice", None, {"node_selector": "a=b,a=c"}),
            ("a name with a slash", None, {"pull_secrets": "a/b"}), ("an empty name", None, {"runtime_classes": "a,,b"}),
            ("a toleration of an unknown kind", '{"tolerations": [{"keys": "x"}]}', {"tolerations": bad}),
            ("tolerations that are no list", '{"tolerations": {}}', {"tolerations": bad}),
            ("a file that is no JSON", "x", {"tolerations": bad})):
        if content:
            bad.write_text(content)
        space, driver = place(**policy)
        with driver:
            t.eq([driver.opened["rc"], driver.opened.get("code")], [-1, "invalid_option"], f"{what} is refused at the start")
        kubectl("delete", "namespace", space, "--wait=false")


def main(t):
    cluster.install_crds()
    wishes(t)
    hostile(t)
    options(t)


if __name__ == "__main__":
    cluster.main(main)
