#!/usr/bin/python3
"""What bounds viewers' streams: memory that is set aside, who does not read, who does not answer, a database that cannot
be asked; and names by which a socket could get to a part of the server that is not its own."""

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import cut_text, pair, receive

SHARE = (256 + 64) << 10  # of one stream, by the options' defaults
OPTIONS = ("--dispatch-stream-memory", str(SHARE * 4), "--dispatch-stream-ping-seconds", "1",
           "--dispatch-stream-silence-seconds", "4", "--dispatch-stream-stall-seconds", "2",
           "--dispatch-viewer-review-seconds", "1")


def works(t, streams, link, far, what):
    streams.send(far, b"from the desktop")
    got = receive(link, 16)
    link.send_frame(ws.BINARY, cut_text(b"back"))
    streams.wait("what it says", lambda: far.data.endswith(b"back"))
    t.eq(got, b"from the desktop", what)


def names(t, stack, agent, streams, user, session):
    """libwebsockets chooses a virtual host by the header Host, and a protocol by the subprotocol."""
    for name in ("sockets", "agent", "any.sockets", "sockets:1"):
        link, far = pair(streams, user, session, name=name)
        works(t, streams, link, far, f"a viewer whose Host is {name} is a viewer")
        link.close()
        other = wire_agent.WireAgent(stack, "named-" + name.replace(":", "-").replace(".", "-"))
        socket = ws.connect(stack.port, other.path(), {"X-Agent-API-Key": other.key}, name=name)
        t.eq(socket.recv_json(kind="welcome")["type"], "welcome", "and an agent an agent")
        socket.abort()
    for offered in ("any, binary", "raw, binary", "listen, binary", "linger, binary"):
        link, far = pair(streams, user, session, headers={"Sec-WebSocket-Protocol": offered})
        works(t, streams, link, far, f"the subprotocols {offered} lead nowhere else")
        link.close()
    for offered in ("linger", "listen", "raw", "any", "\x01listen, binary", "\x01linger"):
        status, code = wire_agent.refused(wire_stream.view, user, session, headers={"Sec-WebSocket-Protocol": offered})
        t.eq((status, code), (422, "invalid_argument"), f"the subprotocol {offered!r} is refused")


def memory(t, stack, streams, user, session):
    harness.wait_for("no viewer", lambda: wire_agent.metric(stack, "dispatch_stream_reserved") == 0)
    links = [pair(streams, user, session) for _ in range(4)]
    t.eq(wire_agent.metric(stack, "dispatch_stream_reserved"), SHARE * 4, "four viewers have set all of the memory aside")
    url = wire_stream.ticket(user, session)["url"]
    t.eq(wire_agent.refused(ws.connect, stack.port, url), (503, "overloaded"), "a fifth is refused")
    works(t, streams, *links[1], "while the others go on")
    links.pop()[0].close()
    harness.wait_for("room", lambda: wire_agent.metric(stack, "dispatch_stream_reserved") == SHARE * 3)
    before = len(streams.order)
    link = ws.connect(stack.port, url)
    far = streams.newest(before + 1)  # else it would be taken for the next one's
    t.ok(link, "its ticket is still good when there is room")
    link.close()
    streams.wait("its end", lambda: far.end)
    return links


def slow(t, stack, streams, user, session, others):
    link, far = pair(streams, user, session, receive_buffer=4096)
    sent = streams.send(far, bytes(64 << 20), 60)  # until it is cut off
    t.ok(sent < 16 << 20, f"who does not read stops the agent ({sent >> 10} KiB)")
    harness.wait_for("the end of it", lambda: wire_agent.metric(stack, "dispatch_viewers_slow_total") == 1)
    t.ok(streams.wait("the agent's end", lambda: far.end), "and is cut off, which the agent is told")
    works(t, streams, *others[0], "another viewer of the same agent goes on")
    link.abort()


def silent(t, stack, streams, user, session):
    link, far = pair(streams, user, session, auto_pong=False)
    t.eq(wire_agent.closed(link, harness.PATIENCE)[0], 1000, "who answers no ping is closed")
    t.ok(streams.wait("the agent's end", lambda: far.end), "which the agent is told")
    t.eq(wire_agent.metric(stack, "dispatch_viewers_silent_total"), 1, "and counted")


def unasked(t, stack, streams, user, session):
    """A database that cannot say who may go on."""
    function = "streamspace.review_viewers(text, jsonb)"
    link, _ = pair(streams, user, session)
    stack.db.query(f"REVOKE EXECUTE ON FUNCTION {function} FROM streamspace_api;", user=None)
    t.eq(wire_agent.closed(link, harness.PATIENCE), (1013, "overloaded"), "nobody looks on when nobody can be asked")
    stack.db.query(f"GRANT EXECUTE ON FUNCTION {function} TO streamspace_api;", user=None)
    harness.wait_for("reviews", lambda: "reviews_resumed" in (stack.dir / "server-0.log").read_text() or pair_gone(streams, user, session))
    link, far = pair(streams, user, session)
    reviews = wire_agent.metric(stack, "dispatch_viewer_reviews_total")
    harness.wait_for("a review", lambda: wire_agent.metric(stack, "dispatch_viewer_reviews_total") > reviews + 1)
    works(t, streams, link, far, "afterwards they may again")
    return link


def pair_gone(streams, user, session):
    """A viewer makes the reviews go on; it may be cut once more."""
    pair(streams, user, session)[0].abort()
    return False


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=OPTIONS)
        stack.template()
        user = stack.user("ada")
        agent = wire_agent.WireAgent(stack, "wire-1").serve()
        harness.wait_for("the agent", agent.connected)
        streams = wire_stream.WireStreams(agent)
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        harness.wait_for("a ticket", lambda: user.post(f"/api/v1/sessions/{session}/viewer-tickets").status == 201)
        names(t, stack, agent, streams, user, session)
        others = memory(t, stack, streams, user, session)
        for other, _ in others[1:]:
            other.close()
        slow(t, stack, streams, user, session, others)
        others[0][0].close()
        silent(t, stack, streams, user, session)
        link = unasked(t, stack, streams, user, session)
        t.eq((streams.broken, streams.closed), ([], None), "the agent was told nothing wrong")
        stack.server.signal(15)
        t.eq(wire_agent.closed(link, harness.PATIENCE), (1001, "shutting_down"), "a server that stops says so to its viewers")
        t.eq(stack.server.wait(), 0, "and stops cleanly")
        t.eq(stack.db.query("SELECT count(*) FROM streamspace.v_connections WHERE closed_at IS NULL;"), "0", "with no viewer left open in the database")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")
        agent.stop()


if __name__ == "__main__":
    harness.main(main)
