#!/usr/bin/python3
"""Browsers and agents that lie, shout and vanish on the way of viewers: each harms nobody but itself. While they do, a
viewer of another agent goes on, byte for byte, and the server stays up."""

import json
import random
import re
import socket
import struct
import threading

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import CLOSE, CREDIT, DATA, ERROR, HELLO, OPEN, OPENED, cut_text, key, pair, ticket, update_request


class Witness(threading.Thread):
    """A viewer who minds his own business for as long as the test lasts."""

    def __init__(self, streams, user, session):
        super().__init__(daemon=True)
        self.streams = streams
        self.link, self.far = pair(streams, user, session)
        self.stopping = threading.Event()
        self.rounds = 0
        self.error = None

    def run(self):
        dice = random.Random(1)
        try:
            while not self.stopping.is_set():
                down, up = dice.randbytes(5000), cut_text(dice.randbytes(700))
                with self.streams.news:
                    self.far.data.clear()
                self.streams.send(self.far, down)
                self.link.send_frame(ws.BINARY, up)
                if wire_stream.receive(self.link, len(down)) != down:
                    raise AssertionError("other bytes came down")
                self.streams.wait("what was said", lambda: len(self.far.data) >= len(up))
                if bytes(self.far.data) != up:
                    raise AssertionError("other bytes went up")
                self.rounds += 1
                self.stopping.wait(0.01)
        except Exception as error:  # noqa: BLE001: whatever it is, the test has to say it
            self.error = repr(error)

    def goes_on(self, t, name):
        before = self.rounds
        harness.wait_for("the witness", lambda: self.error or self.rounds > before + 1)
        t.eq(self.error, None, f"{name}: the other viewer goes on")


# --- browsers -----------------------------------------------------------------------------------------


def door(t, stack, user, other, session, foreign):
    """Who is not let in."""
    good = ticket(user, session)
    path = f"/api/v1/vnc/{session}"

    def refused(path, headers=None):
        return wire_agent.refused(ws.connect, stack.port, path, headers)

    t.eq(refused(path)[0] in (403, 422), True, "no ticket")
    t.eq(refused(f"{path}?ticket=")[0] in (403, 422), True, "an empty one")
    t.eq(refused(f"{path}?ticket={'0' * 64}"), (403, "ticket_invalid"), "one that nobody gave")
    t.eq(refused(f"{path}?ticket={good['ticket'][:-1]}")[0] in (403, 422), True, "a part of one")
    t.eq(refused(f"{path}?ticket={'a' * 5000}")[0] in (403, 414, 422, 400), True, "an endless one")
    t.eq(refused(f"{path}?ticket=%00{'0' * 63}")[0] in (403, 422, 400), True, "one with a NUL")
    t.eq(refused(f"{path}?ticket={good['ticket']}&ticket={good['ticket']}")[0] in (403, 422), True, "two")
    t.eq(refused(f"/api/v1/vnc/{foreign}?ticket={good['ticket']}"), (403, "ticket_invalid"), "the ticket of another session")
    t.eq(refused(f"/api/v1/vnc/s-none?ticket={good['ticket']}"), (403, "ticket_invalid"), "of one that there is not")
    t.eq(refused(f"{path}?ticket={user.token}"), (403, "ticket_invalid"), "the token of a log-in is no ticket")
    for origin in ("https://evil.example", f"http://evil.example:{stack.port}", "null", f"http://127.0.0.1:{stack.port}.evil.example", ""):
        t.eq(refused(good["url"], {"Origin": origin}), (403, "origin_refused"), f"a page of {origin or 'nowhere'}")
    t.eq(refused(good["url"], {"Sec-WebSocket-Protocol": "chat"})[0] in (400, 422), True, "a subprotocol that is not ours")
    t.eq(other.post(f"/api/v1/sessions/{session}/viewer-tickets").code, "session_not_found", "somebody else gets no ticket")
    link = ws.connect(stack.port, good["url"], {"Origin": f"http://127.0.0.1:{stack.port}"})
    t.ok(link, "after all of that the ticket opens from the page's own origin")
    t.eq(refused(good["url"]), (403, "ticket_invalid"), "once")
    link.abort()


