#!/usr/bin/python3
"""An agent that lies, shouts and stumbles harms nobody but itself: the server stays up, says why it closes, and
another agent's session goes through its life meanwhile."""
import json
import random
import socket
import struct
import threading

import harness
import wire_agent
import ws


def handshake_refusals(t, stack, agent):
    """Heads that are refused before libwebsockets sees them."""
    def head(*lines, path=agent.path()):
        return (f"GET {path} HTTP/1.1\r\nHost: x\r\n" + "".join(line + "\r\n" for line in lines) + "\r\n").encode()

    upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
               "Sec-WebSocket-Version: 13"]
    key = f"X-Agent-API-Key: {agent.key}"
    cases = [
        ("no key", head(*upgrade), 401),
        ("a short key", head(*upgrade, "X-Agent-API-Key: abc"), 401),
        ("a wrong key", head(*upgrade, "X-Agent-API-Key: " + "0" * 64), 401),
        ("the bootstrap key", head(*upgrade, "X-Agent-API-Key: " + stack.bootstrap_key), 401),
        ("two keys", head(*upgrade, key, "X-Agent-API-Key: " + "0" * 64), 422),
        ("no agent_id", head(*upgrade, key, path="/api/v1/agents/connect"), 422),
        ("two agent_ids", head(*upgrade, key, path=agent.path() + "&agent_id=other"), 422),
        ("an endless agent_id", head(*upgrade, key, path="/api/v1/agents/connect?agent_id=" + "a" * 500), 422),
        ("an unknown agent_id", head(*upgrade, key, path="/api/v1/agents/connect?agent_id=nobody"), (401, 404)),
        ("a NUL in agent_id", head(*upgrade, key, path="/api/v1/agents/connect?agent_id=%00"), 422),
        ("WebSocket version 8", head(*upgrade[:3], "Sec-WebSocket-Version: 8", key), 426),
        ("a subprotocol", head(*upgrade, key, "Sec-WebSocket-Protocol: x"), 422),
        ("a folded header", head(*upgrade, key, " folded"), 422),
    ]
    for name, request, want in cases:
        with socket.create_connection(("127.0.0.1", stack.port), 10) as sock:
            sock.sendall(request)
            status, headers, body = ws.read_head(sock)
            while len(body) < int(headers.get("content-length", 0)):
                part = sock.recv(65536)
                if not part:
                    break
                body += part
            problem = json.loads(body) if body else {}
            t.ok(status in (want if isinstance(want, tuple) else (want,)), f"{name}: {want}")
            t.ok(headers.get("content-type") == "application/problem+json" and problem.get("status") == status,
                 f"{name}: the answer is a problem")
            t.eq(sock.recv(10), b"", f"{name}: and the connection ends")
    pending = wire_agent.WireAgent(stack, "pending", approve=False)
    t.eq(wire_agent.refused(pending.open), (403, "approval_required"), "an agent that waits for approval: 403")


