#!/usr/bin/python3
"""The agent's viewer streams against a control plane that is played by hand, with real desktops.

Sessions of this test are sandboxes; where a test needs a desktop that says exactly so much, the
session's own program takes the place of the desktop's socket, as any session could.
"""

import hashlib
import json
import os
import pathlib
import re
import secrets
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import rfb  # noqa: E402
import tap  # noqa: E402
from stream_link import CLOSE, CREDIT, DATA, ERROR, OPEN, OPENED  # noqa: E402

wish = agent_alone.wish
WINDOW = 16384
STREAMS = 120
# ASan keeps what was freed for a while; its own memory is not to be taken for the agent's.
QUARANTINE = {"ASAN_OPTIONS": "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")}

# Takes the place of the desktop's socket. `echo` sends back what comes, `source` sends for ever,
# `count` sends the numbers of 4 bytes, `sink` reads nothing, `deaf` closes at once, `backlog` takes nobody.
DESKTOP = r'''
import os, socket, struct, sys, threading
kind = sys.argv[1]
path = "/run/vnc/rfb.sock"
new = "/run/vnc/new"
listener = socket.socket(socket.AF_UNIX)
listener.bind(new)
listener.listen(0 if kind == "backlog" else 200)
os.rename(new, path)
open(os.environ["HOME"] + "/ready", "w").close()
def serve(sock):
    try:
        if kind == "echo":
            while True:
                data = sock.recv(65536)
                if not data:
                    break
                sock.sendall(data)
        elif kind == "source":
            block = bytes(range(256)) * 256
            while True:
                sock.sendall(block)
        elif kind == "count":
            sock.sendall(b"".join(struct.pack(">I", n) for n in range(250000)))
        elif kind == "sink":
            threading.Event().wait()
    except OSError:
        pass
    sock.close()
threading.Event().wait() if kind == "backlog" else None
while True:
    sock, _ = listener.accept()
    threading.Thread(target=serve, args=(sock,), daemon=True).start()
'''


def start(link, session, command=("sleep", "100000")):
    kind, result = link.command("start_session", session, 1, wish(session, command))
    if kind != "complete":
        raise AssertionError(f"{session}: {result}")
    link.wait("observed", lambda p: p["sessionId"] == session and p["state"] == "running")


def start_desktop(link, lone, session, kind):
    start(link, session, ["sh", "-c", 'python3 -c "$0" "$1"; sleep 100000', DESKTOP, kind])
    harness.wait_for(f"the desktop of {session}", (lone.home(session) / "ready").exists)


