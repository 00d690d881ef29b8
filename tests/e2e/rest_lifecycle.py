#!/usr/bin/python3
"""Idle hibernation from end to end: a policy over REST, a real desktop, a moved clock, a warning, input, the agent.

The server's own sweep goes by the real clock; a superuser sweeps beside it at a later one, as the SQL tests do.
"""
import datetime

import harness
import openapi


def sweep(stack, after):
    """One sweep at a moved clock; the server's own may be at it just then."""
    def probe():
        answer = stack.db.json("SET streamspace.clock_offset = :'after'; SELECT streamspace.tick();", user=None, after=after)
        return None if answer.get("skipped") else answer
    return harness.wait_for("a sweep", probe)


def at(text):
    return datetime.datetime.fromisoformat(text)


def policies(t, stack, user, session):
    answer = stack.admin.put("/api/v1/orgs/default/policy", {"idle_seconds": 1800, "warn_seconds": 300})
    t.eq((answer.status, answer.json["idle_seconds"], answer.json["revision"]), (200, 1800, 1), "the organisation's policy")
    t.eq(answer.headers["ETag"], '"1"', "with its revision as entity tag")
    t.eq(stack.admin.put("/api/v1/orgs/default/policy", {"idle_seconds": 60}, headers={"If-Match": '"7"'}).status, 412, "not against another revision")
    t.eq(stack.admin.put("/api/v1/orgs/default/policy?dry_run=true", {"idle_seconds": 60}).json["idle_seconds"], 60, "a dry run answers")
    t.eq(stack.admin.get("/api/v1/orgs/default/policy").json["idle_seconds"], 1800, "and changes nothing")
    t.eq(user.put("/api/v1/orgs/default/policy", {"idle_seconds": 0}).code, "forbidden", "not by a user")
    t.eq(user.put(f"/api/v1/sessions/{session}/policy", {"idle_seconds": 3600}).code, "policy_not_stricter", "whose own may not be looser")
    t.eq(user.put(f"/api/v1/sessions/{session}/policy", {"idle_seconds": 61, "wrong": 1}).code, "invalid_argument", "nor of another form")
    t.eq(user.get(f"/api/v1/sessions/{session}/policy").json["effective"]["sources"]["idle_seconds"]["scope"], "org", "what holds, and who says so")
    for scope, name in (("groups", "team"), ("users", "ada"), ("templates", "terminal")):
        if scope == "groups":
            stack.admin.must("PUT", "/api/v1/groups/team", {"display_name": "Team"})
        t.eq(stack.admin.put(f"/api/v1/{scope}/{name}/policy", {"max_action": "hibernate"}).status, 200, f"a policy of {scope}")
        t.eq(stack.admin.get(f"/api/v1/{scope}/{name}/policy").json["name"], name, f"and to be read of {scope}")
    t.eq(stack.admin.put("/api/v1/users/nobody/policy", {}).code, "user_not_found", "of a user that there is not")
    t.eq([p["scope"] for p in stack.admin.must("GET", "/api/v1/policies")["items"]], ["org", "group", "user", "template"], "all of them listed")
    t.eq([p["name"] for p in stack.admin.must("GET", "/api/v1/policies?scope=user")["items"]], ["ada"], "by scope")


