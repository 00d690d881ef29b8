#!/usr/bin/python3
"""Accounts through REST and two servers on one database: whatever ends at one is refused at the other at the next
call; and the password is guessed no faster by asking both, from wherever, while its owner still gets in."""
import datetime
import secrets
import threading

import harness
import openapi

OWNER, ATTACKER = "192.0.2.10", "203.0.113.66"


def at(server, client):
    """The same client at another server."""
    return harness.Rest(server.port, client.token, client.name)


def login(server, user, password, address=None):
    headers = {"X-Forwarded-For": address} if address else {}
    return harness.Rest(server.port).post("/api/v1/login", {"user": user, "password": password}, headers=headers)


def own(server, client, where="credential"):
    return at(server, client).must("GET", "/api/v1/me")[where]


def logins(t, stack, first, second):
    user = stack.user("lea")
    answer = harness.Rest(first.port).post("/api/v1/login", {"user": "lea", "password": user.password}, headers={"User-Agent": "browser/1"})
    here = harness.Rest(first.port, answer.json["token"], "lea")
    mine = own(second, here)
    t.eq((mine["kind"], mine["id"], mine["scopes"]), ("login", answer.json["login"]["id"], None), "a log-in knows itself, at the other server too")
    items = at(second, here).must("GET", "/api/v1/logins")["items"]
    t.eq([(i["user_agent"], i["current"]) for i in items], [("browser/1", True), (None, False)], "both log-ins are listed, newest first, this one marked")
    t.eq(at(second, here).post("/api/v1/logout").status, 200, "log out at the second server")
    t.eq(here.get("/api/v1/me").status, 401, "refused at the first, at the next call")

    other = harness.Rest(first.port).login("lea", user.password)
    ident = own(first, other)["id"]
    answer = at(second, user).delete(f"/api/v1/logins/{ident}?dry_run=true")
    t.eq((answer.status, answer.json["id"]), (200, ident), "a dry run of ending a log-in")
    t.eq(other.get("/api/v1/me").status, 200, "ends nothing")
    t.eq(at(second, user).delete(f"/api/v1/logins/{ident}", headers={"If-Match": '"7"'}).status, 412, "another revision is refused")
    t.eq(at(second, user).delete(f"/api/v1/logins/{ident}", headers={"If-Match": '"1"'}).status, 200, "ended at the second server by its id")
    t.eq(other.get("/api/v1/me").status, 401, "refused at the first")
    answer = user.delete(f"/api/v1/logins/{ident}")
    t.eq((answer.status, answer.code), (404, "login_not_found"), "and gone")
    t.eq(stack.admin.must("GET", "/api/v1/logins?user=lea")["items"][0]["user"], "lea", "an administrator sees the log-ins of a user")
    t.eq(user.get("/api/v1/logins?user=admin").code, "forbidden", "a user only his own")

    before = datetime.datetime.now(datetime.timezone.utc)

    def used():
        item = next(i for i in at(first, user).must("GET", "/api/v1/logins")["items"] if i["current"])
        return item["last_used_at"] and datetime.datetime.fromisoformat(item["last_used_at"]) > before - datetime.timedelta(seconds=1)

    harness.wait_for("the use of a token to be written", used)
    t.ok(True, "when it was last used is told, some seconds late")
    # Idle: the row is aged, as if nobody had used it for a while.
    stack.admin.must("PATCH", "/api/v1/settings", {"login_idle_seconds": 3600})
    stack.db.query("UPDATE streamspace_data.credential SET created_at = now() - interval '61 minutes' WHERE kind = 'login' AND token_hash = "
                   "(SELECT sha256(convert_to(:'token', 'UTF8'))); UPDATE streamspace_data.credential_use SET last_used_at = now() - interval '59 minutes' "
                   "WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));", user=None, token=user.token)
    t.eq(at(second, user).get("/api/v1/me").status, 200, "unused for less than the idle time")
    idle = harness.Rest(first.port).login("lea", user.password)
    stack.db.query("UPDATE streamspace_data.credential SET created_at = now() - interval '61 minutes' WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));",
                   user=None, token=idle.token)
    t.eq([at(s, idle).get("/api/v1/me").status for s in (first, second)], [401, 401], "for longer: refused everywhere")
    # A use is written only after the database accepted the token: asking does not bring it back.
    harness.wait_for("another use to be written", lambda: own(first, user) and used())
    t.eq(idle.get("/api/v1/me").status, 401, "and asking again does not help")
    stack.admin.must("PATCH", "/api/v1/settings", {"login_idle_seconds": 28800})


