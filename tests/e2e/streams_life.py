#!/usr/bin/python3
"""A viewer's stream from ticket to end: bytes both ways, who may look and who may act, and every way to be put out. The
agent is one made of frames; what it does with a real desktop stands in other files."""

import time

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import HELLO, cut_text, key, pair, pointer, receive, ticket, update_request

PROMISE = 1.0  # seconds until a viewer who may no more is cut; asserted at ten times


def tickets(t, stack, user, session):
    answer = user.post(f"/api/v1/sessions/{session}/viewer-tickets")
    t.eq((answer.status, sorted(answer.json)), (201, ["expires_at", "mode", "session", "ticket", "url"]), "a ticket")
    t.eq((answer.json["mode"], answer.json["url"]), ("control", f"/api/v1/vnc/{session}?ticket={answer.json['ticket']}"), "for control, and where")
    t.eq(answer.headers.get("Cache-Control"), "no-store", "which nobody keeps")
    dry = user.post(f"/api/v1/sessions/{session}/viewer-tickets?dry_run=true", {"mode": "view"})
    t.eq((dry.status, dry.json["ticket"], dry.json["url"], dry.json["mode"]), (200, None, None, "view"), "a dry run gives none")
    once = user.post(f"/api/v1/sessions/{session}/viewer-tickets", headers={"Idempotency-Key": "once"})
    again = user.post(f"/api/v1/sessions/{session}/viewer-tickets", headers={"Idempotency-Key": "once"})
    t.eq((once.status, again.status, again.code), (201, 409, "secret_already_shown"), "a ticket is shown once")
    t.eq(user.post(f"/api/v1/sessions/{session}/viewer-tickets", {"mode": "both"}).code, "invalid_argument", "an unknown mode")
    t.eq(user.post(f"/api/v1/sessions/{session}/viewer-tickets", {"colour": 1}).code, "unknown_field", "an unknown field")
    url = answer.json["url"]
    t.eq(user.get(url).status, 426, "a plain request is told that this is a WebSocket")
    link = ws.connect(stack.port, url)
    t.eq(wire_agent.refused(ws.connect, stack.port, url), (403, "ticket_invalid"), "a ticket is used once")
    link.abort()


def bytes_both_ways(t, stack, streams, user, session):
    link, far = pair(streams, user, session, hello=False)
    t.eq(far.session, session, "the agent is told of which session")
    streams.send(far, b"RFB 003.008\n")
    t.eq(receive(link, 12), b"RFB 003.008\n", "its bytes arrive")
    link.send_frame(ws.BINARY, HELLO[:5])
    link.send_frame(ws.BINARY, HELLO[5:] + key(0x61) + pointer(3, 4) + update_request() + cut_text(b"\x00\xff" * 9))
    want = HELLO + key(0x61) + pointer(3, 4) + update_request() + cut_text(b"\x00\xff" * 9)
    streams.wait("the viewer's bytes", lambda: far.received >= len(want))
    t.eq(bytes(far.data), want, "the viewer's too, however they were cut")
    rows = user.must("GET", f"/api/v1/connections?session={session}")["items"]
    t.eq([(r["mode"], r["viewer"], r["address"]) for r in rows if r["closed_at"] is None][:1], [("control", "user:default/ada", "127.0.0.1")], "a row says who looks")
    link.close()
    streams.wait("the end", lambda: far.end)
    t.eq(far.end[0], wire_stream.CLOSE, "when the viewer leaves, the agent is told")
    harness.wait_for("nobody in the list", lambda: not user.must("GET", f"/api/v1/connections?session={session}")["items"])
    shown = stack.db.query("SELECT v.reason || ' ' || (v.received > 0) || ' ' || (v.sent >= 12) FROM streamspace.v_connections AS v"
                           " WHERE v.session_id = :'s' ORDER BY v.opened_at DESC LIMIT 1;", s=session)
    t.eq(shown.split()[1:], ["true", "true"], f"the row keeps what it was ({shown})")
    for offered in ("binary", "binary, base64"):
        link, far = pair(streams, user, session, headers={"Sec-WebSocket-Protocol": offered})
        t.ok(link, f"the subprotocol {offered} is taken")
        link.abort()
        streams.wait("the end", lambda: far.end)


