#!/usr/bin/python3
"""schemathesis against a real server: whatever fits or does not fit docs/openapi.yaml, the server answers as the
description says. It asks with real log-ins of two orgs (who must not see each other's objects), with an API key
and as a platform administrator; all checks on, deterministic, bounded.

Beside what schemathesis finds, every operation must have succeeded for somebody: a route that only ever refuses
has not been tested.
"""

import collections
import hashlib
import json
import os
import re
import subprocess
import sys

import harness

API = harness.ROOT / "tests" / "api"
EXAMPLES = int(os.environ.get("STREAMSPACE_FUZZ_EXAMPLES", "8"))  # generated cases an operation, beside the systematic ones
PHASES = "examples,coverage,fuzzing"
# Asked by runs of their own, at the end: what ends log-ins (of whoever asks, too) or shortens them; what agents say.
ENDS = ("revoke_login", "revoke_api_key", "reset_password", "update_user", "put_settings")
APART = ("logout", "register_agent", "collect_agent_objects", "collect_agent_viewers", *ENDS)
# WebSockets, and the other listener.
NEVER = ("connect_agent", "open_viewer", "connect_agent_stream", "accept_relay", "metrics")
# Need what only a person or an agent has: a password, a one-time token, a session that an agent runs.
UNREACHED = {"login", "set_password", "change_password", "hibernate_session", "wake_session", "extend_session",
             "retry_session", "create_viewer_ticket", "close_connection", *NEVER}
SESSION, HOME, LOGIN, KEY, AGENT = ("s-01jd9x2m8k3v5r7t9w1y4z6b8c", "h-01jd9x2m8k3v5r7t9w1y4z6b8c",
                                    "l-01jd9x2m8k3v5r7t9w1y4z6b8c", "k-01jd9x2m8k3v5r7t9w1y4z6b8c", "agent-1")


def closed(document):
    """The document with every object of an answer closed: a member that is not described is a finding too. Problems
    stay open (further members belong to their code), and so do parts of an allOf, which know only some members."""
    schemas = document["components"]["schemas"]
    parts = set(re.findall(r'"allOf": \[(?:[^]]*?"#/components/schemas/(\w+)")', json.dumps(document)))

    def close(schema):
        if isinstance(schema, dict):
            if "allOf" in schema:
                schema.setdefault("unevaluatedProperties", False)
            elif isinstance(schema.get("properties"), dict):
                schema.setdefault("additionalProperties", False)
            for key, value in schema.items():
                if key != "allOf":
                    close(value)
        elif isinstance(schema, list):
            for value in schema:
                close(value)

    for name, schema in schemas.items():
        if name not in {"Problem", *parts}:
            close(schema)
    return document


class Person:
    """Somebody who asks, and what the examples of the description stand for when he does."""

    def __init__(self, rest, org, replace):
        self.rest = rest
        self.token = rest.token
        self.replace = {'"example": "default"': f'"example": "{org}"', '"example": "\\"17\\""': '"example": "*"', **replace}

    @property
    def header(self):
        return {"name": "Authorization", "value": f"Bearer {self.token}"}


