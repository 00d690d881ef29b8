#!/usr/bin/python3
"""Every route once in its good case, and what all mutations share: dry run and idempotency."""

import hashlib
import secrets

import harness
import openapi


def everything(db):
    """What the database holds, sessions' clocks and log-ins aside."""
    tables = "session agent_command app_user template template_revision agent session_event request audit_log"
    return db.query("SELECT " + ", ".join(f"(SELECT count(*) FROM streamspace_data.{t})" for t in tables.split()) + ";", user=None)


def account(t, stack):
    answer = stack.anonymous().post("/api/v1/login", {"user": stack.ADMIN, "password": stack.admin_password, "org": None})
    t.eq(answer.status, 200, "log-in; null is the same as absent")
    t.eq(sorted(answer.json), ["expires_at", "login", "token", "user"], "token, expiry, log-in, user")
    t.like(answer.json["token"], r"^[0-9a-f]{64}$", "a token of 64 digits")
    me = harness.Rest(stack.port, answer.json["token"]).get("/api/v1/me")
    t.eq((me.status, me.json["name"], me.json["role"]), (200, stack.ADMIN, "platform_admin"), "me")
    made = stack.admin.post("/api/v1/users", {"name": "bob", "display_name": "B\u00f6b \U0001f600"})
    t.eq((made.status, made.json["user"]["display_name"]), (201, "B\u00f6b \U0001f600"), "create a user")
    first = made.json["set_password_token"]
    token = stack.admin.must("POST", "/api/v1/users/bob:reset-password", status=200)["set_password_token"]
    answer = stack.anonymous().post("/api/v1/set-password", {"token": first, "password": "first password"})
    t.eq((answer.status, answer.code), (401, "token_invalid"), "a new token makes the old one worthless")
    answer = stack.anonymous().post("/api/v1/set-password", {"token": token, "password": "p\u00e4ssword"})
    t.eq((answer.status, answer.json["user"]["name"]), (200, "bob"), "set the password")
    bob = stack.anonymous().login("bob", "p\u00e4ssword")
    answer = stack.anonymous().post("/api/v1/set-password", {"token": token, "password": "once more"})
    t.eq((answer.status, answer.code), (401, "token_invalid"), "a token works once")
    token = stack.admin.must("POST", "/api/v1/users/bob:reset-password?org=default", status=200)["set_password_token"]
    stack.anonymous().must("POST", "/api/v1/set-password", {"token": token, "password": "new password"})
    t.eq(bob.get("/api/v1/me").status, 401, "a new password ends the log-ins")
    names = [u["name"] for u in stack.admin.must("GET", "/api/v1/users")["items"]]
    t.eq(sorted(names), sorted([stack.ADMIN, "ada", "bob"]), "list the users")
    return stack.anonymous().login("bob", "new password")


def templates(t, stack, user):
    made = stack.admin.put("/api/v1/templates/terminal", harness.TERMINAL)
    t.eq((made.status, made.json["revision"]), (200, 1), "put a template")
    t.eq(stack.admin.put("/api/v1/templates/terminal", harness.TERMINAL).json["revision"], 1, "the same content keeps its revision")
    t.eq(stack.template("terminal", resolution="800x600")["revision"], 2, "other content makes a new one")
    document = {"apiVersion": "stream.space/v1alpha1", "kind": "Template", "metadata": {"name": "whole"}, "spec": harness.TERMINAL}
    answer = stack.admin.put("/api/v1/templates/whole", document)
    t.ok(answer.status == 200 and answer.json["spec"]["command"] == harness.TERMINAL["command"], "a whole document") or t.diag(answer)
    t.eq(user.must("GET", "/api/v1/templates/terminal")["spec"]["resolution"], "800x600", "get the newest")
    t.eq(user.must("GET", "/api/v1/templates/terminal?revision=1")["spec"]["resolution"], "1024x768", "get an older one")
    t.eq([i["name"] for i in user.must("GET", "/api/v1/templates")["items"]], ["terminal", "whole"], "list them")
    answer = user.put("/api/v1/templates/terminal", harness.TERMINAL)
    t.eq((answer.status, answer.code), (403, "forbidden"), "not for users")
    answer = stack.admin.put("/api/v1/templates/odd", {**harness.TERMINAL, "colour": "red"})
    t.ok(answer.status == 422 and answer.json["pointer"].endswith("/colour"), "an unknown field of a spec is named") or t.diag(answer)