def only_looking(t, stack, streams, user, guest, session):
    user.must("POST", f"/api/v1/sessions/{session}/shares", {"user": guest.name, "mode": "view"}, status=201)
    t.eq(guest.post(f"/api/v1/sessions/{session}/viewer-tickets", {"mode": "control"}).code, "forbidden", "who may look may not act")
    before = stack.db.query("SELECT count(*) FROM streamspace_data.session_activity WHERE session_id = :'s';", user=None, s=session)
    link, far = pair(streams, guest, session, hello=False)
    link.send_frame(ws.BINARY, HELLO[:-1] + b"\x00")
    streams.wait("the hello", lambda: far.received >= len(HELLO))
    t.eq(bytes(far.data), HELLO, "nobody gets a desktop for himself alone")
    with streams.news:
        far.data.clear()
    for _ in range(20):
        link.send_frame(ws.BINARY, key(0x61) + pointer(1, 1, 1) + cut_text(b"secret") + update_request())
    streams.wait("the requests", lambda: far.received >= len(HELLO) + 20 * len(update_request()))
    t.eq(bytes(far.data), update_request() * 20, "of what he sends only requests for pixels pass")
    second, other = pair(streams, user, session)
    second.send_frame(ws.BINARY, key(0x62))
    streams.wait("the owner's key", lambda: other.data)
    t.eq(bytes(other.data), key(0x62), "the owner beside him types")
    t.eq(before, "0", "nobody had given input before")
    seen = harness.wait_for("activity", lambda: stack.db.query("SELECT a.actor FROM streamspace_data.session_activity AS a WHERE a.session_id = :'s';", user=None, s=session))
    t.eq(seen, "user:default/ada", "which is activity of the session, by him")
    streams.send(far, b"x" * 1000), streams.send(other, b"y" * 1000)
    t.eq((receive(link, 1000), receive(second, 1000)), (b"x" * 1000, b"y" * 1000), "each has a stream of his own")
    link.abort(), second.abort()


def cut(t, link, act, want, name):
    """The close of a viewer after act(), and how long it took."""
    begin = time.monotonic()
    act()
    got = wire_agent.closed(link, 10 * PROMISE + 5)
    took = time.monotonic() - begin
    t.eq(got, want, f"{name}: {want[0]} {want[1]}")
    t.ok(took < 10 * PROMISE, f"{name}: within the promise ({took:.2f} s)")
    link.abort()


