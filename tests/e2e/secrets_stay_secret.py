#!/usr/bin/python3
"""Canary secrets: whatever is used as a password, token, key, cookie or ticket stands in no log, no argv, no database row
and no file of the page.

Server and agent log at level debug. Every secret is also presented where it is refused, for refusals are what logs
like to explain.
"""
import os
import pathlib
import subprocess
import threading

import harness
import wire_agent
import wire_stream
import ws


class ArgvWatch(threading.Thread):
    """Looks at the argv of every process of the machine until stopped."""

    def __init__(self, secrets):
        super().__init__(daemon=True)
        self.secrets = secrets
        self.found = set()
        self.rounds = 0
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            for argv, _ in harness.processes().values():
                line = "\0".join(argv)
                for name, value in list(self.secrets.items()):
                    if value in line:
                        self.found.add((name, argv[0]))
            self.rounds += 1
            self.ended.wait(0.02)

    def stop(self):
        self.ended.set()
        self.join()


def cookies(t, stack, secrets):
    """The page's log-in, and what else comes in a header Cookie."""
    page = {"Origin": f"http://127.0.0.1:{stack.port}"}
    anonymous = stack.anonymous()
    answer = anonymous.post("/api/v1/login", {"user": "ada", "password": secrets["changed password"], "cookie": True}, headers=page)
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    secrets["cookie"] = value
    t.ok("token" not in answer.json and value not in answer.text, "with a cookie no token stands in the answer")
    with_cookie = {**page, "Cookie": f"{name}={value}"}
    t.eq(anonymous.get("/api/v1/me", headers=with_cookie).status, 200, "a cookie opens")
    t.eq(anonymous.post("/api/v1/logins", headers={"Cookie": f"{name}={value}", "Origin": "https://evil.example"}).status in (403, 405), True, "not from elsewhere")
    secrets["wrong cookie"] = os.urandom(32).hex()
    t.eq(anonymous.get("/api/v1/me", headers={"Cookie": f"{name}={secrets['wrong cookie']}"}).status, 401, "a wrong one is refused")
    secrets["malformed cookie"] = "canary-" + os.urandom(8).hex()
    t.eq(anonymous.get("/api/v1/me", headers={"Cookie": f"{name}={secrets['malformed cookie']};;=; {name}=x"}).status, 401, "a malformed one too")
    anonymous.post("/api/v1/logout", {}, headers=with_cookie)
    t.eq(anonymous.get("/api/v1/me", headers=with_cookie).status, 401, "nor one that is logged out")


def tickets(t, stack, secrets, user, session):
    """A viewer's ticket, which by its nature travels in an address."""
    path = f"/api/v1/vnc/{session}?ticket="
    made = harness.wait_for("a ticket", lambda: (lambda a: a.json if a.status == 201 else None)(user.post(f"/api/v1/sessions/{session}/viewer-tickets")))
    secrets["ticket"] = made["ticket"]
    link = ws.connect(stack.port, made["url"])
    t.eq(wire_stream.receive(link, 12)[:4], b"RFB ", "a ticket opens the desktop")
    t.eq(wire_agent.refused(ws.connect, stack.port, made["url"]), (403, "ticket_invalid"), "once")
    secrets["typed text"] = "canary-" + os.urandom(8).hex()
    link.send_frame(ws.BINARY, wire_stream.HELLO + wire_stream.cut_text(secrets["typed text"].encode()))
    secrets["unused ticket"] = wire_stream.ticket(user, session)["ticket"]
    t.eq(stack.anonymous().get(path + secrets["unused ticket"]).status, 426, "where it reaches HTTP it is told to come otherwise")
    secrets["wrong ticket"] = os.urandom(32).hex()
    secrets["malformed ticket"] = "canary-" + os.urandom(8).hex()
    for name in ("wrong ticket", "malformed ticket"):
        t.ok(wire_agent.refused(ws.connect, stack.port, path + secrets[name])[0] in (403, 422), f"a {name} is refused")
    return link


