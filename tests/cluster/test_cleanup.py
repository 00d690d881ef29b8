#!/usr/bin/python3
"""The cleanup of a cluster: each of its guards, by trying to make it do harm."""

import datetime
import email.utils
import hashlib
import json
import os
import pty
import secrets
import shlex
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import harness  # noqa: E402
import world  # noqa: E402
from between import Between  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

NOTE = "stream.space/cleanup-mark"
REFUSED, FAILED, USAGE = 6, 1, 2
SERVER, SET = "the API server", "/objects"


def iso(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Ground(world.World):
    """A world with two running sessions, whose agent is stopped; orphans are made by hand."""

    def __init__(self):
        super().__init__()
        self.known = [self.ada.create("editor", name=f"work-{i}")["id"] for i in range(2)]
        for session in self.known:
            self.ada.wait_state(session, "running", timeout=120)
        self.stop_agent()
        self.running = [p for s in self.known for p in self.pods(s)]
        self.installation = self.db.query("SELECT installation_id FROM streamspace_data.installation", user=None)
        self.owner = get("configmap", "streamspace-installation", self.space)["metadata"]["uid"]
        self.key = secrets.token_hex(32)
        self.file("cleanup.key", self.key + "\n")
        self.set_key(self.key)
        cluster.apply((cluster.HERE / "cleanup-role.yaml").read_text().replace("NAMESPACE", self.space))
        token = kubectl("create", "token", "streamspace-cleanup", "-n", self.space, "--duration=1h").stdout.strip()
        self.kube = Between(os.environ["STREAMSPACE_API"], cluster.folder() / "ca.crt", self.dir).__enter__()
        self.plane = Between(f"http://127.0.0.1:{self.port}").__enter__()
        self.config = self.dir / "cleanup-config"
        cluster.write_kubeconfig(self.config, {"token": token}, {
            "server": self.kube.url, "certificate-authority": str(self.kube.certificate)})
        self.older()

    def set_key(self, key, agent=world.AGENT):
        self.admin.must("PUT", f"/api/v1/agents/{agent}/cleanup-key",
                        {"key_hash": hashlib.sha256(key.encode()).hexdigest()})

    def older(self, seconds=7200, change=None):
        """Everything that is listed is older than it is; change(path, answer) does more."""
        self.kube.reset()
        self.plane.reset()

        def after(method, path, answer):
            if method == "GET" and answer.document and "items" in answer.document:
                for item in answer.document["items"]:
                    item["metadata"]["creationTimestamp"] = iso(-seconds)[:19] + "Z"
                answer.set(answer.document)
            return change(path, answer) if change else answer

        self.kube.after = after

    def answer(self, change):
        """The control plane's answer, changed."""
        self.plane.after = lambda method, path, answer: change(answer) if path.endswith(SET) else answer

    def run(self, *flags, terminal=False, key="cleanup.key", agent=world.AGENT, before=()):
        program = [harness.BUILD / "streamspace-agent", "--control-plane-url", self.plane.url, "--agent-id", agent,
                   "--platform", "kubernetes", "--kubeconfig", self.config, "--namespace", self.space,
                   "--kube-rate", "500", "--kube-burst", "500", "--credential-file", self.dir / key, "cleanup", *flags]
        more = {}
        if terminal:
            ours, theirs = pty.openpty()
            more = {"stdin": theirs}
        else:
            more = {"stdin": subprocess.DEVNULL}
        done = subprocess.run(program, capture_output=True, text=True, timeout=300, **more)
        if terminal:
            os.close(ours)
            os.close(theirs)
        self.text = done.stderr
        self.lines = []
        for line in done.stderr.splitlines():
            words = shlex.split(line)
            if len(words) > 3 and words[2] == "cleanup":
                pairs = dict(word.split("=", 1) for word in words[4:] if "=" in word)
                self.lines.append({"event": words[3], **pairs})
        return done.returncode

    def verdict(self, name, kind=None):
        found = [(o["verdict"], o["result"]) for o in self.lines
                 if o["event"] == "object" and o["name"] == name and kind in (None, o["kind"])]
        return found[0] if len(found) == 1 else found

    def code(self):
        return next((o["code"] for o in self.lines if o["event"] in ("refused", "not_read")), None)

    def sum(self, key):
        return int(next(o[key] for o in self.lines if o["event"] == "summary"))

    # ---- objects ----

    def metadata(self, name, **labels):
        return {"name": name, "namespace": self.space, "labels": {
            "app.kubernetes.io/managed-by": "streamspace-agent", "stream.space/installation-id": self.installation,
            "stream.space/agent-id": world.AGENT, "stream.space/session-id": name, "stream.space/revision": "1", **labels},
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "streamspace-installation",
                                 "uid": self.owner}]}

    def service(self, name, **labels):
        return {"apiVersion": "v1", "kind": "Service", "metadata": self.metadata(name, **labels),
                "spec": {"clusterIP": "None", "selector": {"stream.space/session-id": name}, "ports": [{"port": 5900}]}}

    def orphan(self, *names, **labels):
        cluster.apply({"apiVersion": "v1", "kind": "List", "items": [self.service(n, **labels) for n in names]})

    def mark(self, name, kind="service"):
        found = get(kind, name, self.space)
        text = (found or {"metadata": {}})["metadata"].get("annotations", {}).get(NOTE)
        return json.loads(text) if text else None

    def backdate(self, *names, hours=25, kind="service", **more):
        for name in names:
            mark = {**self.mark(name, kind), "at": iso(-hours * 3600), **more}
            kubectl("annotate", "--overwrite", kind, name, "-n", self.space, f"{NOTE}={json.dumps(mark)}")

    def doomed(self, *names):
        """Orphans that an honest run would delete."""
        self.orphan(*names)
        self.older()
        self.run()
        self.backdate(*names)
        return names

    def drop(self, *names):
        kubectl("delete", "service", *names, "-n", self.space, "--ignore-not-found")

    def names(self):
        """Everything of ours in the namespace, homes too: what no refused run may change."""
        return sorted((i["kind"], i["metadata"]["name"], i["metadata"]["uid"], i["metadata"]["resourceVersion"])
                      for i in get("services,sessions.stream.space,templates.stream.space,pvc,configmaps",
                                   namespace=self.space)) + sorted(
            (i["metadata"]["name"], i["metadata"]["uid"]) for i in get("deployments", namespace=self.space))

    def harmless(self, t, what, code, expected, *flags, **more):
        """The run ends so, and nothing in the cluster is another than before."""
        before = self.names()
        got = self.run(*flags, **more)
        if not t.ok(got == code and self.code() == expected and self.names() == before,
                    f"{what}: {expected or 'nothing'}, and nothing is changed"):
            t.diag(f"exit {got}, code {self.code()}, unchanged {self.names() == before}\n{self.text[-3000:]}")