def malformed(t, stack, streams, user, session):
    """What no client of RFB says ends its stream with 1008, and nothing of it reaches the desktop."""
    cases = [
        ("no version of RFB", b"GET / HTTP/1.1\r\n"),
        ("a version of the future", b"RFB 099.001\n"),
        ("an unknown security type", b"RFB 003.008\n\xfe"),
        ("an unknown message", HELLO + b"\x63" + bytes(20)),
        ("another one", HELLO + b"\xff\xff" + bytes(20)),
        ("a clipboard of 2 GiB", HELLO + struct.pack(">BxxxI", 6, 0x7FFFFFFF)),
        ("an extended clipboard of 2 GiB", HELLO + struct.pack(">Bxxxi", 6, -0x7FFFFFFF)),
        ("an extended clipboard of -2^31", HELLO + struct.pack(">Bxxxi", 6, -0x80000000)),
    ]
    for name, said in cases:
        link, far = pair(streams, user, session, hello=False)
        link.send_frame(ws.BINARY, said)
        got = wire_agent.closed(link)
        t.eq(got[0], 1008, f"{name}: {got}")
        streams.wait("its end", lambda: far.end)
        t.ok(len(far.data) <= len(HELLO), f"{name}: nothing of it reaches the desktop")
        link.abort()

    def frame(name, send, codes):
        link, far = pair(streams, user, session)
        try:
            send(link)
        except OSError:
            pass  # closed while we were still sending
        got = wire_agent.closed(link)
        t.ok(got[0] in codes, f"{name}: closed ({got})")
        streams.wait("its end", lambda: far.end)
        link.abort()

    frame("a text message", lambda link: link.send_frame(ws.TEXT, b"hello"), (1008, 1003))
    frame("a reserved opcode", lambda link: link.send_frame(0x5, b"x"), (1002, 1006, None))
    frame("a ping of 200 bytes", lambda link: link.send_frame(ws.PING, b"x" * 200), (1002, 1006, None))
    frame("a continuation of nothing", lambda link: link.send_frame(ws.CONTINUATION, b"x"), (1002, 1006, 1008, None))

    # 2^62 bytes announced and never sent: it may wait or be closed, but it takes nothing from anybody.
    link, far = pair(streams, user, session)
    link.sock.sendall(bytes([0x82, 0xFF]) + struct.pack(">Q", 1 << 62) + b"abcd" + key(1))
    link.abort()
    streams.wait("its end", lambda: far.end)
    t.ok(True, "2^62 bytes announced: its stream ends with it")


def odd_but_right(t, streams, user, session):
    link, far = pair(streams, user, session, hello=False)
    said = HELLO + b"".join(key(n) + update_request() for n in range(200))
    for at in range(len(said)):
        link.send_frame(ws.BINARY, said[at:at + 1])
    streams.wait("what was said", lambda: far.received >= len(said))
    t.eq(bytes(far.data), said, f"{len(said)} messages of one byte are the same stream")
    with streams.news:
        far.data.clear()
    link.send_frame(ws.BINARY, key(7)[:3], fin=False)
    link.send_frame(ws.PING, b"between")
    link.send_frame(ws.CONTINUATION, key(7)[3:])
    link.send_frame(ws.BINARY, b"")
    streams.wait("the key", lambda: len(far.data) >= 8)
    t.eq(bytes(far.data), key(7), "so is a message in fragments, with a ping between and an empty one behind")
    link.abort()


def crowd(t, stack, streams, user, session):
    """Sockets that come and go without a word, in every stage."""
    made = []
    for number in range(60):
        url = ticket(user, session)["url"]
        if number % 3 == 0:  # a request that never ends
            sock = socket.create_connection(("127.0.0.1", stack.port), 10)
            sock.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n".encode())
            made.append(sock)
        else:
            link = ws.connect(stack.port, url)
            if number % 3 == 1:
                link.send_frame(ws.BINARY, HELLO[:number % 13])
            link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.abort()
    for sock in made:
        sock.close()
    harness.wait_for("nobody left", lambda: all(r["viewer"] == "user:default/grace" for r in stack.admin.must("GET", "/api/v1/connections")["items"]))
    streams.wait("the ends", lambda: all(x.end for x in streams.streams.values()))
    t.ok(True, "60 that went without a word leave nothing behind")


# --- agents -------------------------------------------------------------------------------------------


def agents_door(t, stack, agent, second):
    def refused(path, key_of):
        return wire_agent.refused(ws.connect, stack.port, path, {"X-Agent-API-Key": key_of} if key_of else None)[0]

    path = wire_stream.WireStreams.path
    t.eq(refused(path(agent), None), 401, "a stream socket without a key")
    t.eq(refused(path(agent), second.key), 401, "with the key of another agent")
    t.eq(refused(path(agent), stack.bootstrap_key), 401, "with the bootstrap key")
    t.eq(refused(path(agent), stack.admin.token), 401, "with the token of a person")
    t.eq(refused(path(agent, agent.epoch() - 1), agent.key), 409, "of an epoch of before")
    t.eq(refused(path(agent, agent.epoch() + 1), agent.key), 409, "of one to come")
    for epoch in ("", "x", "-1", "1e99", "9" * 40):
        t.ok(refused(path(agent, epoch), agent.key) in (400, 409, 422), f"of the epoch {epoch[:10]!r}")
    t.eq(refused(f"/api/v1/agents/stream?epoch={agent.epoch()}", agent.key) in (401, 422), True, "of no agent")


