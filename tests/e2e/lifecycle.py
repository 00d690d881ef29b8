#!/usr/bin/python3
"""An ordinary user's session through its whole life on the process driver, proven by use.

Each state is looked for in three places: in the REST answer, in the database as a DBA sees it, and in the world
(processes, RFB socket, home).
"""
import json
import os
import urllib.parse

import harness
import openapi
import rfb


def agree(t, stack, user, session, state):
    """REST, the list and psql say the same."""
    rest = user.session(session)
    dba = stack.db.session(session)
    listed = [s for s in user.must("GET", "/api/v1/sessions")["items"] if s["id"] == session]
    t.eq(rest["state"], state, f"{state}: GET says so")
    t.eq({k: dba[k] for k in rest}, rest, f"{state}: psql shows what GET shows")
    t.eq([s["state"] for s in listed], [state], f"{state}: the list shows it once")


def pending_until_an_agent(t, stack, user):
    """Without an agent a session waits, says why, and starts when an agent appears."""
    session = user.create("terminal")
    t.eq(session["state"], "pending", "without an agent: pending")
    t.ok(session["reason"], f"with a reason: {session['reason']}")
    t.ok(session["deadline_at"], "and a deadline")
    t.ok(session["next_step"] or session["message"], "and a word on what to do")
    stack.start_agent()
    user.wait_state(session["id"], "running")
    t.ok(True, "it starts when an agent appears")
    return session["id"]


def used(t, stack, user, session):
    """The desktop is there, is reachable only by its socket, and types into its home."""
    path = harness.wait_for("the RFB socket", lambda: stack.session_socket(session))
    with rfb.Rfb.connect_unix(path) as screen:
        t.eq((screen.width, screen.height), (1024, 768), "the RFB handshake reaches ServerInit, in the template's size")
        parts = screen.frame()
        t.eq(sum(w * h for _, _, w, h in parts), 1024 * 768, "a whole frame comes")
    t.eq(os.stat(path).st_mode & 0o777, 0o600, "the socket is the owner's alone")
    pids = stack.session_processes(session)
    t.eq(len(stack.vnc_processes(session)), 1, "one Xtigervnc runs")
    t.eq(harness.tcp_listeners(pids), set(), "nothing of the session listens on TCP")
    nonce, home_file = stack.type_nonce(session)
    t.eq(home_file.read_text().strip(), nonce, "the typed nonce stands in its home")
    return path, nonce, home_file


def hibernate_and_wake(t, stack, user, session, nonce, home_file):
    states = []
    answer = user.call("POST", f"/api/v1/sessions/{session}:hibernate", {})
    t.eq((answer.status, answer.json["state"]), (202, "hibernating"), "hibernate: 202 hibernating")
    user.wait_state(session, "hibernated", seen=lambda s, _: states.append(s))
    agree(t, stack, user, session, "hibernated")
    harness.wait_for("no process of it", lambda: not stack.session_processes(session))
    t.ok(True, "hibernated: its processes are gone")
    t.eq(stack.session_socket(session), None, "hibernated: so is its socket")
    t.eq(home_file.read_text().strip(), nonce, "hibernated: its home is kept")
    again = user.call("POST", f"/api/v1/sessions/{session}:hibernate", {})
    t.ok(again.status in (202, 409), f"hibernating it again is refused or is nothing ({again.status} {again.code})")
    answer = user.call("POST", f"/api/v1/sessions/{session}:wake", {})
    t.eq((answer.status, answer.json["state"]), (202, "waking"), "wake: 202 waking")
    user.wait_state(session, "running")
    agree(t, stack, user, session, "running")
    t.eq(home_file.read_text().strip(), nonce, "awake: the nonce is still there")
    second, home_file = stack.type_nonce(session)
    t.eq(home_file.read_text().strip(), second, "awake: typing works again, in the same home")