def marks(t, g):
    t.eq([g.run(), g.sum("known"), g.sum("to_mark")], [0, 7, 0], "nothing is unknown: nothing is done")
    g.kube.reset()
    g.orphan("s-young")
    t.eq([g.run(), g.verdict("s-young"), g.mark("s-young")], [0, ("young", "kept"), None],
         "an object younger than an hour is left alone")
    g.older(3500)
    t.eq([g.run(), g.verdict("s-young")], [0, ("young", "kept")], "up to the hour")
    g.older(3700)
    t.eq([g.run("--dry-run"), g.verdict("s-young"), g.mark("s-young")], [0, ("mark", "kept"), None],
         "a dry run says what it would do, and does nothing")
    t.eq({m for m, _ in g.kube.requests}, {"GET"}, "and only reads")
    t.eq([g.run(), g.verdict("s-young")], [0, ("mark", "marked")], "an unknown object is marked first")
    mark = g.mark("s-young")
    t.ok(set(mark) == {"at", "run", "generation", "epoch", "content"} and mark["at"][:10] == iso(0)[:10],
         "the mark says when, and by which run")
    t.eq([g.run(), g.verdict("s-young"), g.mark("s-young")], [0, ("wait", "kept"), mark], "the next run waits")
    g.backdate("s-young", hours=23.9)
    t.eq([g.run(), g.verdict("s-young")], [0, ("wait", "kept")], "for a day")
    g.backdate("s-young")
    homes = [p["metadata"]["uid"] for p in get("pvc", namespace=g.space)]
    t.eq([g.run("--dry-run"), g.verdict("s-young"), bool(g.mark("s-young"))], [0, ("delete", "kept"), True],
         "a dry run deletes nothing")
    t.eq([g.run(), g.verdict("s-young"), get("service", "s-young", g.space)], [0, ("delete", "deleted"), None],
         "and then deletes it")
    t.eq([[p for s in g.known for p in g.pods(s)], [p["metadata"]["uid"] for p in get("pvc", namespace=g.space)]],
         [g.running, homes], "the sessions run on, and every home is there")
    t.eq([p for _, p in g.kube.requests if "persistentvolumeclaims" in p], [], "homes are not even looked at")
    t.eq(len([o for o in g.lines if o["event"] == "object"]), 8, "every object is reported")


