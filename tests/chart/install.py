#!/usr/bin/env python3
"""The chart against a real API server: every rendering as a dry run, then install, two upgrades, rollback, uninstall.

Nothing runs here (pods of kwok only say so); what needs running pods is in tests/chart/node.
"""

import json
import os
import secrets

import chart
import cluster
from cluster import kubectl


def names():
    """A release with two namespaces of its own, so that several runs share a cluster."""
    tail = secrets.token_hex(3)
    return f"cp-{tail}", f"ss-{tail}"


def dry_run(t):
    """Every object of every rendering, by the API server's own defaults, validation and admission (Pod Security enforced).

    The rendered pods are dry-run as Pods too: a Deployment with a pod that its namespace refuses is accepted by itself.
    """
    for variant in chart.VARIANTS:
        plane, sessions = names()
        for space in (plane, sessions):
            cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {
                "name": space, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})
        objects = chart.render(variant, "--set", f"namespace={plane},sessionNamespace={sessions}")
        for major in chart.MAJORS:
            # Monitoring kinds have definitions of their own makers, which this cluster does not have.
            known = [o for o in chart.render(variant, "--set", f"namespace={plane},sessionNamespace={sessions}", major=major)
                     if not o["apiVersion"].startswith("monitoring.coreos.com/")]
            done = cluster.apply({"apiVersion": "v1", "kind": "List", "items": known}, "--server-side", "--dry-run=server",
                                 "--field-manager=test", check=False)
            if not t.ok(done.returncode == 0 and "Warning" not in done.stderr, f"helm {major}: the API server takes {variant}, without a warning"):
                t.diag(done.stderr)
        accounts = [o for o in objects if o["kind"] == "ServiceAccount"]
        for o in accounts:
            cluster.apply(o)
        cluster.wait_for("service accounts", lambda: cluster.get("serviceaccount", "default", plane))
        pods = []
        for o, pod in chart.pods(objects):
            claims = [{"name": c["metadata"]["name"], "emptyDir": {}} for c in o["spec"].get("volumeClaimTemplates", [])]
            pods.append({"apiVersion": "v1", "kind": "Pod",
                         "metadata": {**pod["metadata"], "name": f"p{len(pods)}", "namespace": plane},
                         "spec": {**pod["spec"], "volumes": pod["spec"].get("volumes", []) + claims}})
        done = cluster.apply({"apiVersion": "v1", "kind": "List", "items": pods}, "--server-side", "--dry-run=server",
                             "--field-manager=test", check=False)
        if not t.ok(pods and done.returncode == 0 and "Warning" not in done.stderr, f"{variant}: and its {len(pods)} pods, in a restricted namespace"):
            t.diag(done.stderr)
        pods[0]["spec"] = {**pods[0]["spec"], "securityContext": {}}
        refused = cluster.apply(pods[0], "--server-side", "--dry-run=server", "--field-manager=test", check=False)
        t.like(refused.stderr, "violates PodSecurity", f"{variant}: which would refuse one without its security context")


def data(plane):
    return {s["metadata"]["name"]: s.get("data") for s in cluster.get("secret", namespace=plane) if s["type"] == "Opaque"}


