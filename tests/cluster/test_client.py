#!/usr/bin/python3
"""The Kubernetes client's rules, each against a real API server that is broken on purpose.

test_client.py [PART...] runs some parts only.
Every test gets a probe (build/san/tests/kube_probe): the agent's own client, called by line.
"""

import atexit
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
from cluster import control, kubectl, wait_for  # noqa: E402
from probe import Probe, pause  # noqa: E402

DIR = pathlib.Path(tempfile.mkdtemp(prefix="streamspace-client."))
atexit.register(shutil.rmtree, DIR, ignore_errors=True)
secrets_seen = []


def client(namespace, kubeconfig=None, **options):
    return Probe("client", os.environ["KUBECONFIG"] if kubeconfig is None else kubeconfig, namespace,
                 *(f"{k}={v}" for k, v in options.items()))


def config_map(name, text="x", uid=None, **labels):
    meta = {"name": name, "labels": labels}
    if uid:
        meta["uid"] = uid
    return json.dumps({"metadata": meta, "data": {"text": text}})


def audit(pattern):
    """Requests of the audit log whose URI matches."""
    found = []
    for line in (cluster.folder() / "audit.log").read_text().splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # the line that is being written
        if re.search(pattern, event["requestURI"]):
            found.append(event)
    return found


def compact_etcd():
    """Forget all of etcd's history, as its owner does every few minutes."""
    command = (cluster.folder() / "etcd.cmd").read_bytes().decode().split("\0")
    url = next(w.split("=", 1)[1] for w in command if w.startswith("--listen-client-urls="))

    def ask(path, body):
        request = urllib.request.Request(url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    revision = ask("/v3/kv/range", {"key": base64.b64encode(b"x").decode()})["header"]["revision"]
    ask("/v3/kv/compaction", {"revision": revision, "physical": True})


def sockets(probe):
    """TCP connections that the probe holds."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{probe.process.pid}/fd").iterdir():
        try:
            match = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
        except OSError:
            continue
        if match:
            inodes.add(match[1])
    rows = pathlib.Path(f"/proc/{probe.process.pid}/net/tcp").read_text().splitlines()[1:]
    return [r for r in rows if r.split()[9] in inodes and r.split()[3] == "01"]


# ---- who we are ----

def credentials(t, space):
    here = cluster.folder()

    def encode(name):
        return base64.b64encode((here / name).read_bytes()).decode()

    token = next(line.split(",")[0] for line in (here / "tokens.csv").read_text().splitlines()
                 if line.split(",")[1] == "admin")
    secrets_seen.append(token)
    (DIR / "token").write_text(token + "\n")
    files = {"client-certificate": str(here / "admin.crt"), "client-key": str(here / "admin.key")}
    data = {"client-certificate-data": encode("admin.crt"), "client-key-data": encode("admin.key")}
    path = DIR / "config"
    good = [
        ("a token", {"token": token}, None),
        ("a token file, relative to the kubeconfig", {"tokenFile": "token"}, None),
        ("a client certificate in files", files, None),
        ("a client certificate and CA as data", data, {"certificate-authority-data": encode("ca.crt")}),
    ]
    for what, user, ca in good:
        cluster.write_kubeconfig(path, user, ca)
        with client(space, path) as probe:
            t.eq(probe.call("list configmaps")["rc"], 0, f"accepted: {what}")
    block = "\n".join([
        "# written by hand", "current-context: here", "contexts:", "- name: here", "  context:",
        "    cluster: c", "    user: 'u'", "clusters:", "- cluster:", f"    server: {os.environ['STREAMSPACE_API']}/",
        f"    certificate-authority: {here}/ca.crt", "  name: c", "users:", "- name: u", "  user:", f'    token: "{token}"'])
    path.write_text(block + "\n")
    with client(space, path) as probe:
        t.eq(probe.call("list configmaps")["rc"], 0, "accepted: YAML in block style")
    refused = [
        ("a credential plugin", {"exec": {"command": "aws"}}, None, "exec"),
        ("a user name", {"username": "a", "password": "b"}, None, "username"),
        ("impersonation", {"token": "x", "as": "admin"}, None, "as"),
        ("a certificate without a key", {"client-certificate": "x"}, None, "go together"),
        ("no credential", {}, None, "no credential"),
        ("a server whose certificate is not looked at", {"token": "x"}, {"insecure-skip-tls-verify": True}, "insecure"),
        ("a server without TLS", {"token": "x"}, {"server": "http://127.0.0.1:1"}, "https"),
        ("a token with a line break", {"token": "x\r\nX-Evil: 1"}, None, "white space"),
        ("a missing token file", {"tokenFile": "/nowhere/token"}, None, "No such file"),
    ]
    for what, user, other, part in refused:
        cluster.write_kubeconfig(path, user, other)
        with client(space, path) as probe:
            t.like(probe.opened["message"] if probe.opened["rc"] < 0 else "accepted", re.escape(part),
                   f"refused, and said why: {what}")
    path.write_text("a: &x 1\nb: *x\n")
    with client(space, path) as probe:
        t.like(probe.opened.get("message"), "alias", "refused: YAML aliases")
    environment = {k: os.environ.pop(k) for k in ("KUBERNETES_SERVICE_HOST",) if k in os.environ}
    with client(space, "") as probe:
        t.eq(probe.opened.get("code"), "not_in_cluster", "outside a pod and without kubeconfig: said so")
    os.environ.update(environment)
    cluster.write_kubeconfig(path, {"token": token}, {"certificate-authority": str(here / "admin.crt")})
    with client(space, path, patience_ms=1000) as probe:
        t.eq(probe.call("list configmaps").get("code"), "kube_unreachable", "a server of another CA is not trusted")


def tokens(t, space):
    """A 401 reads the file again; so does age. The CA counts by its time."""
    path = DIR / "agent.token"
    good = path.read_text()
    secrets_seen.append(good)
    path.write_text("not-a-token")
    with client(space, DIR / "agent") as probe:
        t.eq(probe.call("list pods").get("code"), "kube_unauthorized", "a wrong token is refused")
        path.write_text(good)
        t.eq(probe.call("list pods")["rc"], 0, "a token that was replaced is used after one 401")
        t.eq(probe.call("list secrets").get("code"), "probe", "the client knows no kind Secret")
        answer = probe.call("get configmaps streamspace-installation")
        t.eq(answer["rc"], 0, "what the Role allows is answered")
        answer = probe.call("delete configmaps kube-root-ca.crt x")
        t.eq(answer.get("code"), "kube_forbidden", "what it does not allow is refused with its reason")
    ca = DIR / "ca.crt"
    ca.write_bytes((cluster.folder() / "ca.crt").read_bytes())
    cluster.write_kubeconfig(DIR / "own-ca", {"tokenFile": str(path)}, {"certificate-authority": str(ca)})
    with client(space, DIR / "own-ca", patience_ms=1000) as probe:
        t.eq(probe.call("list pods")["rc"], 0, "with the right CA")
        ca.write_bytes((cluster.folder() / "admin.crt").read_bytes())
        wait_for("the new CA to count", lambda: probe.call("list pods").get("code") == "kube_unreachable", 15, 1)
        t.ok(True, "a changed CA file counts for connections that were open")
        ca.write_bytes((cluster.folder() / "ca.crt").read_bytes())
        wait_for("the old CA to count", lambda: probe.call("list pods")["rc"] == 0, 15, 1)
        t.ok(True, "and so does the next change")


class AgedToken:
    """Two accounts; the file goes from one to the other, and nobody ever answers 401."""

    def __init__(self, space):
        self.space = space
        for name in ("old", "new"):
            kubectl("create", "serviceaccount", name, "-n", space)
            kubectl("create", "rolebinding", f"{name}-view", "-n", space, "--clusterrole=view",
                    f"--serviceaccount={space}:{name}")
        self.path = DIR / "aged.token"
        self.path.write_text(self.token("old"))
        cluster.write_kubeconfig(DIR / "aged", {"tokenFile": str(self.path)})
        self.probe = client(space, DIR / "aged")
        self.began = time.monotonic()
        self.probe.call("list services")
        self.path.write_text(self.token("new"))

    def token(self, name):
        token = kubectl("create", "token", name, "-n", self.space).stdout.strip()
        secrets_seen.append(token)
        return token

    def check(self, t):
        while time.monotonic() - self.began < 62:
            pause(1)
        self.probe.call("list services")
        users = [e["user"]["username"].rsplit(":", 1)[1]
                 for e in audit(f"/namespaces/{self.space}/services")
                 if e["user"]["username"].startswith(f"system:serviceaccount:{self.space}:")]
        t.eq([users[0], users[-1]], ["old", "new"], "a token file is read again after 60 s without any 401")
        self.probe.close()


# ---- requests ----

def requests(t, space):
    with client(space, rate=1000, burst=1000) as probe:
        for i in range(30):
            probe.call("get configmaps kube-root-ca.crt")
        t.eq(len(sockets(probe)), 1, "30 requests use one connection")
        t.eq(probe.call("get configmaps nothing")["rc"], 1, "what is not there is an answer, not an error")
        made = probe.call("create configmaps " + config_map("one"))
        uid = made["object"]["metadata"]["uid"]
        t.eq(probe.call("create configmaps " + config_map("one")).get("code"), "kube_already_exists",
             "a name that is taken is a refusal of its own")
        t.eq(probe.call("apply configmaps " + config_map("one", "new", uid))["object"]["data"]["text"], "new",
             "an apply with the right uid changes the object")
        t.eq(probe.call("apply configmaps " + config_map("one", "evil", "00000000-0000-0000-0000-000000000000"))["rc"],
             -1, "an apply with another uid is refused")
        t.eq(probe.call("delete configmaps one 00000000-0000-0000-0000-000000000000")["rc"], 1,
             "a delete with another uid finds nothing to delete")
        t.ok(cluster.get("configmap", "one", space), "and the object is still there")
        t.eq(probe.call(f"delete configmaps one {uid}")["rc"], 0, "a delete with its uid")
        t.eq(probe.call(f"delete configmaps one {uid}")["rc"], 1, "a second delete is a success as well")
        t.eq(probe.call("apply configmaps " + config_map("one", "x", uid)).get("code"), "kube_conflict",
             "an apply with a uid does not make a deleted object again")
        t.ok(cluster.get("configmap", "one", space) is None, "it stays deleted")
        applied = audit(f"/namespaces/{space}/configmaps/one\\?")
        t.ok(applied and all("fieldManager=streamspace-agent&force=true" in e["requestURI"] for e in applied),
             "applies name our field manager and force")
        manager = cluster.kubectl("get", "cm", "-n", space, "-o", "json", "--show-managed-fields").stdout
        probe.call("apply configmaps " + config_map("two", a="x-1", b="y"))
        probe.call("apply configmaps " + config_map("three", a="x-2", b="y"))
        manager = kubectl("get", "cm", "two", "-n", space, "-o", "json", "--show-managed-fields").stdout
        entry = json.loads(manager)["metadata"]["managedFields"][0]
        t.eq([entry["manager"], entry["operation"]], ["streamspace-agent", "Apply"], "our fields are ours by Apply")
        t.eq(probe.call("list configmaps a in (x-1, x-3),b=y,c!=z")["names"], ["two"],
             "a selector with blanks, brackets, commas and = arrives as it was meant")
        t.like(probe.call("get configmaps ../secrets")["rc"], "1|-1", "a name cannot step out of its path")
        seen = [e["requestURI"] for e in audit("/secrets(\\?|$)") if (e["user"]["username"], e["verb"]) == ("admin", "list")]
        t.eq(seen, [], "and the server saw no such request")
    with client(space, rate=10, burst=5) as probe:
        began = time.monotonic()
        for i in range(30):
            probe.call("get configmaps kube-root-ca.crt")
        took = time.monotonic() - began
        t.ok(took > 2.3, f"30 requests at 10 a second after a burst of 5 take 2.5 s ({took:.1f} s)")
    with client(space, max_answer=200) as probe:
        t.eq(probe.call("get configmaps kube-root-ca.crt").get("code"), "kube_answer_invalid",
             "an answer over the bound is refused")


def pages(t, space):
    with client(space, rate=5000, burst=5000) as probe:
        for i in range(1200):
            probe.call("create configmaps " + config_map(f"page-{i:04}", set="pages"))
        answer = probe.call("list configmaps set=pages")
        t.eq(len(answer.get("names", [])), 1200, "1,200 objects come in pages")
        asked = audit(f"/namespaces/{space}/configmaps\\?limit=500")
        t.ok(len(asked) >= 3 and sum("continue=" in e["requestURI"] for e in asked) >= 2, "of 500 each")
    # A list whose continuation was compacted away: one request a second, and etcd forgets in between.
    with client(space, rate=1, burst=1) as probe:
        probe.send("list configmaps set=pages")
        pause(0.5)
        with client(space) as other:
            other.call("create configmaps " + config_map("page-9999", set="pages"))
        compact_etcd()
        control("kill", "apiserver")  # its own snapshots of the list are gone with it
        control("start", "apiserver")
        first = probe.answers.get(timeout=60)
        t.eq(first.get("code"), "kube_gone", "a continuation that the server forgot is told from other failures")
        t.eq(len(probe.call("list configmaps set=pages").get("names", [])), 1201, "and a new list is whole")


# ---- watches ----

def watches(t, space):
    with client(space) as probe:
        probe.call("create configmaps " + config_map("w-1", set="watch"))
        probe.call("watch configmaps set=watch")
        probe.wait("the first list", synced="configmaps")
        t.eq(len(probe.seen(event="ADDED", name="w-1")), 1, "what is there is reported by the list")
        probe.call("create configmaps " + config_map("w-2", set="watch"))
        probe.call("apply configmaps " + config_map("w-2", "changed", set="watch"))
        uid = probe.wait("the change", event="MODIFIED", name="w-2")["uid"]
        probe.call(f"delete configmaps w-2 {uid}")
        probe.wait("the deletion", event="DELETED", name="w-2")
        kinds = [line["event"] for line in probe.seen(name="w-2")]
        t.eq(kinds, ["ADDED", "MODIFIED", "DELETED"], "events come in order")
        t.eq(len(sockets(probe)), 2, "the watch has a connection of its own")
        counts = probe.call("counts configmaps")
        t.eq([counts["lists"], counts["watches"]], [1, 1], "one list, one watch")
    started = [urllib.parse.parse_qs(urllib.parse.urlsplit(e["requestURI"]).query)
               for e in audit(f"/namespaces/{space}/configmaps\\?watch=true")]
    t.ok(started and all(q["allowWatchBookmarks"] == ["true"] for q in started), "watches ask for bookmarks")
    t.ok(all(q["resourceVersion"][0] not in ("", "0") for q in started), "and begin at the list's resourceVersion")
    t.ok(all(300 <= int(q["timeoutSeconds"][0]) <= 600 for q in started), "with a time of 300 to 600 s")
    with client(space, max_frame=400) as probe:
        probe.call("watch configmaps set=watch")
        probe.wait("the first list", synced="configmaps")
        kubectl("create", "configmap", "w-big", "-n", space, "--from-literal=text=" + "x" * 2000)
        kubectl("label", "configmap", "w-big", "-n", space, "set=watch")
        probe.wait("a refusal of the event", trouble="kube_answer_invalid")
        probe.wait("the object by a new list", event="ADDED", name="w-big")
        t.ok(True, "an event over the bound is not read; a new list brings the object")


def gap(t, space):
    """Things happen while the watch is cut off, and the server has forgotten them since."""
    with client(space, rate=100, burst=100) as probe:
        for name in ("stays", "goes", "is-replaced"):
            probe.call("create configmaps " + config_map(name, set="gap"))
        probe.call("watch configmaps set=gap")
        probe.wait("the first list", synced="configmaps")
        old = probe.seen(event="ADDED", name="is-replaced")[0]["uid"]
        probe.process.send_signal(signal.SIGSTOP)
        control("kill", "apiserver")  # cuts the watch off; its socket would keep the events
        control("start", "apiserver")
        kubectl("delete", "configmap", "goes", "is-replaced", "-n", space)
        for name in ("is-replaced", "is-new"):
            kubectl("create", "configmap", name, "-n", space)
            kubectl("label", "configmap", name, "-n", space, "set=gap")
        compact_etcd()
        control("kill", "apiserver")
        control("start", "apiserver")
        probe.process.send_signal(signal.SIGCONT)
        probe.wait("the second list", count=2, synced="configmaps", timeout=90)
        t.ok(probe.seen(trouble="kube_gone"), "the server said 410, and the client listed anew")
        t.eq([e["event"] for e in probe.seen(name="goes")], ["ADDED", "DELETED"],
             "what was deleted in the gap is reported as deleted")
        replaced = [(e["event"], e["uid"] == old) for e in probe.seen(name="is-replaced") if "event" in e]
        t.eq(replaced, [("ADDED", True), ("DELETED", True), ("ADDED", False)],
             "what was replaced by another of its name is deleted and added")
        t.eq([e["event"] for e in probe.seen(name="is-new")], ["ADDED"], "what is new is added")
        t.eq([e["event"] for e in probe.seen(name="stays")], ["ADDED"], "what stayed is not reported again")
        probe.call("create configmaps " + config_map("after", set="gap"))
        probe.wait("events after it", event="ADDED", name="after")
        t.ok(True, "the watch goes on")


def silence(t, space):
    with client(space, silence_ms=4000) as probe:
        probe.call("watch configmaps set=silence")
        probe.wait("the first list", synced="configmaps")
        control("freeze", "apiserver")
        try:
            probe.wait("the watch to be given up", trouble="kube_silent", timeout=20)
            t.ok(True, "a watch that brings nothing is dead, though its connection stands")
        finally:
            control("thaw", "apiserver")
        kubectl("create", "configmap", "heard", "-n", space)
        kubectl("label", "configmap", "heard", "-n", space, "set=silence")
        probe.wait("events after it", event="ADDED", name="heard")
        counts = probe.call("counts configmaps")
        t.eq(counts["lists"], 1, "it went on from where it was, without a new list")


# ---- a server in trouble ----

def outage(t, space):
    with client(space) as probe:
        probe.call("watch configmaps set=outage")
        probe.wait("the first list", synced="configmaps")
        control("kill", "apiserver")
        began = time.monotonic()
        probe.send("apply configmaps " + config_map("later", set="outage"))
        probe.wait("the watch to notice", trouble="kube_unreachable")
        control("start", "apiserver")
        answer = probe.answers.get(timeout=60)
        t.eq(answer["rc"], 0, f"a request waits out a killed server ({time.monotonic() - began:.1f} s)")
        probe.wait("its event", event="ADDED", name="later")
        t.ok(True, "and the watch recovers")
    with client(space, patience_ms=2000) as probe:
        control("kill", "apiserver")
        try:
            answer = probe.call("get configmaps later")
            t.eq(answer.get("code"), "kube_unreachable", f"patience ends (after {answer['ms']} ms of 2000)")
        finally:
            control("start", "apiserver")
    control("freeze", "apiserver")
    try:
        probe = client(space)
        probe.call("watch configmaps")
        t.eq(probe.close(), 0, "an end is not held up by a frozen server")
    finally:
        control("thaw", "apiserver")


def too_many(t, space):
    """Without fairness queues the server answers 429 and Retry-After: 1 at once."""
    control("kill", "apiserver")
    control("start", "apiserver", "--enable-priority-and-fairness=false", "--max-requests-inflight=1",
            "--max-mutating-requests-inflight=1")
    # The limits leave out administrators, so this is an ordinary account.
    probes = [client(space, DIR / "agent", rate=1000, burst=1000) for _ in range(12)]
    for _ in range(4):
        for probe in probes:
            probe.send("list pods")
    answers = [probe.answers.get(timeout=120) for _ in range(4) for probe in probes]
    refused = [e for e in audit(f"/namespaces/{space}/pods") if e.get("responseStatus", {}).get("code") == 429]
    metrics = kubectl("get", "--raw", "/metrics").stdout
    rejected = re.findall(r'^apiserver_request_total\{[^}]*code="429"[^}]*\} (\d+)', metrics, re.M)
    rejected += re.findall(r'^apiserver_dropped_requests_total\{[^}]*\} (\d+)', metrics, re.M)
    t.ok(refused or sum(map(int, rejected)), "the server refused some requests with 429")
    codes = sorted({str(a.get("code", a["rc"])) for a in answers})
    t.ok(all(a["rc"] == 0 for a in answers), f"and every one of the 48 was answered in the end ({codes})")
    for probe in probes:
        probe.close()
    control("kill", "apiserver")
    control("start", "apiserver", "--goaway-chance=0.02")
    with client(space, rate=5000, burst=5000) as probe:
        bad = [a for a in (probe.call("get configmaps kube-root-ca.crt") for _ in range(600)) if a["rc"] != 0]
        t.eq(bad, [], "600 requests survive a server that sends GOAWAY in one of fifty")
    control("kill", "apiserver")
    control("start", "apiserver")


def main(t):
    cluster.install_crds()
    space = cluster.namespace("client")
    probes = []
    original = Probe.close

    def close(self):
        code = original(self)
        probes.append((code, "".join(self.errors) + json.dumps(self.lines)))
        return code

    Probe.close = close
    cluster.agent_identity(space, DIR / "agent")
    aged = AgedToken(space)
    wanted = sys.argv[1:]
    for part in (credentials, tokens, requests, pages, watches, gap, silence, outage, too_many):
        if wanted and part.__name__ not in wanted:
            continue
        t.note(part.__name__)
        part(t, space)
    if not wanted:
        aged.check(t)
    t.eq([code for code, _ in probes if code not in (0, 1)], [], f"none of {len(probes)} probes broke a sanitizer's rule")
    leaked = [s[:4] for s in secrets_seen if any(s in text for _, text in probes)]
    t.eq(leaked, [], "no token was printed")
    kubectl("delete", "namespace", space, "--wait=false")


if __name__ == "__main__":
    cluster.main(main)