def users(t, stack, first, second):
    user = stack.user("uma")
    answer = stack.admin.get("/api/v1/users/uma")
    t.eq((answer.json["role"], answer.json["active"], answer.headers["ETag"]), ("user", True, f'"{answer.json["revision"]}"'), "one user, with a tag")
    tag = answer.headers["ETag"]
    change = stack.admin.call("PATCH", "/api/v1/users/uma", {"role": "operator"}, headers={"If-Match": tag})
    t.eq((change.status, change.json["role"]), (200, "operator"), "a role by PATCH")
    t.eq(at(second, user).get("/api/v1/users").status, 200, "counts at the other server at the next call")
    again = stack.admin.call("PATCH", "/api/v1/users/uma", {"role": "user"}, headers={"If-Match": tag})
    t.eq((again.status, again.json["revision"]), (412, change.json["revision"]), "an older tag is refused, and told the present revision")
    stack.admin.must("PATCH", "/api/v1/users/uma", {"role": "user"})
    t.eq(at(second, user).get("/api/v1/users").status, 403, "a demotion counts, too")
    t.eq([u["name"] for u in stack.admin.must("GET", "/api/v1/users?role=platform_admin&active=true")["items"]], [stack.ADMIN], "filters of the list")
    answer = stack.admin.call("PATCH", f"/api/v1/users/{stack.ADMIN}", {"active": False})
    t.eq((answer.status, answer.code), (409, "last_administrator"), "the last administrator stays")

    key = at(first, user).must("POST", "/api/v1/api-keys", {"name": "k", "scopes": ["read"]})["secret"]
    stack.admin.must("PATCH", "/api/v1/users/uma", {"active": False})
    t.eq([harness.Rest(s.port, k).get("/api/v1/me").status for s in (first, second) for k in (user.token, key)], [401] * 4, "deactivated: neither log-in nor key, at neither server")
    t.eq(login(second, "uma", user.password).status, 401, "nor a new log-in")
    stack.admin.must("PATCH", "/api/v1/users/uma", {"active": True})
    t.eq([harness.Rest(first.port, k).get("/api/v1/me").status for k in (user.token, key)], [401, 401], "what ended does not come back")
    t.eq(login(second, "uma", user.password).status, 200, "but he can log in again")

    # An administrator of an organisation does not climb.
    stack.admin.must("PUT", "/api/v1/orgs/acme", {"display_name": "Acme"})
    made = stack.admin.must("POST", "/api/v1/users", {"name": "boss", "org": "acme", "role": "org_admin"})
    harness.Rest(first.port).must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": "the boss himself"})
    boss = harness.Rest(first.port, harness.Rest(first.port).must("POST", "/api/v1/login", {"user": "boss", "org": "acme", "password": "the boss himself"})["token"])
    stack.admin.must("POST", "/api/v1/users", {"name": "chief", "org": "acme", "role": "platform_admin"})
    climbs = (("PATCH", "/api/v1/users/boss", {"role": "platform_admin"}), ("POST", "/api/v1/users", {"name": "evil", "role": "platform_admin"}),
              ("POST", "/api/v1/users/chief:reset-password", {}), ("POST", "/api/v1/users/chief:reset-password?dry_run=true", {}),
              ("PATCH", "/api/v1/users/chief", {"active": False}), ("GET", "/api/v1/settings", None), ("PUT", "/api/v1/orgs/acme", {"max_sessions": 9}),
              ("GET", "/api/v1/users?org=default", None), ("PATCH", f"/api/v1/users/{stack.ADMIN}?org=default", {"active": False}))
    t.eq([boss.call(*c).status for c in climbs], [403] * len(climbs), "an administrator of an organisation does not climb above it")
    t.eq(boss.must("GET", "/api/v1/orgs/acme")["name"], "acme", "but sees his organisation")
    t.eq(boss.get("/api/v1/orgs/default").status, 403, "and no other")


