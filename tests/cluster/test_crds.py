#!/usr/bin/python3
"""The custom resource definitions against a real API server: what they take and what they refuse."""

import copy
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402

FIXTURES = pathlib.Path(__file__).resolve().parent / "manifests"
API = "stream.space/v1alpha1"


def session(name="s1", **spec):
    return {"apiVersion": API, "kind": "Session", "metadata": {"name": name},
            "spec": {"user": "ada", "template": "firefox", "state": "running", **spec}}


def template(name="t1", **spec):
    return {"apiVersion": API, "kind": "Template", "metadata": {"name": name},
            "spec": {"displayName": "T", "baseImage": "example.org/t:1", **spec}}


def connection(name="c1", **spec):
    return {"apiVersion": API, "kind": "Connection", "metadata": {"name": name},
            "spec": {"sessionID": "s1", "userID": "ada", **spec}}


def repository(name="r1", **spec):
    return {"apiVersion": API, "kind": "TemplateRepository", "metadata": {"name": name},
            "spec": {"url": "https://git.example.org/templates.git", **spec}}


# (what, object, part of the refusal)
REFUSED = [
    ("a session without a user", {**session(), "spec": {"template": "t", "state": "running"}}, "spec.user"),
    ("a session without a spec", {"apiVersion": API, "kind": "Session", "metadata": {"name": "x"}}, "spec"),
    ("an unknown state", session(state="paused"), "spec.state"),
    ("an empty user", session(user=""), "spec.user"),
    ("a user of 254 characters", session(user="a" * 254), "spec.user"),
    ("a template name with a slash", session(template="a/b"), "spec.template"),
    ("memory in words", session(resources={"memory": "much"}), "memory"),
    ("cpu with a sign", session(resources={"cpu": "-1"}), "cpu"),
    ("a timeout without a unit", session(idleTimeout="30"), "idleTimeout"),
    ("a wrong type", session(persistentHome="yes"), "persistentHome"),
    ("a tag given twice", session(tags=["a", "a"]), "tags"),
    ("65 tags", session(tags=[f"t{i}" for i in range(65)]), "tags"),
    ("an unknown field", session(image="x"), "unknown field"),
    ("an embedded pod", session(podSpec={"containers": []}), "unknown field"),
    ("a template with neither image nor command",
     {**template(), "spec": {"displayName": "T"}}, "baseImage"),
    ("a port past 65535", template(ports=[{"containerPort": 70000}]), "containerPort"),
    ("a variable from a secret", template(env=[{"name": "A", "valueFrom": {"secretKeyRef": {}}}]),
     "unknown field"),
    ("a variable given twice", template(env=[{"name": "A"}, {"name": "A"}]), "env"),
    ("a mount that leaves its place", template(volumeMounts=[{"name": "h", "mountPath": "/a/../b"}]), "mountPath"),
    ("a relative mount", template(volumeMounts=[{"name": "h", "mountPath": "home"}]), "mountPath"),
    ("an unknown capability", template(capabilities=["SYS_ADMIN"]), "capabilities"),
    ("a parameter of no known type", template(parameters=[{"name": "a", "type": "float"}]), "parameters"),
    ("a parameter given twice", template(parameters=[{"name": "a", "type": "string"}] * 2), "parameters"),
    ("an enum without values", template(parameters=[{"name": "a", "type": "enum"}]), "values"),
    ("51 parameters", template(parameters=[{"name": f"p{i}", "type": "string"} for i in range(51)]), "parameters"),
    ("a bound in words", template(resources={"cpu": {"max": "many"}}), "cpu"),
    ("a label that is no text", template(placement={"labels": {"gpu": 1}}), "labels"),
    ("21 attempts", template(retry={"attempts": 21}), "attempts"),
    ("a template's timeout without a unit", template(idleTimeout="30"), "idleTimeout"),
    ("a connection without a user", {**connection(), "spec": {"sessionID": "s1"}}, "userID"),
    ("a connection with a token", connection(token="x"), "unknown field"),
    ("an address that is none", connection(clientIP="here"), "clientIP"),
    ("a user agent of 513 characters", connection(userAgent="x" * 513), "userAgent"),
    ("a session's id with capitals", connection(sessionID="S1"), "sessionID"),
    ("a repository without an address", {**repository(), "spec": {}}, "url"),
    ("a repository in a file", repository(url="file:///etc"), "url"),
    ("a repository with a password in its address", repository(url="https://u:p@git.example.org/x"), "password"),
    ("an interval in words", repository(syncInterval="hourly"), "syncInterval"),
    ("a token without a Secret", repository(auth={"type": "token"}), "secretRef"),
    ("an unknown kind of auth", repository(auth={"type": "kerberos"}), "type"),
    ("a branch with a blank", repository(branch="a b"), "branch"),
    ("257 variables", template(env=[{"name": f"A{i}"} for i in range(257)]), "env"),
]