def agent_restart(t, stack, user, session):
    """SIGTERM of the agent leaves sessions running; the next agent adopts them."""
    before = set(stack.vnc_processes(session))
    agent = stack.agents["agent-1"]
    t.eq(agent.stop(), 0, "the agent ends well on SIGTERM")
    t.eq(agent.complaints(), [], "no sanitizer complained about it")
    t.eq(set(stack.vnc_processes(session)), before, "its session runs on")
    agent = stack.start_agent()
    harness.wait_for("an inventory with the session", lambda: user.session(session)["state"] == "running")
    nonce, _ = stack.type_nonce(session, "adopted")
    t.eq(set(stack.vnc_processes(session)), before, "the next agent adopts it: the same process")
    user.hibernate(session)
    user.wait_state(session, "hibernated")
    harness.wait_for("its processes to end", lambda: not stack.session_processes(session))
    t.ok(nonce, "and obeys it: it can be hibernated")
    user.wake(session)
    user.wait_state(session, "running")
    # and by SIGKILL
    before = set(stack.vnc_processes(session))
    agent.kill()
    t.eq(set(stack.vnc_processes(session)), before, "SIGKILL of the agent leaves it running as well")
    stack.start_agent()
    t.eq(user.session(session)["state"], "running", "it is still running for the database")
    t.eq(set(stack.vnc_processes(session)), before, "and is adopted, not started again")


def quota(t, stack, user):
    """One session of a limit of 2 exists: one more fits, then both ways refuse alike."""
    one = user.create("terminal")
    t.eq(user.must("GET", "/api/v1/me")["usage"]["sessions"], 2, "me counts both")
    refused = user.post("/api/v1/sessions", {"template": "terminal"})
    t.eq((refused.status, refused.code), (409, "quota_exceeded"), "the third is refused: 409 quota_exceeded")
    t.like(refused.headers["Content-Type"], "^application/problem\\+json", "as a problem document")
    t.ok(refused.json.get("hint"), "with a hint")
    try:
        stack.db.json("SELECT streamspace.create_session(p_template => 'terminal', p_owner => 'ada', p_org => 'default');")
        t.fail("psql refuses it too")
    except harness.SqlError as error:
        t.eq(stack.db.code_of(error), refused.code, "psql refuses it with the same code")
        t.eq(error.message, refused.json.get("title"), "and the same words")
        t.eq(json.loads(error.detail), refused.json.get("detail"), "and the same detail") if isinstance(
            refused.json.get("detail"), dict) else t.ok(error.detail, "and a detail")
    user.wait_state(one["id"], "running")
    user.terminate(one["id"])
    user.wait_state(one["id"], "terminated")
    t.eq(user.must("GET", "/api/v1/me")["usage"]["sessions"], 1, "terminated, it no longer counts")


def dba_does_the_same(t, stack, user):
    """create_session in psql does what POST does, and refuses what POST refuses."""
    made = stack.db.json("SELECT streamspace.create_session(p_template => 'terminal', p_owner => 'ada', p_org => 'default');")
    t.eq(sorted(made), sorted(user.session(made["id"])), "psql answers with the same fields as GET")
    user.wait_state(made["id"], "running")
    t.ok(stack.vnc_processes(made["id"]), "and the session runs")
    for rest, sql, what in (
            (({"template": "nowhere"}), "p_template => 'nowhere', p_owner => 'ada'", "an unknown template"),
            (({"template": "terminal", "owner": "nobody-here"}), "p_template => 'terminal', p_owner => 'nobody-here'",
             "an unknown owner")):
        answer = stack.admin.post("/api/v1/sessions", rest)
        try:
            stack.db.query(f"SELECT streamspace.create_session({sql}, p_org => 'default');")
            code = None
        except harness.SqlError as error:
            code = stack.db.code_of(error)
        t.eq(code, answer.code, f"{what}: psql and POST refuse with {answer.code} ({answer.status})")
    try:
        stack.db.query("SELECT streamspace.create_session(p_template => 'terminal');")
        t.fail("a DBA who names no owner is refused")
    except harness.SqlError as error:
        t.eq(stack.db.code_of(error), "owner_required", "a DBA who names no owner is refused: owner_required")
    stack.db.query("SELECT streamspace.terminate_session(p_session => :'id');", id=made["id"])
    user.wait_state(made["id"], "terminated")
    row = stack.db.query("SELECT state FROM streamspace.v_sessions WHERE to_jsonb(v_sessions)::text LIKE '%' || :'id' || '%';",
                         id=made["id"])
    t.eq(row, "terminated", "v_sessions shows it terminated")