def key(t, g):
    names = g.doomed("s-doomed")
    for what, file in (("an agent's own key", g.dir / world.AGENT / "agent.key"), ("an unknown key", None)):
        if file is None:
            g.file("wrong.key", secrets.token_hex(32))
        else:
            g.file("wrong.key", file.read_text())
        g.harmless(t, what, FAILED, "refused", key="wrong.key")
    g.set_key(secrets.token_hex(32), "another-agent")
    g.harmless(t, "another agent's id", FAILED, "refused", agent="another-agent")
    answers = [g.anonymous().call(method, path, body, {header: value}).status
               for header, value in (("Authorization", f"Bearer {g.key}"), ("X-Agent-API-Key", g.key))
               for method, path, body in (
                   ("GET", "/api/v1/sessions", None), ("GET", "/api/v1/agents", None), ("GET", "/api/v1/me", None),
                   ("POST", "/api/v1/agents/register", {"agentId": world.AGENT, "platform": "kubernetes"}),
                   ("GET", "/api/v1/agents/another-agent/objects", None))]
    t.eq(set(answers), {401}, "the cleanup's key opens nothing else")
    t.eq(g.admin.call("GET", f"/api/v1/agents/{world.AGENT}/objects").status, 401, "and nothing else opens what it opens")
    g.drop(*names)


def clocks(t, g):
    g.kube.reset()
    g.orphan("s-clock")
    ahead = email.utils.formatdate(datetime.datetime.now().timestamp() + 3 * 86400, usegmt=True)

    def server_ahead(method, path, answer):
        answer.headers["Date"] = ahead
        return answer

    def database_ahead(answer):
        return answer.set({**answer.document, "read_at": iso(3 * 86400)})

    g.kube.after = server_ahead
    t.eq([g.run(), g.verdict("s-clock")], [0, ("young", "kept")], "an API server whose clock is ahead makes nothing old")
    t.ok("clocks_differ" in g.text, "and is told about")
    g.kube.reset()
    g.answer(database_ahead)
    t.eq([g.run(), g.verdict("s-clock")], [0, ("young", "kept")], "nor does a database's clock")
    g.older()
    t.eq([g.run(), g.verdict("s-clock")], [0, ("mark", "marked")], "(it is marked)")
    g.older(change=lambda path, answer: server_ahead("GET", path, answer))
    t.eq([g.run(), g.verdict("s-clock")], [0, ("wait", "kept")], "a clock ahead does not shorten the day")
    g.older()
    g.answer(database_ahead)
    t.eq([g.run(), g.verdict("s-clock")], [0, ("wait", "kept")], "neither does the database's")
    g.older()
    g.answer(lambda a: a.set({**a.document, "read_at": iso(-3 * 86400)}))
    g.backdate("s-clock", hours=25)
    t.eq([g.run(), g.verdict("s-clock")[1]], [0, "kept"], "with a clock behind, it rather does nothing")
    g.older()
    g.backdate("s-clock", hours=-30)
    t.eq([g.run(), g.verdict("s-clock")], [0, ("mark", "marked")], "a mark from the future is written anew")
    g.older(seconds=-7200)
    t.eq([g.run(), g.verdict("s-clock")], [0, ("young", "kept")], "what is made in the future is young")
    g.older()
    g.drop("s-clock")