def open_ends(schema, path=""):
    """Places of a schema that take a text, list or map of any size, or fields that nobody knows."""
    found = [path + ": unknown fields"] if schema.get("x-kubernetes-preserve-unknown-fields") else []
    if schema.get("type") == "string" and not {"maxLength", "enum"} & set(schema):
        found.append(path)
    if schema.get("type") == "array":
        if "maxItems" not in schema or "x-kubernetes-list-type" not in schema:
            found.append(path)
        found += open_ends(schema["items"], path + "[]")
    if isinstance(schema.get("additionalProperties"), dict):
        if "maxProperties" not in schema:
            found.append(path)
        found += open_ends(schema["additionalProperties"], path + "{}")
    for name, part in schema.get("properties", {}).items():
        if path or name in ("spec", "status"):
            found += open_ends(part, f"{path}.{name}")
    return found


def unbounded(t):
    for kind in cluster.KINDS:
        crd = cluster.get("crd", f"{kind}.stream.space")
        version = crd["spec"]["versions"][0]
        # The default of a parameter is of the type that the parameter names: no schema can say that.
        known = [".spec.parameters[].default: unknown fields"] if kind == "templates" else []
        t.eq(open_ends(version["schema"]["openAPIV3Schema"]), known, f"{kind}: every text, list and map has a bound")
        t.eq([c["name"] for c in version["additionalPrinterColumns"] if not c.get("priority")],
             ["State", "Ready", "Reason", "Age"], f"{kind}: the columns")
        names = crd["spec"]["names"]
        t.ok(names["shortNames"] and names["categories"] == ["streamspace"], f"{kind}: a short name and the category")


