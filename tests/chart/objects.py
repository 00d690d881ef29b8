#!/usr/bin/env python3
"""What the rendered objects may and must be: rights, Pod Security, probes, disruption budgets, Secrets in few hands.

Every rule of every rendering stands in rules.txt, written by hand. The rules of the agent and of the cleanup are those of
tests/cluster/agent-role.yaml and cleanup-role.yaml, which other tests compare with the API server's audit log.
"""

import re

import yaml

import chart
import tap

RBAC = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}


def rules(objects):
    """`KIND NAMESPACE/NAME: …`, one line a rule or subject."""
    for o in sorted((o for o in objects if o["kind"] in RBAC), key=chart.name):
        if "rules" in o:
            for rule in o["rules"]:
                groups = ",".join(group or "core" for group in rule["apiGroups"])
                names = "[" + ",".join(rule["resourceNames"]) + "]" if "resourceNames" in rule else ""
                yield f"{chart.name(o)}: {groups} {','.join(rule['resources'])}{names} {','.join(rule['verbs'])}"
        else:
            for s in o["subjects"]:
                yield f"{chart.name(o)}: {o['roleRef']['kind']} {o['roleRef']['name']} to {s['kind']} {s['namespace']}/{s['name']}"


def by_hand(variant):
    lines, on = [], False
    for line in (chart.HERE / "rules.txt").read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            on = variant in line.strip("[]").split()
        elif line and on:
            lines.append(line)
    return sorted(lines)


def rights(t):
    for variant in chart.VARIANTS:
        objects = chart.render(variant)
        t.eq(sorted(rules(objects)), by_hand(variant), f"{variant}: the rules are those of rules.txt")
        if variant != "crds":
            t.eq([chart.name(o) for o in objects if o["kind"].startswith("Cluster")], [], f"{variant}: no right in the whole cluster")
        homeless = [chart.name(o) for o in objects if not o["metadata"].get("namespace") and o["kind"] != "Namespace"
                    and not o["kind"].startswith("Cluster")]
        t.eq(homeless, [], f"{variant}: every object names its namespace, whatever `helm -n` says")
        for line in rules(objects):
            if "*" in line:
                t.fail(f"{variant}: no wildcard", line)


def roles_of_the_tests(t):
    """The agent's rules are those that the tests of the cluster run with."""
    text = (chart.ROOT / "tests/cluster/agent-role.yaml").read_text()
    tested = [o for o in yaml.safe_load_all(text) if o and o["kind"] == "Role"]
    plane = {"CONTROL": "streamspace", "NAMESPACE": "streamspace-sessions"}

    def spoken(objects, rename):
        return sorted(rename(re.sub(r"^Role \S+/\S+?(-identity)?:", r"Role\1:", line)) for line in rules(objects))

    text = (chart.ROOT / "tests/cluster/cleanup-role.yaml").read_text()
    want = spoken((o for o in yaml.safe_load_all(text) if o), lambda line: line)
    got = spoken([o for o in chart.render("record") if o["metadata"]["name"].endswith("-cleanup")], lambda line: line)
    t.eq([line for line in got if line.startswith("Role:")], [line for line in want if line.startswith("Role:")],
         "the cleanup's rules are those of tests/cluster/cleanup-role.yaml")

    ours = [o for o in chart.render("record") if o["kind"] == "Role" and "k8s-agent" in o["metadata"]["name"]]
    identity = "streamspace-k8s-agent-identity"
    got = spoken(ours, lambda line: line.replace(identity, "streamspace-agent-identity"))
    want = spoken(tested, lambda line: line)
    t.eq(got, want, "the agent's rules are those of tests/cluster/agent-role.yaml")
    for o in ours:
        where = "CONTROL" if o["metadata"]["name"] == identity else "NAMESPACE"
        t.eq(o["metadata"]["namespace"], plane[where], f"{chart.name(o)} lies in {where.lower()}")


def pod_security(t):
    """The standard `restricted`, and a root file system that cannot be written to. The API server judges it too (install.py)."""
    for variant in chart.VARIANTS:
        for o, pod in chart.pods(chart.render(variant)):
            spec, wrong = pod["spec"], []
            context = spec.get("securityContext", {})
            if not (context.get("runAsNonRoot") and context.get("seccompProfile") == {"type": "RuntimeDefault"}):
                wrong.append("securityContext")
            wrong += [key for key in ("hostNetwork", "hostPID", "hostIPC", "hostUsers") if key in spec]
            for volume in spec.get("volumes", []):
                kind = next(k for k in volume if k != "name")
                if kind not in ("emptyDir", "secret", "configMap"):
                    wrong.append(f"volume {volume['name']}: {kind}")
                if kind == "emptyDir" and "sizeLimit" not in volume[kind]:
                    wrong.append(f"volume {volume['name']} without sizeLimit")
            for c in chart.containers(pod):
                if c["securityContext"] != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                            "capabilities": {"drop": ["ALL"]}}:
                    wrong.append(f"{c['name']}: securityContext")
                if not (c["resources"].get("requests", {}).get("memory") and c["resources"].get("limits", {}).get("memory")):
                    wrong.append(f"{c['name']}: memory without request or limit")
                if "hostPort" in str(c.get("ports", "")):
                    wrong.append(f"{c['name']}: hostPort")
            t.eq(wrong, [], f"{variant}: pods of {chart.name(o)} are restricted")
            token = spec.get("automountServiceAccountToken")
            t.ok(token is False or "serviceAccountName" in spec, f"{variant}: {chart.name(o)} has no token of a service account, or one of its own")