class Fuzz:
    def __init__(self, t, stack):
        self.t = t
        self.stack = stack
        self.bin = subprocess.run([harness.ROOT / "tests" / "bin" / "api-tools"], check=True, stdout=subprocess.PIPE,
                                  stderr=sys.stderr, text=True).stdout.strip() + "/bin/schemathesis"
        self.document = json.dumps(closed(stack.anonymous().must("GET", "/api/v1/openapi.json")))
        self.answers = collections.defaultdict(collections.Counter)  # "GET /path" -> statuses
        self.checks = collections.Counter()
        self.cases = 0

    def config(self, name, peers):
        """The committed configuration with what only this run knows."""
        text = (API / "schemathesis.toml").read_text().replace('"hooks.py"', json.dumps(str(API / "hooks.py")))
        if peers:
            people = [{"name": who, "fixedHeaders": [person.header]} for who, person in peers.items()]
            path = self.stack.file(f"{name}.wfc.json", json.dumps({"auth": people}))
            text += f"\n[auth.wfc]\npath = {json.dumps(str(path))}\npeers = {json.dumps(list(peers))}\n"
        return self.stack.file(f"{name}.toml", text)

    def run(self, name, replace, headers=(), only=None, peers=None, examples=EXAMPLES, phases=PHASES):
        """One run of schemathesis; its own report is shown when it found something."""
        text = self.document
        for word, value in replace.items():
            text = text.replace(word, value)
        report = self.stack.dir / f"{name}.ndjson"
        args = [self.bin, "--config-file", self.config(name, peers), "run", self.stack.file(f"{name}.json", text),
                "--url", f"http://127.0.0.1:{self.stack.port}", "--phases", phases, "--max-examples", str(examples),
                "--workers", "1", "--checks", "all", "--report", "ndjson", "--report-ndjson-path", report]
        for header in headers:
            args += ["--header", f"{header['name']}: {header['value']}"]
        for operation in only or APART + NEVER:
            args += ["--include-operation-id" if only else "--exclude-operation-id", operation]
        done = subprocess.run(args, cwd=self.stack.dir, capture_output=True, text=True, timeout=600,
                              env={**os.environ, "PYTHONHASHSEED": "0", "COLUMNS": "160"})
        cases, failed = self.read(report)
        self.cases += cases
        good = self.t.ok(done.returncode == 0 and cases and not failed, f"{name}: {cases} cases, {failed} failed checks")
        if not good:
            self.t.diag(done.stdout[-60000:] + done.stderr[-5000:])

    def read(self, report):
        cases = failed = 0
        for line in report.read_text().splitlines() if report.exists() else ():
            event = json.loads(line).get("ScenarioFinished")
            recorder = event and event.get("recorder")
            if not recorder:
                continue
            for case, held in recorder.get("interactions", {}).items():
                cases += 1
                made = recorder.get("cases", {}).get(case)
                if made and held.get("response"):
                    at = f"{made['value']['method']} {made['value']['path']}"
                    self.answers[at][held["response"]["status_code"]] += 1
            for checks in recorder.get("checks", {}).values():
                for check in checks:
                    self.checks[check["name"]] += 1
                    failed += check["status"] != "success"
        return cases, failed

    def judge(self):
        """What all runs together must have reached."""
        silent = []
        for path, item in json.loads(self.document)["paths"].items():
            for method, operation in item.items():
                if method != "parameters" and operation["operationId"] not in UNREACHED:
                    seen = self.answers[f"{method.upper()} {path}"]
                    if not any(200 <= status < 400 for status in seen):
                        silent.append(f"{operation['operationId']}: {dict(seen)}")
        self.t.eq(silent, [], "every operation succeeded for somebody")
        kinds = collections.Counter(status for seen in self.answers.values() for status in seen.elements())
        self.t.diag("answers: " + ", ".join(f"{status}: {kinds[status]}" for status in sorted(kinds)))
        self.t.diag("checks: " + ", ".join(f"{name}: {count}" for name, count in sorted(self.checks.items())))
        self.t.ok(kinds[200] > 100 and kinds[422] > 100, f"{self.cases} cases of {len(self.answers)} operations in all")


def make_objects(owner):
    """What the ids of the examples stand for, as the owner has them."""
    session = owner.must("POST", "/api/v1/sessions", {"template": "terminal"})["id"]
    home = owner.must("POST", "/api/v1/homes", {"name": "fuzzed", "size_mib": 1024})["id"]
    key = owner.must("POST", "/api/v1/api-keys", {"name": "spare", "scopes": ["read"]})["api_key"]["id"]
    return {SESSION: session, HOME: home, '{"user": "ada", "mode"': '{"user": "carol", "mode"', KEY: key, "2026-11-23T12:00:00Z": after(owner, session)}