def exercise(t, stack, secrets):
    """Use every secret rightly and wrongly."""
    secrets["admin password"] = stack.admin_password
    secrets["bootstrap key"] = stack.bootstrap_key
    secrets["admin token"] = stack.admin.token
    made = stack.admin.must("POST", "/api/v1/users", {"name": "ada", "role": "user"})
    secrets["set-password token"] = made["set_password_token"]
    secrets["user password"] = "canary-" + os.urandom(8).hex()
    anonymous = stack.anonymous()
    for _ in range(2):  # the second time it is refused
        anonymous.post("/api/v1/set-password", {"token": secrets["set-password token"], "password": secrets["user password"]})
    user = anonymous.login("ada", secrets["user password"])
    secrets["user token"] = user.token
    secrets["API key"] = user.must("POST", "/api/v1/api-keys", {"name": "k", "scopes": ["read"]})["secret"]
    t.eq(harness.Rest(stack.port, secrets["API key"]).get("/api/v1/me").status, 200, "an API key opens")
    secrets["changed password"] = "canary-" + os.urandom(8).hex()
    for _ in range(2):  # the second time the present one is wrong
        user.post("/api/v1/me:change-password", {"password": secrets["user password"], "new_password": secrets["changed password"]})
    secrets["wrong password"] = "canary-" + os.urandom(8).hex()
    t.eq(anonymous.post("/api/v1/login", {"user": "ada", "password": secrets["wrong password"]}).status, 401,
         "a wrong password is refused")
    anonymous.post("/api/v1/login", {"user": secrets["wrong password"], "password": "x", "surplus": secrets["wrong password"]})
    secrets["wrong token"] = os.urandom(32).hex()
    t.eq(harness.Rest(stack.port, secrets["wrong token"]).get("/api/v1/me").status, 401, "a wrong token is refused")
    secrets["malformed token"] = "canary-" + os.urandom(8).hex()
    t.eq(harness.Rest(stack.port, secrets["malformed token"]).get("/api/v1/me").status, 401, "a malformed token is refused")
    secrets["wrong agent key"] = os.urandom(32).hex()
    try:
        ws.connect(stack.port, "/api/v1/agents/connect?agent_id=agent-1", {"X-Agent-API-Key": secrets["wrong agent key"]})
        t.fail("a wrong agent key is refused")
    except ws.Refused as refused:
        t.eq(refused.status, 401, "a wrong agent key is refused")
    agent = stack.start_agent(options=("--log-level", "debug"))
    for path in agent.state_dir.glob("*key*"):
        if path.is_file():
            secrets[f"agent's {path.name}"] = path.read_text().strip()
    t.ok(any("agent's" in name for name in secrets), "the agent keeps a key of its own")
    stack.template()
    session = user.create("terminal")["id"]
    user.wait_state(session, "running")
    again = stack.anonymous().login("ada", secrets["changed password"])
    secrets["second token"] = again.token
    link = tickets(t, stack, secrets, again, session)
    cookies(t, stack, secrets)
    link.abort()
    user.terminate(session)
    user.wait_state(session, "terminated")
    body = {"agentId": "old-agent", "platform": "kubernetes", "capacity": {"maxSessions": 5}}
    anonymous.post("/api/v1/agents/register", body, headers={"X-Agent-API-Key": stack.bootstrap_key})
    secrets["2.0 agent's key"] = stack.admin.must("POST", "/api/v1/agents/old-agent:approve", {})["api_key"]
    user.must("POST", "/api/v1/logout", {})
    t.eq(user.get("/api/v1/me").status, 401, "a revoked token is refused")


def main(t):
    secrets = {}
    watch = ArgvWatch(secrets)
    with harness.Stack(server=False) as stack:
        stack.start_server(options=("--log-level", "debug"))
        exercise(t, stack, secrets)
        for program in (stack.agents["agent-1"], stack.server):
            t.eq(program.stop(), 0, f"{program.name} ends well")
        watch.stop()
        t.ok(watch.rounds > 10, f"argv of all processes was looked at {watch.rounds} times")
        t.eq(sorted(watch.found), [], "no secret stood in the argv of any process")
        logs = {str(p): p.read_text(errors="replace") for p in stack.dir.glob("*.log")}
        logs.update({str(p): p.read_text(errors="replace") for p in stack.dir.glob("*/sessions/*/log")})
        server_log = pathlib.Path(os.environ["SS_PGDIR"], "log")
        logs["PostgreSQL"] = server_log.read_text(errors="replace")
        dump = subprocess.run(["pg_dump", "--data-only", "-d", stack.db.name], env=stack.db.environment(), text=True,
                              capture_output=True, check=True).stdout
        t.ok("ada" in dump, "the dump of the database holds what it should")
        served = {path.name: path.read_text(errors="replace") for path in (harness.BUILD / "ui").rglob("*") if path.is_file()}
        t.ok(len(served) > 10, f"{len(served)} files of the page are looked at")
        for name, value in secrets.items():
            t.ok(len(value) >= 12, f"{name} is long enough to be looked for")
            t.eq([path for path, text in logs.items() if value in text], [], f"{name} stands in no log")
            t.ok(value not in dump, f"{name} stands in no table")
            t.eq([path for path, text in served.items() if value in text], [], f"{name} stands in no file of the page")
        t.ok(sum(len(text) for text in logs.values()) > 1000, f"{len(logs)} logs were searched")


if __name__ == "__main__":
    harness.main(main)
