#!/usr/bin/python3
"""100 viewers at once, byte for byte: random data both ways, in pieces of any size, some of them slow, some that vanish in
the middle. Nobody's bytes are lost, mixed or held up by somebody else's, and what waits is bounded."""

import hashlib
import os
import random
import re
import threading
import time

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import HELLO, cut_text, view

VIEWERS = int(os.environ.get("STREAMS_VIEWERS", 100))
DOWN = 1_000_000  # bytes to a viewer
UP = 200_000  # bytes of a viewer's messages, without their heads
SLOW = range(0, 10)  # read a little at a time
VANISHING = range(10, 20)  # go in the middle
DUMB = range(20, 25)  # never read
STALLED = 16 << 20  # ten times what the credit and the sockets of this machine may hold of one stream


def rss_kib(server):
    status = open(f"/proc/{server.pid}/status", encoding="ascii").read()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


class Far:
    """The desktops' end: sends to each stream what its number says, and remembers what came."""

    def __init__(self):
        self.hashes = {}
        self.done = set()
        self.threads = []

    def opened(self, streams, stream):
        stream.hash = hashlib.sha256()
        stream.sink = stream.hash.update
        streams.accept(stream)
        thread = threading.Thread(target=self.feed, args=(streams, stream), daemon=True)
        self.threads.append(thread)
        thread.start()

    @staticmethod
    def content(number):
        return number.to_bytes(4, "big") + random.Random(number).randbytes(DOWN - 4)

    def feed(self, streams, stream):
        data, at, dice = self.content(stream.number), 0, random.Random(-stream.number)
        while at < len(data):
            part = data[at:at + dice.randrange(1, 40000)]
            if streams.send(stream, part, harness.PATIENCE) < len(part):
                return
            at += len(part)
        self.done.add(stream.number)


def client_bytes(number):
    """What a viewer says: whole messages, cut anywhere."""
    dice = random.Random(f"viewer {number}")
    said, left = [HELLO, cut_text(number.to_bytes(4, "big"))], UP
    while left > 0:
        kind = dice.randrange(4)
        if kind == 0:
            part = cut_text(dice.randbytes(dice.randrange(4000)))
        elif kind == 1:
            part = wire_stream.key(dice.randrange(1 << 32), dice.randrange(2) == 1)
        elif kind == 2:
            part = wire_stream.pointer(dice.randrange(65536), dice.randrange(65536), dice.randrange(128))
        else:
            part = wire_stream.update_request(dice.randrange(65536), dice.randrange(65536))
        said.append(part)
        left -= len(part)
    data = b"".join(said)
    parts, at = [], 0
    while at < len(data):
        size = dice.choice((1, 2, 3, 7, 500, 4000, 20000))
        parts.append(data[at:at + size])
        at += size
    return data, parts


class Near(threading.Thread):
    """One viewer."""

    def __init__(self, number, user, session):
        super().__init__(daemon=True)
        self.number = number
        slow = number in SLOW or number in DUMB
        self.link = view(user, session, receive_buffer=4096 if slow else 0)
        self.said, self.parts = client_bytes(number)
        self.heard = bytearray()
        self.error = None

    def talk(self):
        try:
            for part in self.parts:
                self.link.send_frame(ws.BINARY, part)
                if self.number in SLOW:
                    time.sleep(0)
        except OSError as error:
            self.error = self.error or f"sending: {error!r}"

    def run(self):
        talker = threading.Thread(target=self.talk, daemon=True)
        talker.start()
        try:
            if self.number in DUMB:
                talker.join(harness.PATIENCE)
                return
            while len(self.heard) < DOWN:
                opcode, data = self.link.recv(harness.PATIENCE)
                if opcode in (ws.BINARY, ws.CONTINUATION):
                    self.heard += data
                if self.number in VANISHING and len(self.heard) > DOWN // 3:
                    self.link.sock.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SO_LINGER 0: a reset, no word
                    self.link.abort()
                    return
                if self.number in SLOW and len(self.heard) % 7 == 0:
                    time.sleep(0.001)
        except (ws.Closed, TimeoutError, OSError) as error:
            self.error = repr(error)
        talker.join(harness.PATIENCE)


def metric(stack, name):
    answer = harness.Rest(stack.internal_port).call("GET", "/metrics", headers={"Connection": "close"})
    found = [line.split()[1] for line in answer.text.splitlines() if line.startswith(f"streamspace_dispatch_{name} ")]
    if not found:
        raise AssertionError(f"no metric {name}: {answer.status} {answer.text[:2000]}")
    return int(found[0])