def groups(t, stack, first, second):
    user = stack.user("gus")
    made = stack.admin.put("/api/v1/groups/devs", {"display_name": "Developers"})
    t.eq((made.status, made.json["members"], made.headers["ETag"]), (200, 0, '"1"'), "a group")
    t.eq(stack.admin.call("PUT", "/api/v1/groups/devs/members/gus", headers={"If-Match": '"1"'}).json["members"], 1, "a member")
    t.eq(stack.admin.call("PUT", "/api/v1/groups/devs/members/gus", headers={"If-Match": '"1"'}).status, 412, "an older revision")
    t.eq([i["user"] for i in stack.admin.must("GET", "/api/v1/groups/devs/members")["items"]], ["gus"], "its members")
    t.eq([g["name"] for g in at(second, user).must("GET", "/api/v1/groups")["items"]], ["devs"], "he sees his group")
    t.eq(user.put("/api/v1/groups/mine", {}).status, 403, "and makes none")
    t.eq(stack.admin.delete("/api/v1/groups/devs/members/gus").json["members"], 0, "out again")
    t.eq(stack.admin.delete("/api/v1/groups/devs/members/gus").code, "member_not_found", "once")
    t.eq(stack.admin.delete("/api/v1/groups/devs?dry_run=true").status, 200, "a dry run of the removal")
    t.eq(stack.admin.delete("/api/v1/groups/devs").status, 200, "the removal")
    t.eq(stack.admin.get("/api/v1/groups/devs").code, "group_not_found", "it is gone")