def after(owner, session):
    """A time at which there was the session already: the database's own, as it tells it."""
    return owner.must("GET", f"/api/v1/sessions/{session}")["created_at"]


def make_org(stack, org):
    admin = stack.admin
    if org != "default":
        admin.must("PUT", f"/api/v1/orgs/{org}", {"display_name": org})
    admin.must("PUT", f"/api/v1/templates/terminal?org={org}", harness.TERMINAL)
    admin.must("PUT", f"/api/v1/groups/students?org={org}", {})


def log_in(stack, name, org, role="user"):
    made = stack.admin.must("POST", "/api/v1/users", {"name": name, "org": org, "role": role})
    password = harness.secrets.token_hex(12)
    public = stack.anonymous()
    public.must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": password})
    token = public.must("POST", "/api/v1/login", {"user": name, "org": org, "password": password})["token"]
    return harness.Rest(stack.port, token, name)


def main(t):
    with harness.Stack(server=False) as stack:
        server = stack.start_server(options=("--rate-limit-actor", "0"))
        make_org(stack, "default")
        make_org(stack, "acme")
        stack.admin.must("PUT", "/api/v1/orgs/globex", {})
        for org in ("default", "acme"):
            log_in(stack, "carol", org)
        ada, bob = log_in(stack, "ada", "default"), log_in(stack, "bob", "acme")
        eve = log_in(stack, "eve", "acme", "org_admin")
        root, gone = log_in(stack, "root", "default", "platform_admin"), log_in(stack, "gone", "default")
        key = eve.must("POST", "/api/v1/api-keys", {"name": "ci", "scopes": ["read", "sessions", "admin"]})
        by_key = harness.Rest(stack.port, key["secret"], "eve's key")
        people = {"ada": Person(ada, "default", make_objects(ada)), "bob": Person(bob, "acme", make_objects(bob))}
        keyed = Person(by_key, "acme", make_objects(eve))
        login = root.must("GET", "/api/v1/logins?user=carol")["items"][0]["id"]
        admin = Person(root, "default", {LOGIN: login, **make_objects(root)})

        fuzz = Fuzz(t, stack)
        # The systematic phase is the longest: it is asked by whom no right is lacking, so that shapes are judged.
        fuzz.run("two-orgs", people["ada"].replace, peers=people, examples=2 * EXAMPLES, phases="examples,fuzzing")
        fuzz.run("api-key", keyed.replace, [keyed.header], phases="examples,fuzzing")
        agent = {"name": "X-Agent-API-Key", "value": stack.bootstrap_key}
        fuzz.run("agent", {}, [agent], only=["register_agent"])
        fuzz.run("admin", admin.replace, [admin.header])
        cleanup = harness.secrets.token_hex(32)
        root.must("PUT", f"/api/v1/agents/{AGENT}/cleanup-key", {"key_hash": hashlib.sha256(cleanup.encode()).hexdigest()})
        fuzz.run("cleanup", {}, [{"name": "X-Agent-API-Key", "value": cleanup}], only=["collect_agent_objects"])
        made = root.must("POST", "/api/v1/agent-tokens", {"agent": AGENT})
        own = harness.secrets.token_hex(32)
        stack.anonymous().must("POST", "/api/v1/agents/register", {"agentId": AGENT, "platform": "process", "keyHash": hashlib.sha256(own.encode()).hexdigest()},
                               headers={"X-Agent-API-Key": made["secret"]})
        fuzz.run("viewers", {}, [{"name": "X-Agent-API-Key", "value": own}], only=["collect_agent_viewers"])
        fuzz.run("logout", {}, [{"name": "Authorization", "value": f"Bearer {gone.token}"}], only=["logout"])
        fuzz.run("ends", admin.replace, [admin.header], only=ENDS)
        fuzz.judge()
        t.ok(server.running(), "the server lives")
        t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