def main(t):
    cluster.install_crds()
    space = cluster.namespace("crd")

    def dry_run(document):
        return cluster.apply(document, "-n", space, "--dry-run=server", "--validate=strict", check=False)

    for path in sorted(FIXTURES.glob("*.yaml")):
        done = dry_run(path.read_text())
        t.ok(done.returncode == 0, f"accepted: {path.name}")
        if done.returncode:
            t.diag(done.stderr)
    for what, document, part in REFUSED:
        done = dry_run(document)
        if t.ok(done.returncode != 0, f"refused: {what}"):
            t.like(done.stderr, re.escape(part), "  and the refusal names the place")

    # Rules between the old object and the new one.
    cluster.apply(session("moving"), "-n", space)
    for field, value in (("user", "bob"), ("template", "other")):
        done = cluster.apply(session("moving", **{field: value}), "-n", space, check=False)
        t.like(done.stderr, "never changes", f"the {field} of a session never changes")
    for state in ("hibernated", "running", "terminated"):
        cluster.apply(session("moving", state=state), "-n", space)
    done = cluster.apply(session("moving", state="running"), "-n", space, check=False)
    t.like(done.stderr, "stays terminated", "terminated is final")

    cluster.apply(connection("seen"), "-n", space)
    for field, value in (("userID", "bob"), ("sessionID", "s2"), ("clientIP", "192.0.2.1")):
        done = cluster.apply(connection("seen", **{field: value}), "-n", space, check=False)
        t.like(done.stderr, "never changes", f"{field} of a connection never changes")
    cluster.apply(repository("seen"), "-n", space)
    done = cluster.apply(repository("seen", url="https://git.example.org/other"), "-n", space, check=False)
    t.like(done.stderr, "never changes", "the address of a repository never changes")
    t.eq(cluster.get("templaterepository", "seen", space)["spec"]["branch"], "main", "its branch is main when none is named")
    cluster.apply(repository("seen", syncInterval="2h", auth={"type": "token", "secretRef": {"name": "git"}}), "-n", space)

    # The status is a subresource with its own bounds.
    cluster.apply(session("seen"), "-n", space)
    condition = {"type": "Ready", "status": "True", "reason": "DesktopReady", "message": "",
                 "observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z"}

    def patch(status, sub=True):
        words = ["patch", "session", "seen", "-n", space, "--type=merge", "-p", json.dumps({"status": status})]
        return cluster.kubectl(*words, *(["--subresource=status"] if sub else []), check=False)

    patch({"phase": "Running", "conditions": [condition]}, sub=False)
    seen = cluster.get("session", "seen", space)
    t.ok("status" not in seen, "a write of the object leaves its status alone")
    t.eq(patch({"phase": "Running", "podName": "p", "conditions": [condition]}).returncode, 0,
         "the status is written through its subresource")
    for what, bad in (("an unknown phase", {"phase": "Fine"}),
                      ("a condition without a reason", {"conditions": [{"type": "Ready", "status": "True"}]}),
                      ("a condition given twice", {"conditions": [condition, condition]}),
                      ("a status neither True nor False",
                       {"conditions": [{**copy.deepcopy(condition), "status": "maybe"}]})):
        t.ok(patch(bad).returncode != 0, f"refused in the status: {what}")

    def patch_of(kind, status):
        return cluster.kubectl("patch", kind, "seen", "-n", space, "--type=merge", "--subresource=status", "-p",
                               json.dumps({"status": status}), check=False).returncode
    t.eq(patch_of("connection", {"state": "active", "connectedAt": "2026-01-01T00:00:00Z", "conditions": [condition]}), 0,
         "the status of a connection")
    t.ok(patch_of("connection", {"state": "gone"}), "refused in it: an unknown state")
    t.ok(patch_of("connection", {"lastHeartbeat": "now"}), "refused in it: a time in words")
    t.eq(patch_of("templaterepository", {"phase": "Synced", "templateCount": 3}), 0, "the status of a repository")
    t.ok(patch_of("templaterepository", {"templateCount": -1}), "refused in it: a count below 0")
    for kind in ("conn", "repo"):
        shown = cluster.kubectl("get", kind, "-n", space).stdout.splitlines()
        t.eq(shown[0].split(), ["NAME", "STATE", "READY", "REASON", "AGE"], f"the columns of {kind}")

    shown = cluster.kubectl("get", "ss", "-n", space).stdout.splitlines()
    t.eq(shown[0].split(), ["NAME", "STATE", "READY", "REASON", "AGE"], "the columns of a session")
    row = next(line for line in shown if line.startswith("seen")).split()
    t.eq(row[1:4], ["Running", "True", "DesktopReady"], "state, readiness and reason are shown")
    cluster.apply(template("shown"), "-n", space)
    shown = cluster.kubectl("get", "tpl", "-n", space).stdout.splitlines()
    t.eq(shown[0].split(), ["NAME", "STATE", "READY", "REASON", "AGE"], "the columns of a template")
    shown = cluster.kubectl("get", "streamspace", "-n", space, "-o", "name").stdout
    t.ok("session.stream.space/seen" in shown and "template.stream.space/shown" in shown,
         "the category streamspace holds both kinds")
    t.ok("connection.stream.space/seen" in shown and "templaterepository.stream.space/seen" in shown, "and the two others")
    unbounded(t)
    cluster.kubectl("delete", "namespace", space, "--wait=false")


if __name__ == "__main__":
    cluster.main(main)