def cuts(t, stack, agent, streams, user, guest, session):
    shares = user.must("GET", f"/api/v1/sessions/{session}/shares")["items"]
    link, far = pair(streams, guest, session)
    other, _ = pair(streams, user, session)
    cut(t, link, lambda: user.must("DELETE", f"/api/v1/sessions/{session}/shares/{shares[0]['id']}"), (4002, "access_revoked"), "a share ends")
    streams.wait("the end at the agent", lambda: far.end)
    t.eq(guest.post(f"/api/v1/sessions/{session}/viewer-tickets").code, "session_not_found", "nor does he get another ticket")

    again = stack.anonymous().login(user.name, user.password)
    link, _ = pair(streams, again, session)
    cut(t, link, lambda: again.must("POST", "/api/v1/logout"), (4004, "logged_out"), "a log-out")

    made = user.must("POST", "/api/v1/api-keys", {"name": "k", "scopes": ["sessions"]}, status=201)
    with_key = harness.Rest(stack.port, made["secret"], user.name)
    link, _ = pair(streams, with_key, session)
    cut(t, link, lambda: user.must("DELETE", f"/api/v1/api-keys/{made['api_key']['id']}"), (4004, "logged_out"), "an API key is revoked")

    link, _ = pair(streams, stack.admin, session)
    row = next(r for r in user.must("GET", f"/api/v1/connections?session={session}")["items"] if r["viewer"].endswith(stack.ADMIN))
    cut(t, link, lambda: user.must("DELETE", f"/api/v1/connections/{row['id']}"), (1000, "closed"), "the owner puts a viewer out")

    other.send_frame(ws.BINARY, key(0x63))
    t.ok(other.sock.fileno() >= 0, "meanwhile the owner's own viewer goes on")
    cut(t, other, lambda: user.hibernate(session), (4001, "session_hibernated"), "it hibernates")
    wire_agent.wait_state(stack, session, "hibernated")
    answer = user.post(f"/api/v1/sessions/{session}/viewer-tickets")
    t.eq((answer.status, answer.code), (409, "session_not_running"), "of what sleeps there is no ticket")
    user.wake(session)
    wire_agent.wait_state(stack, session, "running")
    link, far = pair(streams, user, session)
    streams.send(far, b"again")
    t.eq(receive(link, 5), b"again", "woken it has viewers again")

    def fails():
        revision = agent.done[session][0]
        agent.send("observed", sessionId=session, revision=revision, state="failed", reason="Crashed", message="test")
    cut(t, link, fails, (4005, "session_failed"), "it fails")

    second = user.create("terminal")["id"]
    wire_agent.wait_state(stack, second, "running")
    link, _ = pair(streams, user, second)
    cut(t, link, lambda: user.terminate(second), (4000, "session_terminated"), "it is terminated")

    third = user.create("terminal")["id"]
    wire_agent.wait_state(stack, third, "running")
    link, _ = pair(streams, user, third)
    cut(t, link, lambda: stack.admin.must("PATCH", f"/api/v1/users/{user.name}", {"active": False}), (4004, "logged_out"), "the user is deactivated")
    stack.admin.must("PATCH", f"/api/v1/users/{user.name}", {"active": True})
    return third


def other_organisation(t, stack, streams, user, session):
    """Who is of another organisation learns nothing and opens nothing, whatever his role there."""
    stack.admin.must("PUT", "/api/v1/orgs/globex", {"display_name": "Globex"})
    link, far = pair(streams, user, session)
    viewer = user.must("GET", f"/api/v1/connections?session={session}")["items"][0]["id"]
    mine = ticket(user, session)
    for role in ("user", "operator", "org_admin", "auditor"):
        made = stack.admin.must("POST", "/api/v1/users", {"name": f"bob-{role.replace('_', '-')}", "role": role, "org": "globex"}, status=201)
        stack.anonymous().must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": "correct horse"})
        bob = harness.Rest(stack.port, stack.anonymous().must("POST", "/api/v1/login", {"user": made["user"]["name"], "org": "globex", "password": "correct horse"})["token"])
        refused = "forbidden" if role == "auditor" else None
        t.eq(bob.post(f"/api/v1/sessions/{session}/viewer-tickets").code, refused or "session_not_found", f"{role} of another organisation: no ticket")
        t.eq(bob.post(f"/api/v1/sessions/{session}/viewer-tickets", {"mode": "view"}).code, refused or "session_not_found", f"{role}: not to look either")
        t.eq(bob.get(f"/api/v1/connections?session={session}").code, "session_not_found", f"{role}: who looks is not told")
        t.eq(bob.must("GET", "/api/v1/connections")["items"], [], f"{role}: nor in the whole list")
        t.eq(bob.get("/api/v1/connections?org=default").code, "forbidden", f"{role}: nor of that organisation")
        t.eq(bob.delete(f"/api/v1/connections/{viewer}").code, refused or "connection_not_found", f"{role}: nobody is put out by him")
        t.eq(user.post(f"/api/v1/sessions/{session}/shares", {"user": made["user"]["name"]}).code, "user_not_found", f"{role}: nor can it be shared with him")
    stack.admin.must("PUT", "/api/v1/templates/terminal?org=globex", harness.TERMINAL)
    theirs = stack.db.json("SELECT streamspace.create_session(p_template => 'terminal', p_owner => 'bob-user', p_org => 'globex');")["id"]
    wire_agent.wait_state(stack, theirs, "running")
    t.eq(wire_agent.refused(ws.connect, stack.port, f"/api/v1/vnc/{theirs}?ticket={mine['ticket']}"), (403, "ticket_invalid"), "a ticket opens nothing of another organisation")
    t.eq(user.post(f"/api/v1/sessions/{theirs}/viewer-tickets").code, "session_not_found", "nor is there one")
    root, end = pair(streams, stack.admin, theirs)
    streams.send(end, b"theirs"), streams.send(far, b"ours")
    t.eq((receive(root, 6), receive(link, 4)), (b"theirs", b"ours"), "two organisations on one agent, each with its own bytes")
    root.abort()
    streams.send(far, b"ours")
    t.eq(receive(link, 4), b"ours", "the viewer goes on")
    link.abort()