def keys(t, stack, first, second):
    user = stack.user("kim")
    answer = user.post("/api/v1/api-keys?dry_run=true", {"name": "ci", "scopes": ["read"]})
    t.eq((answer.status, answer.json["secret"]), (200, None), "a dry run shows no secret")
    answer = user.post("/api/v1/api-keys", {"name": "ci", "scopes": ["read"]}, headers={"Idempotency-Key": "once"})
    t.eq((answer.status, len(answer.json["secret"])), (201, 64), "a key")
    again = user.post("/api/v1/api-keys", {"name": "ci", "scopes": ["read"]}, headers={"Idempotency-Key": "once"})
    t.eq((again.status, again.code, again.json["id"]), (409, "secret_already_shown", answer.json["api_key"]["id"]), "repeated: not shown again, but named")
    key, ident = harness.Rest(second.port, answer.json["secret"], "kim"), answer.json["api_key"]["id"]
    me = key.must("GET", "/api/v1/me")
    t.eq((me["name"], me["credential"]["kind"], me["credential"]["scopes"]), ("kim", "api_key", ["read"]), "it opens at the other server")
    refused = [key.call(*c) for c in (("POST", "/api/v1/sessions", {"template": "terminal"}), ("POST", "/api/v1/api-keys", {"name": "x", "scopes": ["read"]}),
                                      ("GET", "/api/v1/logins", None), ("POST", "/api/v1/me:change-password", {"password": user.password, "new_password": "not by a key"}),
                                      ("POST", "/api/v1/logout", {}))]
    t.eq([(a.status, a.code) for a in refused], [(403, "scope_required")] * 5, "within its scopes only, and never the account") or t.diag(refused)
    t.eq(user.post("/api/v1/api-keys", {"name": "x", "scopes": ["admin"]}).code, "forbidden", "a scope beyond the role")
    for body in ({"name": "x", "scopes": []}, {"name": "x", "scopes": ["everything"]}, {"name": "x", "scopes": ["a\"b\\{}"]}, {"name": "", "scopes": ["read"]},
                 {"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, {"name": "x", "scopes": ["read"], "expires_at": "9999-01-01T00:00:00Z"}):
        answer = user.post("/api/v1/api-keys", body)
        t.eq((answer.status, answer.code), (422, "invalid_argument"), f"no key of {body}")
    item = [i for i in user.must("GET", "/api/v1/api-keys")["items"] if i["id"] == ident]
    t.ok(item and "secret" not in item[0], "the list shows it without its secret")
    harness.wait_for("the use of the key to be written", lambda: next(
        i for i in user.must("GET", "/api/v1/api-keys")["items"] if i["id"] == ident)["last_used_at"])
    t.ok(True, "and when it was last used")
    t.eq(at(first, user).delete(f"/api/v1/api-keys/{ident}").status, 200, "ended at the first server")
    t.eq(key.get("/api/v1/me").status, 401, "refused at the second")
    short = user.must("POST", "/api/v1/api-keys", {"name": "short", "scopes": ["read"]})
    stack.db.query("UPDATE streamspace_data.credential SET expires_at = now() WHERE credential_id = :'id';", user=None, id=short["api_key"]["id"])
    t.eq(harness.Rest(first.port, short["secret"]).get("/api/v1/me").status, 401, "an expired key opens nothing")


def passwords(t, stack, first, second):
    user = stack.user("pia")
    other = harness.Rest(second.port).login("pia", user.password)
    new = secrets.token_hex(8)
    answer = user.post("/api/v1/me:change-password", {"password": "not this one", "new_password": new})
    t.eq((answer.status, answer.code), (401, "invalid_credentials"), "the present password must be right")
    answer = user.post("/api/v1/me:change-password", {"password": user.password, "new_password": "short"})
    t.eq((answer.status, answer.json["pointer"]), (422, "/new_password"), "and the new one long enough")
    answer = user.post("/api/v1/me:change-password", {"password": user.password, "new_password": new})
    t.eq((answer.status, answer.json["ended"]), (200, 1), "changed")
    t.eq((at(second, user).get("/api/v1/me").status, other.get("/api/v1/me").status), (200, 401), "this log-in goes on, the other ended")
    t.eq((login(second, "pia", user.password).status, login(second, "pia", new).status), (401, 200), "the new one counts, at the other server")
    codes = [at(server, user).post("/api/v1/me:change-password", {"password": "guess", "new_password": new}).code for server in (first, second) * 6]
    t.eq((codes.count("invalid_credentials"), codes.count("too_many_attempts")), (9, 3), "who found an open log-in guesses 10 times, at both servers together")


def throttle(t, stack, first, second):
    """Both servers trust the proxy on 127.0.0.1 to name the client."""
    made = stack.admin.must("POST", "/api/v1/users", {"name": "tom"})
    password = secrets.token_hex(8)
    t.eq(harness.Rest(first.port).post("/api/v1/set-password", {"token": made["set_password_token"], "password": password},
                                       headers={"X-Forwarded-For": OWNER}).status, 200, "tom sets his password at home")
    answers, failures = [], []

    def attack(server, number):
        for guess in range(5):
            answers.append(login(server, "tom", f"guess-{number}-{guess}", f"203.0.113.{number}"))

    def owner():
        for _ in range(10):
            answer = login(first, "tom", password, OWNER)
            if answer.status != 200:
                failures.append(answer)

    threads = [threading.Thread(target=attack, args=((first, second)[n % 2], n)) for n in range(12)] + [threading.Thread(target=owner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = [a.code for a in answers]
    t.eq((codes.count("invalid_credentials"), codes.count("too_many_attempts"), len(codes)), (10, 50, 60),
         "60 guesses at once, from 12 addresses at two servers: 10 are heard")
    t.eq(failures, [], "meanwhile the owner logged in 10 times from where he is known")
    refused = next(a for a in answers if a.code == "too_many_attempts")
    t.ok(refused.status == 429 and 0 < int(refused.headers["Retry-After"]) <= 900, "429, with the time to wait") or t.diag(refused)
    t.eq(refused.json["retry_after_seconds"] > 0, True, "also in the body")
    t.eq(login(second, "tom", password, "198.51.100.1").code, "too_many_attempts", "the right password from a strange place waits, too")
    t.eq(login(second, "tom", "wrong", f"{OWNER}, 203.0.113.99").code, "too_many_attempts", "a proxy's last word counts: what the client put before it does not")
    token = stack.admin.must("POST", "/api/v1/users/tom:reset-password", {})["set_password_token"]
    harness.Rest(second.port).must("POST", "/api/v1/set-password", {"token": token, "password": password}, headers={"X-Forwarded-For": "198.51.100.1"})
    t.eq(login(first, "tom", password, "198.51.100.1").status, 200, "a one-time token makes the strange place known")
    item = harness.Rest(first.port, login(first, "tom", password, OWNER).json["token"]).must("GET", "/api/v1/logins")["items"][0]
    t.eq(item["address"], OWNER, "the list of log-ins shows the client's address")

    codes = [login((first, second)[n % 2], f"nobody-{n}", "guess", ATTACKER).code for n in range(110)]
    t.eq((codes.count("invalid_credentials"), codes.count("too_many_attempts")), (100, 10), "110 accounts from one address: 100 are heard")


def orgs(t, stack):
    answer = stack.admin.put("/api/v1/orgs/beta", {"display_name": "Beta", "max_sessions": 3})
    t.eq((answer.status, answer.json["limits"]["max_sessions"], answer.headers["ETag"]), (200, 3, f'"{answer.json["revision"]}"'), "an organisation")
    tag = answer.headers["ETag"]
    t.eq(stack.admin.put("/api/v1/orgs/beta", {"display_name": "B"}, headers={"If-Match": tag}).json["limits"]["max_sessions"], 3, "what is absent stays")
    t.eq(stack.admin.put("/api/v1/orgs/beta", {"display_name": "C"}, headers={"If-Match": tag}).status, 412, "an older revision is refused")
    t.ok({"beta", "default"} <= {o["name"] for o in stack.admin.must("GET", "/api/v1/orgs")["items"]}, "the list")
    t.eq(stack.admin.get("/api/v1/orgs/none").code, "org_not_found", "none of that name")


def settings(t, stack):
    answer = stack.admin.get("/api/v1/settings")
    tag = answer.headers["ETag"]
    t.eq(stack.admin.call("PATCH", "/api/v1/settings?dry_run=true", {"orphan_grace_seconds": 5}).json["orphan_grace_seconds"], 5, "a dry run of a setting")
    t.eq(stack.admin.must("GET", "/api/v1/settings")["orphan_grace_seconds"], 600, "sets nothing")
    changed = stack.admin.call("PATCH", "/api/v1/settings", {"orphan_grace_seconds": 601}, headers={"If-Match": tag})
    t.eq((changed.status, changed.json["orphan_grace_seconds"]), (200, 601), "a setting")
    t.eq(stack.admin.call("PATCH", "/api/v1/settings", {"orphan_grace_seconds": 602}, headers={"If-Match": tag}).status, 412, "an older revision")
    for body in ({"colour": 1}, {"login_idle_seconds": "60"}, {"login_idle_seconds": None}, {"login_idle_seconds": 1}):
        answer = stack.admin.call("PATCH", "/api/v1/settings", body)
        t.eq((answer.status, answer.code), (422, "invalid_argument"), f"no settings: {body}")


def main(t):
    described = openapi.Watch()
    with harness.Stack(server=False) as stack:
        options = ("--trusted-proxies", "127.0.0.1")
        first = stack.start_server(options=options)
        second = stack.start_server(port=harness.free_port(), options=options)
        stack.port = stack.admin.port = first.port
        stack.template()
        logins(t, stack, first, second)
        users(t, stack, first, second)
        groups(t, stack, first, second)
        keys(t, stack, first, second)
        passwords(t, stack, first, second)
        throttle(t, stack, first, second)
        orgs(t, stack)
        settings(t, stack)
        described.check(t)
        for server in (first, second):
            t.eq(server.stop(), 0, "stops cleanly")
            t.eq(server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