def terminate(t, stack, user, session, home_file):
    kept = home_file.read_text()
    path = stack.session_socket(session)
    answer = user.call("DELETE", f"/api/v1/sessions/{session}")
    t.eq((answer.status, answer.json["state"]), (202, "terminating"), "terminate: 202 terminating")
    user.wait_state(session, "terminated")
    harness.wait_for("its processes to end", lambda: not stack.session_processes(session))
    agree(t, stack, user, session, "terminated")
    t.ok(not os.path.exists(path), "terminated: its socket is gone")
    t.eq(home_file.read_text(), kept, "terminated: its home is kept")
    late = user.call("POST", f"/api/v1/sessions/{session}:wake", {})
    t.eq((late.status, late.code), (409, "invalid_transition"), "it cannot be woken: 409 invalid_transition")


def lists(t, stack, user):
    """Keyset pages show every session once; a neighbour sees none of them."""
    everything = [s["id"] for s in user.must("GET", "/api/v1/sessions?limit=200")["items"]]
    paged, cursor = [], None
    while True:
        more = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
        page = user.must("GET", f"/api/v1/sessions?limit=2{more}")
        paged += [s["id"] for s in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    t.eq(paged, everything, f"pages of 2 show all {len(everything)} sessions once, in order")
    states = {s["state"] for s in user.must("GET", "/api/v1/sessions?state=terminated")["items"]}
    t.eq(states, {"terminated"}, "the filter by state filters")
    other = stack.user("bob")
    t.eq(other.must("GET", "/api/v1/sessions")["items"], [], "another user sees none of them")
    answer = other.get(f"/api/v1/sessions/{everything[0]}")
    t.ok(answer.status in (403, 404), f"and cannot read one ({answer.status} {answer.code})")
    answer = other.delete(f"/api/v1/sessions/{everything[0]}")
    t.ok(answer.status in (403, 404), f"nor end one ({answer.status} {answer.code})")


def metrics(t, stack):
    """/metrics stands on the internal listener only, and the documentation names every metric."""
    text = harness.Rest(stack.internal_port).get("/metrics").text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    t.ok(len(names) >= 5, f"/metrics shows {len(names)} metrics")
    page = (harness.ROOT / "docs" / "operations.md").read_text()
    t.eq(sorted(name for name in names if name not in page), [], "docs/operations.md names every one of them")
    t.eq(stack.anonymous().get("/metrics").status, 404, "the public port does not show them")


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        stack.template()
        user = stack.user("ada", max_sessions=2)
        me = user.must("GET", "/api/v1/me")
        t.eq((me["name"], me["role"], me["limits"]["max_sessions"]), ("ada", "user", 2), "an ordinary user with a limit of 2")
        session = pending_until_an_agent(t, stack, user)
        agree(t, stack, user, session, "running")
        _, nonce, home_file = used(t, stack, user, session)
        hibernate_and_wake(t, stack, user, session, nonce, home_file)
        agent_restart(t, stack, user, session)
        quota(t, stack, user)
        dba_does_the_same(t, stack, user)
        metrics(t, stack)
        terminate(t, stack, user, session, home_file)
        lists(t, stack, user)
        user.must("POST", "/api/v1/logout", {})
        t.eq(user.get("/api/v1/me").status, 401, "logged out, the token opens nothing")
        described.check(t)
        for program in (stack.agents["agent-1"], stack.server):
            t.eq(program.stop(), 0, f"{program.name} ends well")
        t.eq([c for p in stack.programs for c in p.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