def resident(lone):
    """Bytes of the agent's memory."""
    text = pathlib.Path(f"/proc/{lone.current.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024


def dialled(t, plane, lone):
    lone.start(QUARANTINE)
    first = plane.link()
    first.wait("inventory")
    t.ok(plane.stream_links.empty() and not plane.stream_attempts,
         "a control plane without streams: no second socket")
    plane.streams = True
    first.drop()
    link = plane.link()
    stream = plane.stream()
    t.eq(stream.query, f"agent_id=host-a&epoch={link.epoch}",
         "one that has them: a second socket, with the epoch of the first")
    return link, stream


def desktop(t, link, lone, stream):
    start(link, "s-term", ["xterm", "-geometry", "100x30+20+20"])
    numbers = [stream.open("s-term") for _ in range(3)]
    t.eq(stream.streams[numbers[0]].credit, WINDOW, "OPENED gives the credit of --stream-buffer")
    screens = [rfb.Rfb(stream.socket(number)).handshake() for number in numbers]
    t.eq([(s.version, s.name) for s in screens], [(b"RFB 003.008\n", "s-term")] * 3,
         "three viewers of one desktop shake hands with its VNC server")
    before = screens[1].frame()
    nonce = secrets.token_hex(8)
    proof = lone.home("s-term") / "proof"

    def typed():
        screens[0].click(200, 200)
        screens[0].type(f"\necho {nonce} > ~/proof\n")
        try:
            return harness.wait_for("the file", lambda: proof.exists() and proof.read_text().strip() == nonce, 2)
        except harness.Timeout:
            return None

    harness.wait_for("the effect of keys", typed)
    t.ok(True, "keys of one viewer reach the terminal: its effect stands on the host")
    t.ok(harness.wait_for("other pixels", lambda: screens[1].frame() != before),
         "and the pixels of another viewer change")
    screens[0].close()
    t.eq(stream.ended(numbers[0]), (CLOSE, "closed"), "CLOSE is answered by CLOSE")
    t.ok(screens[2].frame(), "the others go on")
    return numbers[1:]


def refusals(t, link, stream):
    for session, code in (("s-none", "session_not_found"), ("../s-term", "session_not_found"),
                          ("", None), ("x" * 63, "session_not_found")):
        if code is None:
            continue
        number = stream.begin(session)
        kind, body = stream.ended(number)
        t.eq((kind, body["code"]), (ERROR, code), f"OPEN of {session[:20]!r}: {code}")
    start(link, "s-sleeps")
    link.command("hibernate_session", "s-sleeps", 2, wish("s-sleeps"))
    kind, body = stream.ended(stream.begin("s-sleeps"))
    t.eq((kind, body["code"]), (ERROR, "session_not_running"), "OPEN of one that is hibernated")


def borrowed_socket(t, link, lone, stream):
    """A session cannot lead its viewers to the desktop of another."""
    start(link, "s-thief", ["sh", "-c", "rm /run/vnc/rfb.sock; ln -s ../../s-term/run/rfb.sock "
                            "/run/vnc/rfb.sock; : > ~/ready; sleep 100000"])
    harness.wait_for("its link", (lone.home("s-thief") / "ready").exists)
    t.ok(os.path.exists(lone.socket("s-thief")), "control: the link leads to the other's socket")
    kind, body = stream.ended(stream.begin("s-thief"))
    t.eq((kind, body["code"]), (ERROR, "refused"), "a link in the place of the socket is refused")


def byte_for_byte(t, link, lone, stream):
    """Random data both ways on many streams at once, one of which nobody reads."""
    start_desktop(link, lone, "s-echo", "echo")
    start_desktop(link, lone, "s-source", "source")
    stalled = stream.open("s-source", 100000)
    numbers = [stream.open("s-echo", 4096) for _ in range(100)]
    data = {n: secrets.token_bytes(40000 + 997 * i) for i, n in enumerate(numbers)}

    def pump(number):
        sock, want, got = stream.socket(number), len(data[number]), hashlib.sha256()
        writer = harness.Background(sock.sendall, data[number])
        while want > 0:
            part = sock.recv(65536)
            if not part:
                raise AssertionError(f"{number} ended: {stream.streams[number].end}")
            got.update(part)
            want -= len(part)
        writer.result()
        return got.hexdigest() == hashlib.sha256(data[number]).hexdigest()

    jobs = [harness.Background(pump, number) for number in numbers]
    t.eq([j.result() for j in jobs], [True] * 100, "100 streams, byte for byte, both ways")
    t.eq(len(stream.streams[stalled].data), 100000, "one without credit got what it had credit for, to the byte")
    stream.credit(stalled, 777)
    stream.wait("more", lambda: len(stream.streams[stalled].data) >= 100777)
    stream.close(stalled)
    stream.ended(stalled)
    expected = bytes(range(256)) * 400
    t.ok(bytes(stream.streams[stalled].data[:100777]) == expected[:100777] and len(stream.streams[stalled].data) == 100777,
         "and with 777 bytes more exactly these")
    for number in numbers:
        stream.close(number)
    start_desktop(link, lone, "s-count", "count")
    number = stream.open("s-count", 1000)
    stream.wait("the first", lambda: len(stream.streams[number].data) == 1000)
    stream.credit(number, 1 << 24)
    t.eq(stream.ended(number), (CLOSE, "closed"), "a desktop that closes after its last byte: CLOSE")
    t.eq(hashlib.sha256(stream.streams[number].data).hexdigest(),
         hashlib.sha256(b"".join(struct.pack(">I", n) for n in range(250000))).hexdigest(),
         "after all that it said, though it was gone long before")


def back_pressure(t, link, lone, stream):
    start_desktop(link, lone, "s-sink", "sink")
    number = stream.open("s-sink")
    taken = 0
    idle = time.monotonic()
    while time.monotonic() - idle < 1:
        with stream.news:
            part = min(stream.streams[number].credit, 16384)
            stream.streams[number].credit -= part
        if part:
            stream.frame(DATA, number, bytes(part))
            taken += part
            idle = time.monotonic()
        else:
            time.sleep(0.01)
    t.ok(WINDOW <= taken < WINDOW + (2 << 20),
         f"a desktop that reads nothing: credit ends after {taken} bytes (its socket's buffer and the window)")
    begin = time.monotonic()
    stream.close(number)
    t.eq(stream.ended(number), (CLOSE, "closed"), "closed while it waits: answered at once")
    t.ok(time.monotonic() - begin < 50, "and not when the desktop reads")

    start_desktop(link, lone, "s-full", "backlog")
    numbers = [stream.begin("s-full") for _ in range(4)]
    ends = [stream.wait("an answer", lambda n=n: stream.streams[n].opened or stream.streams[n].end) for n in numbers[:3]]
    last = stream.ended(numbers[-1])
    t.eq((last[0], last[1]["code"]), (ERROR, "timeout"), "a desktop that takes nobody: timeout")
    t.ok(len(ends) == 3, "which the others do not wait for")
    for n in numbers:
        if not stream.streams[n].end:
            stream.close(n)


def sessions_end(t, link, lone, stream, numbers):
    start(link, "s-brief")
    number = stream.open("s-brief")
    screen = rfb.Rfb(stream.socket(number)).handshake()
    link.command("hibernate_session", "s-brief", 2, wish("s-brief"))
    t.eq(stream.ended(number), (CLOSE, "session_not_running"), "hibernated: CLOSE, and why")
    link.command("wake_session", "s-brief", 3, wish("s-brief"))
    link.wait("observed", lambda p: p["sessionId"] == "s-brief" and p["state"] == "running" and p["revision"] == 3)
    number = stream.open("s-brief")
    t.eq(rfb.Rfb(stream.socket(number)).handshake().name, "s-brief", "awake: a viewer again")
    link.command("stop_session", "s-brief", 4, {**wish("s-brief"), "desiredState": "terminated"})
    t.eq(stream.ended(number), (CLOSE, "session_not_running"), "terminated: CLOSE, and why")
    t.eq([stream.streams[n].end for n in numbers], [None] * len(numbers), "viewers of other sessions stay")
    # What holds its socket open is let go by the look at the sessions.
    number = stream.open("s-sink")
    link.post("hibernate_session", "s-sink", 2, wish("s-sink"))
    t.eq(stream.ended(number), (CLOSE, "session_not_running"), "so is one of a desktop that says nothing")
    del screen


def commands_first(t, plane, link, lone, stream):
    """Streams at full speed into a socket that nobody reads: commands are carried out, memory stays."""
    numbers = [stream.open("s-source", 1 << 24) for _ in range(20)]
    stream.wait("bytes", lambda: stream.bytes > 1 << 22)
    begin = resident(lone)
    stream.paused.set()
    for revision in range(5):
        kind, _ = link.command("apply", f"t{revision}.default", 1, {"name": "t.default", "spec": {}})
        if kind != "complete":
            raise AssertionError(kind)
    t.ok(True, "commands are carried out while 20 streams wait for a reader")
    grown = resident(lone) - begin
    t.ok(grown < 40 << 20, f"and the agent keeps nothing for them ({grown >> 10} KiB more)")
    stream.paused.clear()
    for number in numbers:
        stream.close(number)
    for number in numbers:
        stream.ended(number)


def bounds(t, stream):
    held = sum(1 for s in stream.streams.values() if not s.end)
    numbers = [stream.begin("s-echo") for _ in range(STREAMS - held + 1)]
    kind, body = stream.ended(numbers[-1])
    t.eq((kind, body["code"]), (ERROR, "too_many_streams"), f"stream {STREAMS + 1} at a time: too_many_streams")
    for number in numbers[:-1]:
        stream.close(number)
    for number in numbers[:-1]:
        stream.ended(number)
    t.ok(stream.open("s-echo"), "and there is room again when some have ended")
    t.eq(stream.broken, [], "the agent itself never broke the protocol")


def hostile(t, plane, lone, link, stream):
    def message(kind, number, payload=b""):
        return struct.pack(">BI", kind, number) + payload

    def opening(number, **more):
        return message(OPEN, number, json.dumps({"session": "s-echo", "credit": 1000, **more}).encode())

    breaches = (
        ("a text message", lambda s: s.message(0x1, b"{}")),
        ("an empty message", lambda s: s.message(0x2, b"")),
        ("a short frame", lambda s: s.message(0x2, b"\3\0\0")),
        ("an unknown type", lambda s: s.frame(9, 1)),
        ("type 0", lambda s: s.frame(0, 1)),
        ("stream 0", lambda s: s.message(0x2, opening(0))),
        ("OPENED", lambda s: s.frame(OPENED, 1, struct.pack(">I", 5))),
        ("DATA of a stream that was never opened", lambda s: s.frame(DATA, 5, b"x")),
        ("CREDIT of one", lambda s: s.frame(CREDIT, 5, struct.pack(">I", 1))),
        ("CLOSE of one", lambda s: s.frame(CLOSE, 5, b"closed")),
        ("an id twice", lambda s: (s.begin("s-echo"), s.message(0x2, opening(1)))),
        ("a lower id", lambda s: (s.message(0x2, opening(7)), s.message(0x2, opening(6)))),
        ("OPEN without JSON", lambda s: s.frame(OPEN, 1, b"{")),
        ("OPEN without a session", lambda s: s.frame(OPEN, 1, b'{"credit":5}')),
        ("OPEN with a long session", lambda s: s.message(0x2, opening(1, session="s" * 5000))),
        ("OPEN with a negative credit", lambda s: s.message(0x2, opening(1, credit=-1))),
        ("OPEN with a huge credit", lambda s: s.message(0x2, opening(1, credit=1 << 40))),
        ("DATA beyond the credit", lambda s: (s.open("s-echo", 0), [s.frame(DATA, 1, bytes(16384)) for _ in range(200)])),
        ("CREDIT of 0", lambda s: (s.open("s-echo"), s.frame(CREDIT, 1, struct.pack(">I", 0)))),
        ("CREDIT of 3 bytes", lambda s: (s.open("s-echo"), s.frame(CREDIT, 1, b"123"))),
        ("CREDIT that adds up to too much", lambda s: (
            s.open("s-echo"), [s.frame(CREDIT, 1, struct.pack(">I", 1 << 24)) for _ in range(70)])),
        ("a long CLOSE", lambda s: (s.open("s-echo"), s.frame(CLOSE, 1, b"x" * 65))),
        ("a message of 16 KiB and a byte more", lambda s: (s.open("s-echo"), s.frame(DATA, 1, bytes(16385)))),
        ("a message in endless pieces", lambda s: [s.message(0x2 if i == 0 else 0x0, bytes(9000), fin=False) for i in range(3)]),
    )
    for label, breach in breaches:
        try:
            breach(stream)
        except (OSError, AssertionError):
            pass
        stream.closed.wait(30)
        t.eq(stream.close_code, 1008, f"{label}: closed with 1008 ({stream.close_reason})")
        stream = plane.stream()
    with stream.send_lock:
        stream.sock.sendall(bytes([0x82, 127]) + struct.pack(">Q", 1 << 40) + bytes(100000))
    stream.closed.wait(30)
    t.ok(stream.closed.is_set(), f"a message of a terabyte: closed ({stream.close_code})")
    stream = plane.stream()
    begin = resident(lone)
    for _ in range(20000):
        stream.begin("s-none")
    last = stream.begin("s-none")
    stream.ended(last, timeout=120)
    t.ok(True, "20,000 streams of no session are refused one by one")
    for _ in range(20000):
        stream.frame(DATA, 5, bytes(100))
    number = stream.open("s-term")
    grown = resident(lone) - begin
    t.ok(grown < 30 << 20, f"20,000 late frames are dropped ({grown >> 10} KiB more)")
    sent = flood(stream, 400000)
    t.ok(sent < 400000, f"one who reads nothing and sends OPEN on and on is not read from any more, after {sent}")
    grown = resident(lone) - begin
    t.ok(grown < 30 << 20, f"and does not fill the agent ({grown >> 10} KiB more)")
    stream.ended(number + sent, timeout=120)
    t.eq(stream.streams[number].end, None, "when it reads, all are answered, and who was there is still there")
    kind, _ = link.command("apply", "after.default", 1, {"name": "after.default", "spec": {}})
    t.eq(kind, "complete", "the connection of the commands never noticed")
    return stream


def flood(stream, most):
    """Sends OPEN of no session without reading, until the agent takes no more for a second."""
    stream.paused.set()
    sent, rest, last = 0, b"", time.monotonic()
    while sent < most and time.monotonic() - last < 1:
        if not rest:
            # Long ones, so that what the kernel keeps on both ways is soon full.
            body = json.dumps({"session": "s-none", "credit": 1, "more": "x" * 300}).encode()
            rest = struct.pack(">BBHBI", 0x82, 126, 5 + len(body), OPEN, stream.next_id) + body
            with stream.news:
                stream.streams[stream.next_id] = type(stream.streams[1])()
            stream.next_id += 1
            sent += 1
        try:
            rest = rest[stream.sock.send(rest, socket.MSG_DONTWAIT):]
            last = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    stream.paused.clear()
    while rest:
        try:
            rest = rest[stream.sock.send(rest, socket.MSG_DONTWAIT):]
        except BlockingIOError:
            time.sleep(0.01)
    return sent


def comes_back(t, plane, lone, link, stream):
    number = stream.open("s-term")
    stream.drop()
    stream = plane.stream()
    t.eq(stream.query, f"agent_id=host-a&epoch={link.epoch}", "a lost stream socket is dialled again, with the same epoch")
    t.eq(rfb.Rfb(stream.socket(stream.open("s-term"))).handshake().name, "s-term", "and shows the desktop")
    plane.refuse_stream = "503 Service Unavailable"
    stream.drop()
    count = len(plane.stream_attempts)
    harness.wait_for("more attempts", lambda: len(plane.stream_attempts) >= count + 3)
    plane.refuse_stream = None
    stream = plane.stream()
    t.ok(True, "a refused one is tried again")
    link.drop()
    t.ok(not stream.closed.is_set(), "when the connection of the commands is lost the streams stay")
    link = plane.link()
    again = plane.stream()
    stream.closed.wait(10)
    t.eq((stream.close_code, again.query), (1001, f"agent_id=host-a&epoch={link.epoch}"),
         "with its new epoch they are closed and dialled anew")
    number = again.open("s-term")
    rfb.Rfb(again.socket(number)).handshake()
    lone.current.kill()
    lone.start(QUARANTINE)
    link = plane.link()
    stream = plane.stream()
    number = harness.wait_for("the desktop to be taken up", lambda: try_open(stream))
    t.eq(rfb.Rfb(stream.socket(number)).handshake().name, "s-term", "killed and started again: the same desktop")
    plane.streams = False
    link.drop()
    link = plane.link()
    stream.closed.wait(10)
    t.eq(stream.close_code, 1001, "a control plane that has no streams any more: closed")
    plane.streams = True
    link.drop()
    link = plane.link()
    stream = plane.stream()
    t.eq(lone.current.stop(), 0, "it ends well with streams open")
    stream.closed.wait(10)
    t.eq(stream.close_code, 1001, "and says good-bye on both sockets")


def try_open(stream):
    number = stream.begin("s-term")
    stream.wait("an answer", lambda: stream.streams[number].opened or stream.streams[number].end)
    return number if stream.streams[number].opened else None


def main(t):
    with control_plane.ControlPlane() as plane, \
            agent_alone.Lone(plane, stop_timeout=2, max_sessions=30, max_streams=STREAMS, reconnect_max=1,
                             stream_buffer=WINDOW, stream_connect_timeout=2) as lone:
        link, stream = dialled(t, plane, lone)
        numbers = desktop(t, link, lone, stream)
        refusals(t, link, stream)
        borrowed_socket(t, link, lone, stream)
        byte_for_byte(t, link, lone, stream)
        back_pressure(t, link, lone, stream)
        sessions_end(t, link, lone, stream, numbers)
        commands_first(t, plane, link, lone, stream)
        bounds(t, stream)
        stream = hostile(t, plane, lone, link, stream)
        comes_back(t, plane, lone, link, stream)
        log = (lone.root / "log").read_text()
        if not t.ok("Sanitizer" not in log and "runtime error" not in log, "no sanitizer complained"):
            t.diag(log[-6000:])


if __name__ == "__main__":
    tap.run(main)