def idle(t, stack, user, session):
    outlook = user.must("GET", f"/api/v1/sessions/{session}/outlook")
    t.eq((outlook["next"]["rule"], outlook["next"]["action"], outlook["next"]["set_by"]),
         ("idle", "hibernate", f"user:default/{stack.ADMIN}"), "the outlook says what, why and by whom")
    t.eq(outlook["kept_active_by"]["kind"], "unknown", "no input is known yet")
    sweep(stack, "26 minutes")
    shown = harness.wait_for("the warning", lambda: user.session(session)["warning"])
    t.eq((shown["rule"], shown["action"]), ("idle", "hibernate"), "a warning shows in the session")
    answer = user.post(f"/api/v1/sessions/{session}:activity")
    t.eq((answer.status, answer.json["warning"]), (200, None), "input withdraws it")
    t.eq(user.session(session)["warning"], None, "for everybody")
    later = user.must("GET", f"/api/v1/sessions/{session}/outlook")
    t.ok(at(later["next"]["at"]) > at(outlook["next"]["at"]), "and moves the stop")
    t.eq((later["kept_active_by"]["kind"], later["kept_active_by"]["by"]), ("input", "user:default/ada"), "which is what keeps it active")
    t.eq(user.session(session)["state"], "running", "it runs on")

    extended = user.post(f"/api/v1/sessions/{session}:extend", {"seconds": 7200})
    t.eq(extended.status, 200, "two hours more")
    t.ok(at(user.must("GET", f"/api/v1/sessions/{session}/outlook")["next"]["at"]) > at(later["next"]["at"]), "move it further")
    t.eq(user.post(f"/api/v1/sessions/{session}:extend", {"seconds": 2592000}).code, "extension_too_long", "but not for ever")
    sweep(stack, "1 hour")
    t.eq(user.session(session)["state"], "running", "an hour later nothing has happened")
    sweep(stack, "117 minutes")
    t.ok(user.session(session)["warning"], "near its end it is warned")
    sweep(stack, "121 minutes")
    user.wait_state(session, "hibernated")
    harness.wait_for("no process of it", lambda: not stack.session_processes(session))
    t.ok(True, "then the agent hibernates it: its processes are gone")
    row = user.session(session)
    t.eq((row["reason"], row["warning"]), ("idle", None), "it says why")
    t.ok("Wake" in row["next_step"], "and what to do")
    t.eq(stack.db.query("SELECT count(*) FROM streamspace_data.session_event WHERE session_id = :'id' AND event = 'hibernate'"
                        " AND actor = 'rule:idle';", user=None, id=session), "1", "it happened once")
    user.wake(session)
    user.wait_state(session, "running")
    t.ok(True, "woken it runs again")


def schedule(t, user, session):
    path = f"/api/v1/sessions/{session}/schedule"
    t.eq(user.get(path).code, "schedule_not_found", "no schedule")
    t.eq(user.put(path, {"time_zone": "Europe/Atlantis", "days": [1], "start": "09:00"}).code, "invalid_argument", "an unknown zone is refused")
    body = {"time_zone": "Europe/Berlin", "days": [1, 2], "start": "09:00", "stop": "18:00", "enabled": True}
    put = user.put(path, body)
    t.eq((put.status, {k: put.json[k] for k in body}), (200, body), "working hours")
    t.eq(user.get(path, headers={"If-None-Match": put.headers["ETag"]}).status, 304, "with an entity tag")
    t.ok(any(e["rule"] == "schedule" for e in user.must("GET", f"/api/v1/sessions/{session}/outlook")["all"]), "they stand in the outlook")
    t.eq([s["session"] for s in user.must("GET", "/api/v1/schedules")["items"]], [session], "and in the list")
    t.eq(user.delete(path, headers={"If-Match": '"9"'}).status, 412, "not deleted as something else")
    t.eq(user.delete(path, headers={"If-Match": put.headers["ETag"]}).status, 200, "deleted")


def retry(t, stack, user):
    stack.template("broken", spec={**harness.TERMINAL, "command": ["/no/such/program"]})
    session = user.create("broken")["id"]
    row = user.wait_state(session, "failed")
    t.eq((row["failure"]["reason"], row["failure"]["can_retry"], row["failure"]["retry_at"]), ("command_not_found", False, None), "a failed session says why")
    t.ok("host" in row["failure"]["next_step"], "and what to do")
    answer = user.post(f"/api/v1/sessions/{session}:retry", headers={"If-Match": f'"{row["revision"]}"'})
    t.eq((answer.status, answer.json["failure"]), (202, None), "it can be retried by hand")
    harness.wait_for("it to fail again", lambda: user.session(session)["revision"] > answer.json["revision"] and user.session(session)["state"] == "failed")
    t.eq(user.post(f"/api/v1/sessions/{session}:retry", headers={"If-Match": f'"{row["revision"]}"'}).status, 412, "under the old revision it cannot")

    stack.template("again", spec={**harness.TERMINAL, "command": ["/bin/false"], "retry": {"attempts": 2, "backoffSeconds": 1, "maxBackoffSeconds": 1}})
    session = user.create("again")["id"]
    row = harness.wait_for("two attempts to be used", lambda: (lambda s: s if s["state"] == "failed" and s["failure"]["attempts"] == 2 else None)(user.session(session)))
    t.eq((row["failure"]["attempts"], row["failure"]["retry_at"]), (2, None), "what its template says is tried again by itself, so often and no more")


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        stack.template("terminal")
        stack.start_agent()
        user = stack.user("ada")
        session = user.create("terminal")["id"]
        user.wait_state(session, "running")
        policies(t, stack, user, session)
        schedule(t, user, session)
        idle(t, stack, user, session)
        retry(t, stack, user)
        described.check(t)
        t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