def life(t, major):
    plane, sessions = names()
    release = f"streamspace-{plane[3:]}"
    values = [*chart.RECORD, "--set", f"namespace={plane},sessionNamespace={sessions}"]

    def helm(*words, check=True):
        return chart.helm(*words, "-n", "default", "--kubeconfig", os.environ["KUBECONFIG"], major=major, check=check)

    done = helm("install", release, chart.CHART, *values)
    for what, pattern in (("the address", r"http://localhost:8080/"), ("the first log-in", rf"-n {plane} get secret {release}-admin "),
                          ("projections", r"projections of the database"), ("evaluation", r"PostgreSQL is for evaluation"),
                          ("TLS", r"No TLS"), ("network policies", r"NetworkPolicies hold only where"),
                          ("what an uninstall keeps", r"keeps the namespaces, the homes")):
        t.like(done.stdout, pattern, f"helm {major}: NOTES say {what}")
    for crd in ("sessions", "templates"):
        t.ok(cluster.get("crd", f"{crd}.stream.space"), f"helm {major}: crds/ brought {crd}")
    first = data(plane)
    t.eq(set(first), {f"{release}-{n}" for n in ("postgresql", "database", "redis", "admin", "enrolment", "cleanup", "k8s-agent-identity")},
         f"helm {major}: Secrets are made")
    t.ok(all(first[f"{release}-{n}"] for n in ("postgresql", "database", "redis", "admin", "enrolment", "cleanup")), f"helm {major}: and filled")
    # What the agent keeps of itself must outlive upgrades too.
    kubectl("patch", "secret", f"{release}-k8s-agent-identity", "-n", plane, "--type=merge", "-p", '{"data":{"key":"c2VjcmV0"}}')
    kubectl("patch", "configmap", "streamspace-installation", "-n", sessions, "--type=merge", "-p",
            '{"data":{"installationId":"i-1"},"metadata":{"labels":{"stream.space/installation-id":"i-1"}}}')
    first = data(plane)
    for turn in (1, 2):
        helm("upgrade", release, chart.CHART, *values, "--set", f"api.replicas={turn + 2}")
        t.eq(data(plane), first, f"helm {major}: upgrade {turn} changes no Secret")
    t.eq(cluster.get("deployment", f"{release}-api", plane)["spec"]["replicas"], 4, f"helm {major}: and does what it was asked")
    jobs = [j["metadata"]["name"] for j in cluster.get("job", namespace=plane)]
    t.eq(sorted(j.split("-")[-3:-1] for j in jobs), [["init", "3"], ["migrate", "3"]], f"helm {major}: Jobs of older revisions are gone")
    helm("rollback", release, "1")
    t.eq(data(plane), first, f"helm {major}: a rollback changes no Secret")
    t.eq(cluster.get("deployment", f"{release}-api", plane)["spec"]["replicas"], 2, f"helm {major}: and goes back")

    owner = cluster.get("configmap", "streamspace-installation", sessions)
    t.eq((owner["data"], owner["metadata"]["labels"]["stream.space/installation-id"]), ({"installationId": "i-1"}, "i-1"),
         f"helm {major}: nor what the agent wrote into the installation's ConfigMap")
    # As the agent makes them: what the ConfigMap owns goes with it.
    cluster.apply({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s-1", "namespace": sessions, "ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "streamspace-installation", "uid": owner["metadata"]["uid"]}]},
        "spec": {"ports": [{"port": 5900}]}})
    home = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "h-1", "namespace": sessions},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}
    cluster.apply(home)
    helm("uninstall", release)
    kinds = "deployments,statefulsets,services,configmaps,secrets,jobs,cronjobs,ingresses,networkpolicies,poddisruptionbudgets," \
            "horizontalpodautoscalers,leases,serviceaccounts,roles,rolebindings,persistentvolumeclaims"

    def left():
        found = json.loads(kubectl("get", kinds, "-n", plane, "-o", "json").stdout)["items"]
        found += json.loads(kubectl("get", kinds, "-n", sessions, "-o", "json").stdout)["items"]
        return sorted(f"{o['kind']} {o['metadata']['name']}" for o in found
                      if o["metadata"]["name"] not in ("default", "kube-root-ca.crt"))
    expected = ["PersistentVolumeClaim h-1"]
    try:
        cluster.wait_for("the end of what is ours", lambda: left() == expected)
    except cluster.Timeout:
        pass
    t.eq(left(), expected, f"helm {major}: an uninstall leaves the home, and nothing else of ours")
    t.ok(all(cluster.get("namespace", s)["status"]["phase"] == "Active" for s in (plane, sessions)), f"helm {major}: the namespaces stay")
    t.ok(cluster.get("crd", "sessions.stream.space"), f"helm {major}: and the custom resource definitions")
    helm("install", release, chart.CHART, *values)
    t.ok(set(data(plane)) >= set(first), f"helm {major}: a second installation of the same name takes the namespaces up again")
    helm("uninstall", release)


def main(t):
    dry_run(t)
    for major in chart.MAJORS:
        life(t, major)


if __name__ == "__main__":
    cluster.main(main)