def sessions(t, stack, user):
    answer = user.post("/api/v1/sessions", {"template": "terminal"})
    session = answer.json["id"]
    t.eq((answer.status, answer.json["owner"], answer.json["state"]), (201, "ada", "pending"), "create a session")
    t.eq(answer.headers["Location"], f"/api/v1/sessions/{session}", "Location")
    t.eq(user.get(answer.headers["Location"]).json["id"], session, "leads there")
    ids = [session] + [user.create("terminal")["id"] for _ in range(4)]
    pages, cursor = [], ""
    while cursor is not None:
        page = user.must("GET", "/api/v1/sessions?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        pages.append([i["id"] for i in page["items"]])
        cursor = page["next_cursor"]
    t.eq(([i for p in pages for i in p], [len(p) for p in pages]), (ids[::-1], [2, 2, 1]), "pages of two, newest first")
    t.eq(len(user.must("GET", "/api/v1/sessions?state=pending&owner=ada")["items"]), 5, "filters")
    t.eq(user.must("GET", "/api/v1/sessions?state=running")["items"], [], "an empty list is no error")
    answer = user.post(f"/api/v1/sessions/{session}:hibernate")
    t.eq((answer.status, answer.code), (409, "invalid_transition"), "what its state forbids")
    answer = user.post(f"/api/v1/sessions/{session}:wake")
    t.eq((answer.status, answer.code), (409, "invalid_transition"), "wake what does not sleep")
    answer = user.delete(f"/api/v1/sessions/{session}")
    t.eq((answer.status, answer.json["id"]), (202, session), "terminate")
    answer = user.delete(f"/api/v1/sessions/{ids[1]}?force=true")
    t.eq((answer.status, answer.json["state"]), (202, "terminated"), "terminate by force")


def foreign(t, stack, bob, session):
    for method, path in (("GET", f"/api/v1/sessions/{session}"), ("DELETE", f"/api/v1/sessions/{session}"),
                         ("POST", f"/api/v1/sessions/{session}:hibernate"), ("POST", f"/api/v1/sessions/{session}:wake")):
        answer = bob.call(method, path)
        t.eq((answer.status, answer.code), (404, "session_not_found"), f"{method} of another's session")
    answer = bob.post("/api/v1/sessions", {"template": "terminal", "owner": "ada"})
    t.eq((answer.status, answer.code), (403, "forbidden"), "create for another")


def mutations(session, agent):
    """(method, path, body, other path, other body): one that would succeed of every route that
    mutates, and another request of the same route."""
    sessions, users, agents = "/api/v1/sessions", "/api/v1/users", "/api/v1/agents"
    template = "/api/v1/templates/another"
    return [
        ("POST", sessions, {"template": "terminal"}, sessions, {"template": "whole"}),
        ("DELETE", f"{sessions}/{session}", None, f"{sessions}/{session}?force=true", None),
        ("PUT", template, harness.TERMINAL, template, {**harness.TERMINAL, "resolution": "640x480"}),
        ("PUT", f"{template}/access", {"groups": []}, f"{template}/access", {"groups": None}),
        ("POST", f"{template}:publish", {"orgs": []}, f"{template}:publish", {"orgs": ["default"]}),
        ("DELETE", template, None, "/api/v1/templates/whole", None),
        ("POST", users, {"name": "carol"}, users, {"name": "mallory"}),
        ("POST", f"{users}/bob:reset-password", None, f"{users}/ada:reset-password", None),
        ("POST", f"{agents}/{agent}:approve", {}, f"{agents}/old-1:approve", {}),
        ("POST", f"{agents}/{agent}:reject", {"reason": "test"}, f"{agents}/{agent}:reject", {"reason": "other"}),
    ]


SECRETS = {"set_password_token", "api_key"}


def dry_and_twice(t, stack, session, agent):
    admin = stack.admin
    for method, path, body, other_path, other_body in mutations(session, agent):
        name = f"{method} {path.replace(session, 'ID')}"
        before = everything(stack.db)
        answer = admin.call(method, path + "?dry_run=true", body)
        if not t.eq((answer.status, answer.headers["Location"]), (200, None), f"{name}: dry run"):
            t.diag(answer)
        t.eq([answer.json[s] for s in SECRETS & set(answer.json)], [None] * len(SECRETS & set(answer.json)), f"{name}: shows no secret")
        t.eq(everything(stack.db), before, f"{name}: changes nothing")
        key = {"Idempotency-Key": secrets.token_hex(8)}
        first = admin.call(method, path, body, headers=key)
        t.ok(first.status in (200, 201, 202), f"{name}: done") or t.diag(first)
        done = everything(stack.db)
        again = admin.call(method, path, body, headers=key)
        if SECRETS & set(first.json) and any(first.json[s] for s in SECRETS & set(first.json)):
            t.eq((again.status, again.code), (409, "secret_already_shown"), f"{name}: a secret is shown once")
        else:
            t.eq((again.status, again.json, again.headers["Location"]), (first.status, first.json, first.headers["Location"]),
                 f"{name}: the same key, the same answer")
        t.eq(everything(stack.db), done, f"{name}: and nothing is done again")
        other = admin.call(method, other_path, other_body, headers=key)
        t.eq((other.status, other.code), (422, "request_mismatch"), f"{name}: the key fits no other request")


def agents(t, stack):
    def register(agent, key, **more):
        return stack.anonymous().call("POST", "/api/v1/agents/register", {"agentId": agent, "platform": "kubernetes", **more},
                                      headers={"X-Agent-API-Key": key})

    answer = register("old-1", stack.bootstrap_key, region="eu", capacity={"maxSessions": 5, "cpu": "64 cores"}, metadata={})
    t.eq((answer.status, answer.json["approvalStatus"]), (202, "pending"), "a 2.0 agent registers") or t.diag(answer)
    t.eq((answer.json["agent"]["agentId"], answer.json["agent"]["platform"]), ("old-1", "kubernetes"), "in its own words")
    t.eq(register("old-1", stack.bootstrap_key, newField=1).status, 202, "again, with a field from the future")
    t.eq(register("old-1", "0" * 64).code, "unauthorized", "not with another key")
    key = stack.admin.must("POST", "/api/v1/agents/old-1:approve", {}, status=200)["api_key"]
    t.like(key, r"^[0-9a-f]{64}$", "approval shows it a key, once")
    t.eq(register("old-1", key).status, 200, "registers with it as known")
    own = secrets.token_hex(32)
    digest = hashlib.sha256(own.encode()).hexdigest()
    answer = register("new-1", stack.bootstrap_key, protocolVersion=3, keyHash=digest)
    t.eq(answer.status, 202, "an agent with a key of its own registers")
    answer = stack.admin.post("/api/v1/agents/new-1:approve", {"key_prefix": "00000000"})
    t.eq((answer.status, answer.code), (409, "key_mismatch"), "another key's prefix is refused")
    answer = stack.admin.post("/api/v1/agents/new-1:approve", {"key_prefix": digest[:8]})
    t.eq((answer.status, answer.json["api_key"], answer.json["agent"]["approval"]), (200, None, "approved"), "its own approves it")
    t.eq(register("new-1", own).status, 200, "and it registers with its own key")
    answer = register("x", stack.bootstrap_key)
    t.eq((answer.status, answer.code), (422, "invalid_argument"), "an id too short")
    register("third-1", stack.bootstrap_key)
    answer = stack.admin.post("/api/v1/agents/third-1:reject", {"reason": "no"})
    t.eq((answer.status, answer.json["agent"]["approval"]), (200, "rejected"), "reject")
    t.eq(register("third-1", stack.bootstrap_key).code, "agent_rejected", "a rejected agent hears it")
    ids = {a["id"]: a for a in stack.admin.must("GET", "/api/v1/agents")["items"]}
    t.eq(sorted(ids), ["new-1", "old-1", "third-1"], "list the agents")
    t.eq(ids["new-1"]["key_prefix"], digest[:8], "with the prefix to compare")
    register("fourth-1", stack.bootstrap_key)
    return "fourth-1"


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        user = stack.user("ada")
        bob = account(t, stack)
        templates(t, stack, user)
        sessions(t, stack, user)
        session = user.create("terminal")["id"]
        foreign(t, stack, bob, session)
        agent = agents(t, stack)
        t.eq(set(bob.must("GET", "/api/v1/agents")["items"][0]), {"id", "platform", "state"}, "users see little of agents")
        dry_and_twice(t, stack, session, agent)
        described.check(t)
        t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