def bad_frames(t, stack, agent):
    deep = "{\"type\":\"ack\",\"payload\":" + "[" * 100 + "]" * 100 + "}"
    text = [
        ("no JSON", "hello", 1007),
        ("two messages in a frame", '{"type":"ping"}{"type":"ping"}', 1007),
        ("no object", "[1]", 1008),
        ("no type", "{}", 1008),
        ("type is a number", '{"type":7}', 1008),
        ("payload is a text", '{"type":"ack","payload":"x"}', 1008),
        ("a key twice", '{"type":"ack","type":"complete"}', 1008),
        ("deep nesting", deep, 1008),
        ("an ack without commandId", '{"type":"ack","payload":{}}', 1008),
        ("a commandId that is a number", '{"type":"complete","payload":{"commandId":1}}', 1008),
        ("an endless commandId", json.dumps({"type": "ack", "payload": {"commandId": "x" * 5000}}), 1008),
        ("a negative revision", '{"type":"observed","payload":{"sessionId":"s","state":"running","revision":-1}}', 1008),
        ("a revision beyond 2^53", '{"type":"observed","payload":{"sessionId":"s","state":"running","revision":1e300}}', 1008),
        ("percent 400", '{"type":"progress","payload":{"commandId":"c","phase":"x","percent":400}}', 1008),
        ("an inventory without objects", '{"type":"inventory","payload":{"complete":true}}', 1008),
        ("an inventory of numbers", '{"type":"inventory","payload":{"objects":[1],"complete":true}}', 1008),
        ("NUL in a text", '{"type":"ack","payload":{"commandId":"a\\u0000b"}}', 1007),
        ("too large", json.dumps({"type": "ack", "payload": {"commandId": "x" * 300000}}), 1009),
    ]
    for name, message, code in text:
        link = agent.connect()
        link.send_text(message)
        got = wire_agent.closed(link)
        t.eq(got[0], code, f"{name}: closed with {code}")
        t.ok(got[1], f"{name}: and a reason ({got[1]})")
        link.abort()

    def frame(name, send, code):
        link = agent.connect()
        try:
            send(link)
        except OSError:
            pass  # closed while we were still sending
        got = wire_agent.closed(link)
        # A violation of RFC 6455 itself is libwebsockets' to close; it need not say a code.
        t.ok(got[0] in code, f"{name}: closed ({got})")
        link.abort()

    frame("a binary frame", lambda link: link.send_frame(ws.BINARY, b"abc"), (1003,))
    frame("invalid UTF-8", lambda link: link.send_frame(ws.TEXT, b'{"type":"\xc3\x28"}'), (1007,))
    # libwebsockets does not insist on the mask; what is in the frame is judged all the same.
    frame("an unmasked frame of nonsense", lambda link: link.send_frame(ws.TEXT, b"{}", mask=False), (1002, 1008))
    frame("a reserved opcode", lambda link: link.send_frame(0x5, b"x"), (1002, 1006, None))
    frame("a continuation of nothing", lambda link: link.send_frame(ws.CONTINUATION, b"x"), (1002, 1006, None, 1007))
    frame("a fragmented ping", lambda link: link.send_frame(ws.PING, b"x", fin=False), (1002, 1006, None))
    frame("a ping of 200 bytes", lambda link: link.send_frame(ws.PING, b"x" * 200), (1002, 1006, None))
    frame("2^62 bytes announced",
          lambda link: link.sock.sendall(bytes([0x81, 0xFF]) + struct.pack(">Q", 1 << 62) + b"abcdxxxx"), (1009, 1002, None))
    frame("2^40 bytes announced",
          lambda link: link.sock.sendall(bytes([0x81, 0xFF]) + struct.pack(">Q", 1 << 40) + b"abcdxxxx"), (1009,))

    def fragments(link):
        link.send_frame(ws.TEXT, b'{"type":"ack","payload":{"commandId":"', fin=False)
        for _ in range(400):
            link.send_frame(ws.CONTINUATION, b"x" * 1024, fin=False)

    frame("endless fragments", fragments, (1009,))