def installations(t, g):
    names = g.doomed("s-doomed")
    t.eq([g.run("--dry-run"), g.verdict("s-doomed")], [0, ("delete", "kept")], "an honest run would delete it")
    g.answer(lambda a: a.set({**a.document, "installation_id": "11111111-2222-3333-4444-555555555555"}))
    g.harmless(t, "a database of another installation", REFUSED, "installation_mismatch")
    g.older()
    patch = {"data": {"installationId": "another"}}
    kubectl("patch", "configmap", "streamspace-installation", "-n", g.space, "--type=merge", "-p", json.dumps(patch))
    g.harmless(t, "a ConfigMap of another installation", REFUSED, "installation_mismatch")
    patch = {"data": {"installationId": g.installation}, "metadata": {"labels": {"stream.space/installation-id": "another"}}}
    kubectl("patch", "configmap", "streamspace-installation", "-n", g.space, "--type=merge", "-p", json.dumps(patch))
    g.harmless(t, "a ConfigMap with another label", REFUSED, "installation_mismatch")
    patch["metadata"]["labels"]["stream.space/installation-id"] = g.installation
    kubectl("patch", "configmap", "streamspace-installation", "-n", g.space, "--type=merge", "-p", json.dumps(patch))
    g.kube.before = lambda method, path: (404, {"reason": "NotFound"}) if "/configmaps/" in path else None
    g.harmless(t, "no ConfigMap", REFUSED, "installation_unknown")
    g.older()
    g.drop(*names)


def foreign(t, g):
    other = {"s-other": {"stream.space/installation-id": "another"}, "s-theirs": {"app.kubernetes.io/managed-by": "helm"},
             "s-renamed": {"stream.space/session-id": "s-else"}}
    for name, labels in other.items():
        g.orphan(name, **labels)
    unowned = g.service("s-unowned")
    del unowned["metadata"]["ownerReferences"]
    plain = g.service(g.known[0] + "x")
    plain["metadata"]["labels"] = {}
    cluster.apply({"apiVersion": "v1", "kind": "List", "items": [unowned, plain]})
    g.run()
    t.eq([g.verdict(n) for n in (*other, "s-unowned")], [("foreign", "kept")] * 4,
         "foreign objects that look like ours are told about, and not touched")
    t.eq([g.verdict(plain["metadata"]["name"]), g.sum("objects")], [[], 7], "they do not count as ours")
    for name in (*other, "s-unowned"):
        text = json.dumps({"at": iso(-90000), "run": "x", "generation": 1, "epoch": 0, "content": "0" * 64})
        kubectl("annotate", "service", name, "-n", g.space, f"{NOTE}={text}")
    g.harmless(t, "foreign objects with an old mark", 0, None)
    g.drop(*other, "s-unowned", plain["metadata"]["name"])