def frames(t, agent, user, session):
    """What breaks the rules of frames ends the whole socket with 1008 and a reason."""
    def frame(kind, number, payload=b""):
        return struct.pack(">BI", kind, number) + payload

    def exceed(s, far):
        s.send(far, bytes(64 << 20), 1)  # as much as a viewer who does not read allows
        for _ in range(4000):  # until what the socket still took meanwhile is used up as well
            if s.closed:
                break
            s.message(frame(DATA, far.number, bytes(16384)))

    cases = [
        ("bytes for a stream that there never was", lambda s, far: s.message(frame(DATA, 999, b"x"))),
        ("bytes for stream 0", lambda s, far: s.message(frame(DATA, 0, b"x"))),
        ("credit for a stream that there never was", lambda s, far: s.message(frame(CREDIT, 999, struct.pack(">I", 1)))),
        ("more bytes than credit", exceed),
        ("credit of 3 bytes", lambda s, far: s.message(frame(CREDIT, far.number, b"abc"))),
        ("credit of nothing", lambda s, far: s.message(frame(CREDIT, far.number, struct.pack(">I", 0)))),
        ("credit of 4 GiB", lambda s, far: s.message(frame(CREDIT, far.number, b"\xff" * 4))),
        ("credit without end", lambda s, far: [s.message(frame(CREDIT, far.number, struct.pack(">I", 1 << 24))) for _ in range(70)]),
        ("opened twice", lambda s, far: s.message(frame(OPENED, far.number, struct.pack(">I", 1000)))),
        ("a stream that the agent opens", lambda s, far: s.message(frame(OPEN, far.number + 1, b'{"session":"s","credit":1}'))),
        ("an unknown type", lambda s, far: s.message(frame(9, far.number))),
        ("a frame of 4 bytes", lambda s, far: s.message(b"\x03\0\0\0")),
        ("a frame of nothing", lambda s, far: s.message(b"")),
        ("a frame that is too long", lambda s, far: s.message(frame(DATA, far.number, bytes(16385)))),
        ("an error that is no JSON", lambda s, far: s.message(frame(ERROR, far.number, b"{"))),
        ("a reason without end", lambda s, far: s.message(frame(CLOSE, far.number, b"x" * 65))),
        ("a text message", lambda s, far: s.message(b"hello", ws.TEXT)),
    ]
    for name, act in cases:
        streams = harness.wait_for("a stream socket", lambda: connected(agent))
        link, far = harness.wait_for("a viewer", lambda: opened(streams, user, session, receive_buffer=4096))
        try:
            act(streams, far)
        except OSError:
            pass  # closed while we were still sending
        streams.wait("the end of the socket", lambda: streams.closed)
        t.ok(streams.closed[0] in (1008, 1003, 1009), f"{name}: {streams.closed}")
        got = wire_agent.closed(link)
        t.eq(got, (4003, "agent_lost"), f"{name}: its viewer is told")
        link.abort()


def connected(agent):
    try:
        return wire_stream.WireStreams(agent)
    except ws.Refused:
        return None


def opened(streams, user, session, **more):
    """A viewer on this socket; None while the server still learns of it."""
    try:
        return pair(streams, user, session, **more)
    except (ws.Refused, AssertionError):
        return None


