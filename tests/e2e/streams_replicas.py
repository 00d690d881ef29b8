#!/usr/bin/python3
"""Two servers on one database: a viewer reaches either, the agent's stream socket is at the other, and bytes flow. Access
is asked again where the viewer is; a server that dies takes only its own viewers along."""

import hashlib
import json
import random
import socket
import threading

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import cut_text, key, pair, receive, ticket


def both_ways(t, streams, link, far, name, count=400_000):
    """Random bytes down and messages up at the same time."""
    dice = random.Random(name)
    down, up = dice.randbytes(count), b"".join(cut_text(dice.randbytes(dice.randrange(3000))) for _ in range(60))
    threading.Thread(target=streams.send, args=(far, down), daemon=True).start()
    with streams.news:
        far.data.clear()
    for at in range(0, len(up), 5000):
        link.send_frame(ws.BINARY, up[at:at + 5000])
    t.eq(hashlib.sha256(receive(link, count)).hexdigest(), hashlib.sha256(down).hexdigest(), f"{name}: {count} bytes down")
    streams.wait("what was said", lambda: len(far.data) >= len(up))
    t.eq(bytes(far.data), up, f"{name}: and {len(up)} up")


def knock(port, *headers):
    """(status, code) of what asks to be taken for another server."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(("\r\n".join(["GET /api/v1/relay HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: streamspace-relay", *headers]) + "\r\n\r\n").encode())
        status, answer, body = ws.read_head(sock)
        while len(body) < int(answer.get("content-length", 0)):
            part = sock.recv(65536)
            if not part:
                break
            body += part
        return status, json.loads(body).get("code") if body else None


def strangers(t, stack, internals, user, session, port):
    """Nobody but a server with a ticket of the database comes in from the side."""
    name = "X-StreamSpace-Relay-Ticket: "
    for number, internal in enumerate(internals):
        for what, headers in (("no ticket", []), ("an empty one", [name]), ("a wrong one", [name + "0" * 64]), ("an endless one", [name + "a" * 5000]), ("two", [name + "0" * 64] * 2),
                              ("a viewer's", [name + ticket(user, session)["ticket"]]), ("the token of a log-in", [name + user.token])):
            got = knock(internal, *headers)
            t.ok(got[0] in (400, 403, 422, 431), f"server {number}, a relay with {what}: {got}")
        t.eq(wire_agent.refused(ws.connect, internal, "/api/v1/relay", {"X-StreamSpace-Relay-Ticket": "0" * 64})[0], 426, f"server {number}, a relay that is a WebSocket")
        for path in (f"/api/v1/vnc/{session}?ticket={ticket(user, session)['ticket']}", "/api/v1/agents/stream?agent_id=wire-1&epoch=1"):
            t.ok(wire_agent.refused(ws.connect, internal, path)[0] in (404, 426), f"server {number}: no {path.split('?')[0].split('/')[3]} from the side")
    t.ok(knock(port, name + "0" * 64)[0] in (404, 403, 426), "and on the public port there is no relay")


def main(t):
    with harness.Stack(server=False) as stack:
        first = stack.start_server()
        second = stack.start_server(port=harness.free_port())
        stack.template()
        user, guest = stack.user("ada"), stack.user("grace")
        stack.port = first.port
        agent = wire_agent.WireAgent(stack, "wire-1").serve()
        harness.wait_for("the agent", agent.connected)
        streams = wire_stream.WireStreams(agent, port=first.port)
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        here, there = harness.Rest(first.port, user.token, user.name), harness.Rest(second.port, user.token, user.name)
        harness.wait_for("a ticket", lambda: there.post(f"/api/v1/sessions/{session}/viewer-tickets").status == 201)

        link, far = pair(streams, here, session)
        both_ways(t, streams, link, far, "at the server that has the agent")
        link.abort()
        link, far = pair(streams, there, session)
        both_ways(t, streams, link, far, "at the other")
        shown = stack.db.query("SELECT v.replica <> v.agent_replica FROM streamspace.v_connections AS v WHERE v.closed_at IS NULL ORDER BY v.opened_at DESC LIMIT 1;")
        t.eq(shown, "t", "the row says through which two servers")
        t.eq(stack.db.query("SELECT count(*) FROM streamspace_data.connection WHERE relay_hash IS NOT NULL;", user=None), "0", "the relay's ticket is used up")
        mixed = ws.connect(second.port, ticket(here, session)["url"])
        t.ok(mixed, "a ticket of one server opens at the other")
        again = wire_agent.refused(ws.connect, first.port, "/api/v1/vnc/" + session + "?ticket=" + ticket(here, session)["ticket"][:-2] + "zz")
        t.eq(again[0] in (403, 422), True, "a broken one at neither")
        mixed.abort()
        strangers(t, stack, (first.internal_port, second.internal_port), user, session, first.port)
        both_ways(t, streams, link, far, "after strangers came")

        # 20 at once, half of them at either
        crowd = []
        for number in range(20):
            crowd.append(pair(streams, (here, there)[number % 2], session))
        errors = []

        def one(number, pairing):
            near, end = pairing
            data = random.Random(number).randbytes(100_000)
            thread = threading.Thread(target=streams.send, args=(end, data), daemon=True)
            thread.start()
            if receive(near, len(data)) != data:
                errors.append(number)
            thread.join(harness.PATIENCE)
        threads = [threading.Thread(target=one, args=(n, p), daemon=True) for n, p in enumerate(crowd)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.PATIENCE)
        t.eq((errors, [th for th in threads if th.is_alive()]), ([], []), "20 viewers at both servers, byte for byte")
        for near, _ in crowd:
            near.abort()

        # who may only look may only look at the other server too; and is cut there
        share = user.must("POST", f"/api/v1/sessions/{session}/shares", {"user": guest.name, "mode": "view"}, status=201)["id"]
        looker, end = pair(streams, harness.Rest(second.port, guest.token, guest.name), session)
        looker.send_frame(ws.BINARY, key(1) + wire_stream.update_request())
        streams.wait("the request", lambda: len(end.data) >= 10)
        t.eq(bytes(end.data), wire_stream.update_request(), "who may only look may not act there either")
        here.must("DELETE", f"/api/v1/sessions/{session}/shares/{share}")
        t.eq(wire_agent.closed(looker), (4002, "access_revoked"), "a share that is ended at one server ends the viewer at the other")
        streams.wait("its end at the agent", lambda: end.end)

        # the server of the viewer dies
        third = stack.start_server(port=harness.free_port())
        elsewhere = harness.Rest(third.port, user.token, user.name)
        lost, lost_far = pair(streams, elsewhere, session)
        third.kill()
        streams.wait("the end at the agent", lambda: lost_far.end)
        t.ok(True, "a server that dies takes its viewer along: the agent is told")
        streams.send(far, b"alive")
        t.eq(receive(link, 5), b"alive", "the viewer of another goes on")
        lost.abort()

        # the server of the agent dies
        stack.port = second.port
        first.kill()
        t.eq(wire_agent.closed(link, harness.PATIENCE), (4003, "agent_lost"), "the agent's server dies: its viewers elsewhere are told")
        harness.wait_for("the agent at the other", lambda: agent.connected() and stack.db.query(
            "SELECT c.replica FROM streamspace.v_agents AS c WHERE c.agent_id = 'wire-1';") and agent.link is not None)
        streams = harness.wait_for("a stream socket", lambda: connected(agent, second.port))
        link, far = harness.wait_for("a viewer", lambda: opened(streams, there, session))
        both_ways(t, streams, link, far, "when it has moved", 50_000)
        link.abort()
        t.eq(streams.broken, [], "nobody broke a rule of the frames")
        agent.stop()
        t.eq(second.stop(), 0, "a server ends well")
        for server in (first, second, third):
            t.eq(server.complaints(), [], f"{server.name}: without a complaint of a sanitizer")


def connected(agent, port):
    try:
        return wire_stream.WireStreams(agent, port=port)
    except (ws.Refused, OSError, AttributeError):
        return None


def opened(streams, rest, session):
    try:
        return pair(streams, rest, session)
    except (ws.Refused, AssertionError):
        return None


if __name__ == "__main__":
    harness.main(main)