def answers(t, g):
    names = g.doomed("s-doomed")

    def without(key):
        return lambda a: a.set({k: v for k, v in a.document.items() if k != key})

    def cut(a):
        a.body = a.body[:len(a.body) // 2]
        return a

    def fail(a):
        a.status = 500
        return a

    g.answer(lambda a: a.set({**a.document, "objects": [], "count": 0}))
    g.harmless(t, "an empty answer", REFUSED, "set_empty")
    for what, change in (
            ("an answer cut in the middle", cut),
            ("one without its last object", lambda a: a.set({**a.document, "objects": a.document["objects"][:-1]})),
            ("one that is empty and says otherwise", lambda a: a.set({**a.document, "objects": []})),
            ("one without its end", without("objects_complete")), ("one without a count", without("count")),
            ("one without objects", without("objects")), ("one without a generation", without("generation")),
            ("one of another agent", lambda a: a.set({**a.document, "agent": "another"})),
            ("one with an object twice", lambda a: a.set({**a.document, "objects": a.document["objects"] * 2,
                                                          "count": 2 * a.document["count"]}))):
        g.older()
        g.answer(change)
        g.harmless(t, what, FAILED, "cleanup_set_invalid")
    g.answer(fail)
    g.harmless(t, "an error of the server", FAILED, "refused")
    g.older()
    g.drop(*names)


def restores(t, g):
    names = g.doomed("s-doomed")
    g.answer(lambda a: a.set({**a.document, "epoch": 1}))
    g.harmless(t, "a database that was set back to a lower epoch", REFUSED, "database_older")
    g.older()
    g.backdate("s-doomed", generation=9)
    g.harmless(t, "a database that knows of fewer restores", REFUSED, "database_older")
    g.backdate("s-doomed", generation=1)
    was = get("session.stream.space", g.known[0], g.space)["metadata"]["labels"]["stream.space/revision"]
    kubectl("label", "--overwrite", "session.stream.space", g.known[0], "-n", g.space, "stream.space/revision=77")
    g.harmless(t, "a session that is newer than the database's", REFUSED, "database_older")
    kubectl("label", "--overwrite", "session.stream.space", g.known[0], "-n", g.space, f"stream.space/revision={was}")
    t.eq([g.run("--dry-run"), g.verdict("s-doomed")], [0, ("delete", "kept")], "(it would go by now)")
    g.db.query("SELECT streamspace.after_restore(p_reason => 'from last night')")
    t.eq([g.run(), g.verdict("s-doomed")], [0, ("mark", "marked")], "after a restore the day begins anew")
    t.eq(g.mark("s-doomed")["generation"], 2, "with the new generation on the mark")
    g.drop(*names)


def partial(t, g):
    names = g.doomed("s-doomed")

    def cut(path, answer):
        if "/services" in path:
            answer.body = answer.body[:len(answer.body) // 2]
        return answer

    g.older(change=cut)
    g.harmless(t, "a list of the API server cut in the middle", FAILED, "kube_answer_invalid")
    g.older()
    small = [0]

    def pages(method, path, gone):
        if method == "GET" and "continue=" in path and small[0] < gone:
            small[0] += 1
            return 410, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
                         "message": "the list is too old"}
        return path.replace("limit=500", "limit=2")

    g.kube.before = lambda method, path: pages(method, path, 10 ** 6)
    g.harmless(t, "a list that is forgotten half way, again and again", FAILED, "kube_gone")
    small[0] = 0
    g.kube.before = lambda method, path: pages(method, path, 1)
    t.eq([g.run("--dry-run"), g.sum("objects"), small[0]], [0, 8, 1], "forgotten once, it is read anew, by pages")
    g.older()
    g.kube.before = lambda method, path: (403, {"kind": "Status", "reason": "Forbidden", "message": "no"}) \
        if "/templates" in path else None
    g.harmless(t, "a list that is refused", FAILED, "kube_forbidden")
    g.older()
    g.drop(*names)


def limits(t, g):
    two = g.doomed("s-one", "s-two")
    g.harmless(t, "two of nine objects", REFUSED, "too_many_deletions")
    t.eq([g.sum("to_delete"), g.sum("allowed")], [2, 1], "more than 20 per cent")
    before = g.names()
    t.eq([g.run("--force"), g.names() == before], [USAGE, True], "who forces is at a terminal")
    done = subprocess.run([harness.BUILD / "streamspace-agent", "--force"], env={**os.environ,
                          "STREAMSPACE_AGENT_CONTROL_PLANE_URL": g.plane.url, "STREAMSPACE_AGENT_AGENT_ID": "agent-1"},
                          capture_output=True, timeout=60)
    t.eq(done.returncode, USAGE, "--force belongs to cleanup alone")
    t.eq([g.run("--force", terminal=True), g.sum("deleted"), [get("service", n, g.space) for n in two]],
         [0, 2, [None, None]], "with --force by hand they go")
    many = [f"s-many-{i:03}" for i in range(260)]
    g.orphan(*many)
    g.older()
    t.eq([g.run(), g.sum("marked")], [0, 260], "(many are marked)")
    old = [get("service", n, g.space) for n in many[:51]]
    for one in old:
        mark = json.loads(one["metadata"]["annotations"][NOTE])
        one["metadata"]["annotations"][NOTE] = json.dumps({**mark, "at": iso(-90000)})
        for key in ("resourceVersion", "managedFields"):
            one["metadata"].pop(key, None)
    kubectl("replace", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": old}))
    g.harmless(t, "51 of 267 objects", REFUSED, "too_many_deletions")
    t.eq([g.sum("to_delete"), g.sum("allowed")], [51, 50], "more than 50")
    g.drop(many[0])
    t.eq([g.run(), g.sum("deleted"), g.sum("allowed")], [0, 50, 50], "50 go at a time")
    kubectl("delete", "services", "-n", g.space, "-l", "stream.space/session-id", "--field-selector",
            "metadata.name!=" + g.known[0] + ",metadata.name!=" + g.known[1], "--wait=false")


def changes(t, g):
    names = g.doomed("s-edited")
    kubectl("label", "service", "s-edited", "-n", g.space, "who=somebody")
    t.eq([g.run(), g.verdict("s-edited")], [0, ("mark", "marked")], "who edits a marked object begins its day anew")
    t.ok(any(o.get("why") == "changed_since" for o in g.lines), "and the report says so")
    g.backdate("s-edited")

    def edit(method, path):
        if method == "DELETE":
            kubectl("label", "--overwrite", "service", "s-edited", "-n", g.space, "who=me")

    g.kube.before = edit
    t.eq([g.run(), g.verdict("s-edited"), bool(get("service", "s-edited", g.space))],
         [0, ("delete", "changed_meanwhile"), True], "edited while the run deletes: it stays")
    g.older()
    g.run()
    g.backdate("s-edited")

    def again(method, path):
        if method == "DELETE":
            kubectl("delete", "service", "s-edited", "-n", g.space)
            g.orphan("s-edited")

    g.kube.before = again
    t.eq([g.run(), g.verdict("s-edited"), bool(get("service", "s-edited", g.space))],
         [0, ("delete", "changed_meanwhile"), True], "made anew under its name while the run deletes: it stays")
    g.older()
    g.drop(*names)
    # a mark on what the database knows is a leftover
    mark = json.dumps({"at": iso(-90000), "run": "x", "generation": 1, "epoch": 0, "content": "0" * 64})
    kubectl("annotate", "service", g.known[0], "-n", g.space, f"{NOTE}={mark}")
    t.eq([g.run(), g.verdict(g.known[0], "Service"), g.mark(g.known[0])], [0, ("known", "unmarked"), None],
         "what the database knows loses its mark")


def races(t, g):
    """A session that is made while the cleanup reads."""
    g.run_agent()
    for where in ("/services", SET):
        g.older()
        made = []

        def create(method, path, where=where, made=made):
            if not made and method == "GET" and where in path:
                made.append(g.ada.create("editor", name="late")["id"])
                g.ada.wait_state(made[0], "running", timeout=120)

        (g.plane if where == SET else g.kube).before = create
        t.eq(g.run(), 0, f"a session that begins while {where} is read")
        bad = [o for o in g.lines if o["event"] == "object" and o["name"] == made[0] and o["verdict"] != "known"]
        t.eq([bad, g.ada.session(made[0])["state"]], [[], "running"], "is known, or not seen, and runs")
        g.older()
        t.eq([g.run(), {o["verdict"] for o in g.lines if o["event"] == "object" and o["name"] == made[0]}],
             [0, {"known"}], "and is known to the next run")
        g.ada.terminate(made[0])
        g.ada.wait_state(made[0], "terminated", timeout=120)
    g.agree(t, "after the cleanup")


def rights(t, g):
    """The Role is what the audit log shows, and has nothing of homes."""
    name = f"system:serviceaccount:{g.space}:streamspace-cleanup"
    used = set()
    for line in (cluster.folder() / "audit.log").read_text().splitlines():
        event = json.loads(line)
        ref = event.get("objectRef", {})
        if event["user"]["username"] == name and event["stage"] == "ResponseComplete":
            used.add((ref.get("apiGroup", ""), ref.get("resource"), event["verb"], ref.get("namespace")))
    role = next(d for d in yaml.safe_load_all((cluster.HERE / "cleanup-role.yaml").read_text()) if d["kind"] == "Role")
    granted = {(group, resource, verb, g.space) for rule in role["rules"] for group in rule["apiGroups"]
               for resource in rule["resources"] for verb in rule["verbs"]}
    t.eq(sorted(used - granted), [], "the cleanup used nothing beyond its Role")
    unused = {u for u in granted - used if u[2] != "delete" and u[2] != "patch"}
    t.eq(sorted(unused), [], "and reads all that it may read")
    t.eq([u for u in granted if "persistentvolumeclaims" in u[1]], [], "it has no verb on homes")
    for verb in ("get", "list", "delete", "patch", "deletecollection"):
        done = kubectl("auth", "can-i", verb, "persistentvolumeclaims", "-n", g.space, f"--as={name}", check=False)
        t.ok(done.stdout.strip() == "no", f"the API server says that it may not {verb} them")


def main(t):
    with Ground() as g:
        try:
            for part in (marks, key, clocks, installations, foreign, answers, partial, limits, changes, restores, rights, races):
                part(t, g)
        finally:
            g.kube.__exit__()
            g.plane.__exit__()


if __name__ == "__main__":
    cluster.main(main, database=True)