def the_agents_end(t, stack, agent, streams, user, session):
    """What the agent's end does to a viewer."""
    link, far = pair(streams, user, session)
    streams.send(far, b"last words")
    streams.close(far)
    t.eq(receive(link, 10), b"last words", "the desktop closes: what it said before arrives")
    t.ok(wire_agent.closed(link)[0] in (1000, 4003), "and then the end")
    link.abort()
    link, far = pair(streams, user, session)
    other, _ = pair(streams, user, session)
    streams.drop()
    for one in (link, other):
        t.eq(wire_agent.closed(one), (4003, "agent_lost"), "the socket of the agent breaks: its viewers are told")
    answer = harness.wait_for("no ticket", lambda: (lambda a: a if a.status == 503 else None)(user.post(f"/api/v1/sessions/{session}/viewer-tickets")))
    t.eq(answer.code, "agent_unreachable", "without it there is no ticket")
    streams = wire_stream.WireStreams(agent)
    link, far = harness.wait_for("a viewer", lambda: pair(streams, user, session))
    streams.send(far, b"back")
    t.eq(receive(link, 4), b"back", "it dials again, and viewers come back")
    link.abort()
    return streams


def main(t):
    with harness.Stack() as stack:
        stack.template()
        user, guest = stack.user("ada"), stack.user("grace")
        agent = wire_agent.WireAgent(stack, "wire-1").serve()
        harness.wait_for("the agent", agent.connected)
        t.eq(agent.link.welcome["limits"].get("streams"), True, "the welcome asks for a stream socket")
        streams = wire_stream.WireStreams(agent)
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        harness.wait_for("a ticket", lambda: user.post(f"/api/v1/sessions/{session}/viewer-tickets").status == 201)
        tickets(t, stack, user, session)
        streams.newest()
        bytes_both_ways(t, stack, streams, user, session)
        only_looking(t, stack, streams, user, guest, session)
        other_organisation(t, stack, streams, user, session)
        session = cuts(t, stack, agent, streams, user, guest, session)
        user = stack.anonymous().login(user.name, user.password)
        streams = the_agents_end(t, stack, agent, streams, user, session)
        t.eq(streams.broken, [], "the server said nothing that breaks the protocol")
        harness.wait_for("no open viewer", lambda: stack.db.query("SELECT count(*) FROM streamspace.v_connections WHERE closed_at IS NULL;") == "0")
        link, _ = pair(streams, user, session)
        t.eq(stack.server.stop(), 0, "the server stops cleanly with a viewer open")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")
        secrets = [row for row in (stack.dir / "server-0.log").read_text().splitlines() if "ticket=" in row]
        t.eq(secrets, [], "no ticket stands in the log")
        agent.stop()


if __name__ == "__main__":
    harness.main(main)