def stalled(t, stack, user, streams, session):
    """The slow side stops the fast one, whichever it is."""
    before = len(streams.order)
    streams.on_open = streams.accept
    link = view(user, session, receive_buffer=4096)
    far = streams.newest(before + 1)
    sender = threading.Thread(target=streams.send, args=(far, bytes(4 * STALLED), 2), daemon=True)
    sender.start()
    sender.join(harness.PATIENCE)
    t.ok(0 < far.sent < STALLED, f"of {4 * STALLED >> 20} MiB for a viewer who does not read the agent could send {far.sent >> 10} KiB")
    held, reserved = metric(stack, "stream_bytes"), metric(stack, "stream_reserved")
    t.ok(0 < held <= reserved <= 10 << 20, f"of which {held >> 10} KiB wait in the server, for whom {reserved >> 10} KiB are set aside")
    link.abort()

    stalled_credit = streams.credit
    link = view(user, session)
    far = streams.newest(before + 2)
    far.grants = False
    link.sock.settimeout(2)
    sent = 0
    try:
        link.send_frame(ws.BINARY, HELLO)
        while sent < 4 * STALLED:
            link.send_frame(ws.BINARY, cut_text(bytes(16000)))
            sent += 16008
    except OSError:
        pass
    t.ok(sent < STALLED, f"of {4 * STALLED >> 20} MiB for a desktop that does not read a viewer could send {sent >> 10} KiB")
    t.ok(far.received <= stalled_credit, f"and the agent got no more than it asked for ({far.received})")
    link.abort()


def main(t):
    with harness.Stack(server=False) as stack:
        # Who vanishes while nobody may read from him is found by pings alone.
        stack.start_server(options=("--dispatch-stream-ping-seconds", "1"))
        stack.template()
        user = stack.user("ada")
        far = Far()
        agents, sessions = [], []
        for number in range(2):
            agent = wire_agent.WireAgent(stack, f"wire-{number}").serve()
            harness.wait_for("the agent", agent.connected)
            streams = wire_stream.WireStreams(agent)
            streams.on_open = lambda stream, s=streams: far.opened(s, stream)
            agents.append((agent, streams))
        for _ in range(4):
            session = user.create("terminal")["id"]
            wire_agent.wait_state(stack, session, "running")
            sessions.append(session)
        placed = {s: stack.db.query("SELECT agent_id FROM streamspace.v_sessions WHERE session_id = :'s';", s=s) for s in sessions}
        harness.wait_for("a ticket", lambda: all(user.post(f"/api/v1/sessions/{s}/viewer-tickets").status == 201 for s in sessions))
        idle = rss_kib(stack.server)

        viewers = [Near(number, user, sessions[number % len(sessions)]) for number in range(VIEWERS)]
        begin = time.monotonic()
        t.eq(metric(stack, "viewers"), VIEWERS, f"{VIEWERS} viewers")
        reserved = metric(stack, "stream_reserved")
        t.ok(0 < reserved <= VIEWERS << 20, f"for whom {reserved >> 10} KiB are set aside")
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join(harness.PATIENCE)
        took = time.monotonic() - begin
        whole = [v for v in viewers if v.number not in VANISHING and v.number not in DUMB]
        t.eq([f"{v.number}: {v.error}" for v in whole if v.error], [], f"{len(whole)} of {VIEWERS} viewers hear and say all of it ({took:.1f} s)")
        numbers = {int.from_bytes(v.heard[:4], "big"): v for v in whole}
        t.eq(len([v for v in whole if bytes(v.heard) == far.content(int.from_bytes(v.heard[:4], "big"))]), len(whole), "each hears what was said to him, byte for byte")
        by_agent = {agent.name: streams for agent, streams in agents}

        def said():
            missing = []
            for v in whole:
                stream = by_agent[placed[sessions[v.number % len(sessions)]]].streams[int.from_bytes(v.heard[:4], "big")]
                if stream.received < len(v.said):
                    return None
                if stream.received != len(v.said) or stream.hash.digest() != hashlib.sha256(v.said).digest():
                    missing.append(v.number)
            return [missing]
        t.ok(len(numbers) >= len(whole) // 2, "the streams have numbers of their own")
        t.eq(harness.wait_for("all that they said", said)[0], [], "and each desktop hears what its viewer says, byte for byte")
        busy = rss_kib(stack.server)
        t.diag(f"server: {idle} KiB before, {busy} KiB with {VIEWERS} viewers, {2 * VIEWERS * (DOWN + UP) >> 20} MiB carried; sanitizers included")

        for viewer in viewers:
            viewer.link.abort()
        for _, streams in agents:
            streams.wait("the ends", lambda s=streams: all(x.end for x in s.streams.values()))
        harness.wait_for("nobody in the list", lambda: not user.must("GET", "/api/v1/connections")["items"])
        t.ok(True, "all of them end, those that went without a word too")
        counted = stack.db.query("SELECT count(*) FROM streamspace.v_connections WHERE closed_at IS NOT NULL;")
        t.eq(counted, str(VIEWERS), "each was a row")
        first = next(s for s in sessions if placed[s] == agents[0][0].name)
        stalled(t, stack, user, agents[0][1], first)
        left = [None]

        def nothing():
            left[0] = {name: metric(stack, name) for name in ("viewers", "stream_bytes", "stream_reserved")}
            return not any(left[0].values())
        try:
            harness.wait_for("nothing left", nothing, every=0.5)
        except harness.Timeout:
            t.diag(left[0])
        t.eq(any(left[0].values()), False, "in the end nothing waits and nothing is set aside")
        for agent, streams in agents:
            t.eq((streams.broken, streams.closed), ([], None), f"{agent.name}: the server broke no rule of the frames, and the socket lives")
            agent.stop()
        t.eq(stack.server.stop(), 0, "the server stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