def answers(t, stack, agent, user, session):
    """What an agent may say to OPEN, or not."""
    streams = harness.wait_for("a stream socket", lambda: connected(agent))

    def come(answer):
        streams.on_open = answer
        before = len(streams.order)
        try:
            link = harness.wait_for("a viewer or a refusal", lambda: attempt())
        except ws.Refused as error:
            return (error.status, error.code), None
        streams.newest(before + 1)
        return (wire_agent.closed(link, harness.PATIENCE), link)

    def attempt():
        try:
            return wire_stream.view(user, session, timeout=harness.PATIENCE)
        except AssertionError:
            return None  # no ticket yet

    for code in ("session_not_found", "session_not_running", "refused", "too_many_streams", "no_such_word"):
        got, link = come(lambda s, code=code: streams.frame(ERROR, s.number, json.dumps({"code": code, "message": "no\nforged line " * 60}).encode()))
        t.ok(got[0] is not None, f"the agent answers {code}: the viewer is told ({got})")
        if link:
            link.abort()
    got, link = come(lambda s: streams.close(s, "closed"))
    t.ok(got[0] is not None, f"the agent closes what it never opened: the viewer is told ({got})")

    # frames of a stream that has ended are dropped, not a reason to break
    streams.on_open = streams.accept
    link, far = harness.wait_for("a viewer", lambda: opened(streams, user, session))
    link.abort()
    streams.wait("its end", lambda: far.end)
    streams.frame(DATA, far.number, b"late")
    streams.frame(CREDIT, far.number, struct.pack(">I", 5))
    streams.frame(CLOSE, far.number, b"closed")
    link, far = pair(streams, user, session)
    streams.send(far, b"still here")
    t.eq(wire_stream.receive(link, 10), b"still here", "what comes late for a stream that has ended is dropped")
    link.abort()
    return streams


def twice(t, stack, agent, streams, user, session):
    """A second socket of the agent takes the place of the first."""
    link, _ = pair(streams, user, session)
    newer = wire_stream.WireStreams(agent)
    streams.wait("the end of the older", lambda: streams.closed)
    t.eq(streams.closed[0], 1008, f"the older socket is closed ({streams.closed})")
    t.eq(wire_agent.closed(link), (4003, "agent_lost"), "its viewers are told")
    link, far = harness.wait_for("a viewer", lambda: opened(newer, user, session))
    newer.send(far, b"new")
    t.eq(wire_stream.receive(link, 3), b"new", "new ones go through the newer")
    link.abort()
    return newer


def main(t):
    with harness.Stack() as stack:
        stack.template()
        user, other, witness_user = stack.user("ada"), stack.user("eve"), stack.user("grace")
        agents = [wire_agent.WireAgent(stack, f"wire-{n}").serve() for n in range(2)]
        for agent in agents:
            harness.wait_for("the agent", agent.connected)
        sessions = {}
        while len(sessions) < 2:  # one on each
            owner = witness_user if sessions else user
            session = owner.create("terminal")["id"]
            wire_agent.wait_state(stack, session, "running")
            sessions.setdefault(stack.db.query("SELECT agent_id FROM streamspace.v_sessions WHERE session_id = :'s';", s=session), (owner, session))
        (bad_name, (user, session)), (good_name, (witness_user, quiet)) = sorted(sessions.items(), key=lambda kv: kv[1][0].name)
        bad, good = (next(a for a in agents if a.name == name) for name in (bad_name, good_name))
        streams, calm = wire_stream.WireStreams(bad), wire_stream.WireStreams(good)
        harness.wait_for("tickets", lambda: user.post(f"/api/v1/sessions/{session}/viewer-tickets").status == 201
                         and witness_user.post(f"/api/v1/sessions/{quiet}/viewer-tickets").status == 201)
        witness = Witness(calm, witness_user, quiet)
        witness.start()

        door(t, stack, user, other, session, quiet)
        witness.goes_on(t, "who is not let in")
        malformed(t, stack, streams, user, session)
        odd_but_right(t, streams, user, session)
        crowd(t, stack, streams, user, session)
        t.eq((streams.broken, streams.closed), ([], None), "no browser makes the server break a rule towards the agent")
        witness.goes_on(t, "hostile browsers")

        agents_door(t, stack, bad, good)
        frames(t, bad, user, session)
        witness.goes_on(t, "hostile agents")
        streams = answers(t, stack, bad, user, session)
        streams = twice(t, stack, bad, streams, user, session)
        t.eq(streams.broken, [], "the server broke no rule")
        witness.goes_on(t, "an agent that answers oddly")

        witness.stopping.set()
        witness.join(harness.PATIENCE)
        t.eq((witness.error, calm.broken, calm.closed), (None, [], None), f"the other viewer had {witness.rounds} undisturbed rounds")
        witness.link.abort()
        harness.wait_for("nobody in the list", lambda: not stack.admin.must("GET", "/api/v1/connections")["items"])
        log = (stack.dir / "server-0.log").read_text().splitlines()
        t.eq([line for line in log if "ticket=" in line], [], "no ticket stands in the log")
        told = [line for line in log if "forged line" in line]
        t.ok(told and all(re.match(r"\d{4}-", line) and len(line) < 1000 for line in told), "what an agent says makes no line of its own, and no long one")
        for agent in agents:
            agent.stop()
        t.eq(stack.server.stop(), 0, "the server stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