def secrets_in_few_hands(t):
    """Which pods mount which Secret; no variable of any container comes from one."""
    readers, variables = {}, []
    for o, pod in chart.pods(chart.render("record")):
        for volume in pod["spec"].get("volumes", []):
            if "secret" in volume:
                readers.setdefault(volume["secret"]["secretName"], set()).add(pod["metadata"]["labels"]["app.kubernetes.io/component"])
        variables += [f"{c['name']} {e['name']}" for c in chart.containers(pod) for e in c.get("env", []) if "secret" in str(e.get("valueFrom"))]
    t.eq({k: sorted(v) for k, v in readers.items()}, {
        "streamspace-postgresql": ["migrate", "postgresql"],
        "streamspace-database": ["api", "init", "migrate"],
        "streamspace-redis": ["redis"],
        "streamspace-cleanup": ["cleanup", "init"],
        "streamspace-admin": ["init"],
        "streamspace-enrolment": ["init", "k8s-agent"],
    }, "each Secret is mounted where it is needed and nowhere else")
    t.eq(variables, [], "no variable of a container is a secret")
    there = {o["metadata"]["name"] for o in chart.render("record") if o["kind"] == "Secret"}
    t.eq(there, set(readers) | {"streamspace-k8s-agent-identity"}, "and every Secret that the chart makes is used")
    for variant in chart.VARIANTS:
        t.eq([chart.name(o) for o in chart.render(variant) if o["kind"] == "Secret" and o["metadata"]["namespace"] == "streamspace-sessions"],
             [], f"{variant}: none lies beside the sessions")
    made = [o["metadata"]["name"] for o in chart.render("existing") if o["kind"] == "Secret"]
    t.eq(made, ["streamspace-k8s-agent-identity"], "with Secrets of one's own the chart makes none but the agent's empty one")


def availability(t):
    def of(kind, *words):
        return {o["metadata"]["name"] for o in chart.render("record", *words) if o["kind"] == kind}
    t.eq(of("PodDisruptionBudget"), {"streamspace-api"}, "a disruption budget where there are two replicas, and only there")
    t.eq(of("PodDisruptionBudget", "--set", "api.replicas=1"), set(), "none for one replica: it would stop every drain")
    ha = chart.render("ha")
    t.eq({o["metadata"]["name"] for o in ha if o["kind"] == "PodDisruptionBudget"},
         {"streamspace-api", "streamspace-ui", "streamspace-k8s-agent"}, "ha: one each")
    scaled = {o["spec"]["scaleTargetRef"]["name"] for o in ha if o["kind"] == "HorizontalPodAutoscaler"}
    t.eq(scaled, {"streamspace-ui"}, "ha: what scales has an autoscaler")
    fixed = {o["metadata"]["name"]: o["spec"].get("replicas") for o in ha if o["kind"] == "Deployment"}
    t.eq(fixed, {"streamspace-api": 3, "streamspace-ui": None, "streamspace-k8s-agent": 2}, "ha: and no number that an upgrade would reset")
    spread = {o["metadata"]["name"] for o in ha if o["kind"] == "Deployment" and "topologySpreadConstraints" in o["spec"]["template"]["spec"]}
    t.eq(spread, set(fixed), "ha: the pods of each go to different nodes and zones")
    for o in chart.render("record"):
        if o["kind"] in ("Deployment", "StatefulSet"):
            probes = set(o["spec"]["template"]["spec"]["containers"][0]) & {"readinessProbe", "livenessProbe"}
            want = set() if o["metadata"]["name"].endswith("k8s-agent") else {"readinessProbe", "livenessProbe"}
            t.eq(probes, want, f"{chart.name(o)} is probed (the agent has no port)")


def jobs(t):
    """A Job is never changed: its name follows the revision and what it is made of."""
    def names(*words):
        return sorted(o["metadata"]["name"] for o in chart.render("record", *words) if o["kind"] == "Job")
    t.eq([re.sub(r"[0-9a-f]{8}$", "HASH", n) for n in names()], ["streamspace-init-1-HASH", "streamspace-migrate-1-HASH"],
         "Jobs are named by revision and content")
    t.ok(not set(names()) & set(names("--set", "image.tag=other")), "another image, another name")
    t.eq(names(), names("--set", "ui.replicas=2"), "what they do not depend on leaves their names")
    for variant in chart.VARIANTS:
        hooks = [chart.name(o) for o in chart.render(variant) if o["metadata"].get("annotations", {}).get("helm.sh/hook", "test") != "test"]
        t.eq(hooks, ["Job streamspace/streamspace-crds"] if variant == "crds" and hooks else [], f"{variant}: no hook that an installation waits for")


def keeps(t):
    kept = [chart.name(o) for o in chart.render("record") if o["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"]
    t.eq(sorted(kept), ["Namespace -/streamspace", "Namespace -/streamspace-sessions"], "an uninstall keeps the namespaces, nothing else")
    for o in chart.render("record"):
        if o["kind"] == "Namespace":
            t.eq(o["metadata"]["labels"].get("pod-security.kubernetes.io/enforce"), "restricted", f"{chart.name(o)} enforces `restricted`")
    claim = next(o for o in chart.render("record") if o["kind"] == "StatefulSet")["spec"]["persistentVolumeClaimRetentionPolicy"]
    t.eq(claim["whenDeleted"], "Delete", "the bundled database goes with its password")
    words = ("--set", "postgresql.persistence.retain=true")
    kept = [o["metadata"]["name"] for o in chart.render("record", *words) if o["kind"] == "Secret" and "annotations" in o["metadata"]]
    t.eq(kept, ["streamspace-postgresql"], "or stays with it")


def main(t):
    rights(t)
    roles_of_the_tests(t)
    pod_security(t)
    secrets_in_few_hands(t)
    availability(t)
    jobs(t)
    keeps(t)


if __name__ == "__main__":
    tap.run(main)