def good_but_odd(t, stack, agent):
    link = agent.connect()
    whole = json.dumps({"type": "ping", "payload": {}}).encode()
    link.send_frame(ws.TEXT, whole[:3], fin=False)
    link.send_frame(ws.PING, b"between")
    link.send_frame(ws.CONTINUATION, b"", fin=False)
    link.send_frame(ws.CONTINUATION, whole[3:])
    t.eq(link.recv_json(kind="pong")["type"], "pong", "a message in fragments with a ping between is one message")
    link.send_json({"type": "no_such_type", "payload": {}})
    t.eq(link.recv_json(kind="unsupported")["payload"]["type"], "no_such_type", "an unknown type is answered")
    for kind in ("vnc_ready", "vnc_data", "vnc_error"):
        link.send_json({"type": kind, "payload": {"sessionId": "s", "error": "boom"}})
        answer = link.recv_json(kind="unsupported")["payload"]
        t.ok(answer["type"] == kind and answer.get("message"), f"{kind} is refused with a reason")
    link.send_json({"type": "heartbeat", "payload": {"status": "online", "activeSessions": 0, "surprise": [1]}})
    link.send_json({"type": "ping"})
    t.eq(link.recv_json(kind="pong")["type"], "pong", "unknown fields are ignored")
    # Handshake and first frames in one segment.
    with socket.create_connection(("127.0.0.1", stack.port), 10) as sock:
        sock.sendall((f"GET {agent.path()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                      f"X-Agent-API-Key: {agent.key}\r\n\r\n").encode()
                     + wire_agent.text_frame({"type": "ping", "payload": {}}))
        status, _, rest = ws.read_head(sock)
        t.eq(status, 101, "frames may follow the handshake at once")
        early = ws.Client(sock, rest)
        t.eq(early.recv_json(kind="pong")["type"], "pong", "and are read")
    link.abort()


def foreign_sessions(t, stack, agent, session):
    """What an agent says of a session that is not its own changes nothing."""
    before = stack.db.session(session)
    link = agent.connect()
    refused = wire_agent.metric(stack, "dispatch_items_refused_total")
    for state in ("failed", "terminated", "hibernated"):
        agent.send("observed", sessionId=session, revision=before["revision"], state=state, reason="Lie")
    agent.send("observed", sessionId="s-" + "a" * 26, state="running", revision=1)
    agent.send("complete", commandId="no-such-command", result={})
    own = stack.db.query("SELECT command_id FROM streamspace_data.agent_command WHERE object_id = :'id' LIMIT 1;",
                         user=None, id=session)
    agent.send("failed", commandId=own, error="lie")
    harness.wait_for("the lies to be refused",
                     lambda: wire_agent.metric(stack, "dispatch_items_refused_total") >= refused + 6)
    after = stack.db.session(session)
    t.eq((after["state"], after["revision"], after["reason"]), (before["state"], before["revision"], before["reason"]),
         "another agent's session is as it was")
    link.abort()


def half_open(t, stack, agent):
    """Sockets that begin and do not go on."""
    many = []
    for i in range(50):
        sock = socket.create_connection(("127.0.0.1", stack.port), 10)
        sock.sendall(f"GET {agent.path()} HTTP/1.1\r\nUpgrade: websocket\r\n"[:20 + i].encode())
        many.append(sock)
    link = agent.connect()
    t.ok(link.welcome["epoch"], "an agent connects beside 50 that only begin to")
    link.sock.sendall(bytes([0x81, 0xFE, 0x10]))  # a frame that never ends
    other = agent.connect()
    t.eq(wire_agent.closed(link)[1], "replaced", "the same process replaces its own half-sent connection at once")
    for sock in many:
        sock.close()
    other.abort()


def main(t):
    with harness.Stack() as stack:
        stack.template()
        user = stack.user("ada")
        good = wire_agent.WireAgent(stack, "good").serve()
        stack.wait_online("good")
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        agent = wire_agent.WireAgent(stack, "hostile", max_sessions=1)
        handshake_refusals(t, stack, agent)
        bad_frames(t, stack, agent)
        good_but_odd(t, stack, agent)
        foreign_sessions(t, stack, agent, session)
        half_open(t, stack, agent)
        vandals = [threading.Thread(target=vandal, args=(agent, n), daemon=True) for n in range(4)]
        for thread in vandals:
            thread.start()
        user.hibernate(session)
        wire_agent.wait_state(stack, session, "hibernated")
        user.wake(session)
        wire_agent.wait_state(stack, session, "running")
        user.terminate(session)
        wire_agent.wait_state(stack, session, "terminated")
        t.ok(True, "meanwhile another agent's session went through its life")
        for thread in vandals:
            thread.join(60)
        t.ok(stack.server.running(), "the server is up")
        good.stop()
        t.eq(stack.server.stop(), 0, "and ends well")
        t.eq(stack.server.complaints(), [], "without a complaint of a sanitizer")


def vandal(agent, seed):
    """Connects and throws random bytes after a correct handshake, again and again."""
    noise = random.Random(seed)
    for _ in range(25):
        try:
            link = agent.open()
            for _ in range(20):
                link.sock.sendall(noise.randbytes(noise.randrange(1, 3000)))
            link.abort()
        except (OSError, ws.Closed, ws.Refused):
            pass


if __name__ == "__main__":
    harness.main(main)
