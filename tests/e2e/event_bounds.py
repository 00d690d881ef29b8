#!/usr/bin/python3
"""The bounds of the stream of events, and peers that mean no good: who does not read, who comes too often, who talks, who
comes from a foreign page; and what a server without streams does."""

import socket
import threading
import time

import event_client
import harness
import ws
from event_client import Ended, Sse, Socket, changes, hello, of

OPTIONS = ("--events-max-streams", "6", "--events-max-per-user", "3", "--events-queue-bytes", "65536", "--events-stall-seconds", "2",
           "--events-keepalive-seconds", "1", "--events-max-changes", "20")


def refused(transport, port, token=None, **more):
    try:
        transport(port, token, **more).abort()
    except ws.Refused as refusal:
        return refusal.status, refusal.code
    return None


def pinged(t, stack, user):
    """A quiet WebSocket stays as long as its client answers pings."""
    server = stack.start_server(port=harness.free_port(), options=("--dispatch-ping-seconds", "1", "--dispatch-silence-seconds", "3"))
    here, gone = (Socket(server.port, user.token) for _ in range(2))
    gone.client.auto_pong = False
    for stream in (here, gone):
        hello(stream)
    listener = threading.Thread(target=here.ended, daemon=True)
    listener.start()
    t.ok(gone.ended() and gone.code == 1008, f"a WebSocket that answers no ping is ended ({gone.code})")
    pings = here.client.pings
    harness.wait_for("more pings", lambda: here.code or here.client.pings > pings + 3)
    t.eq(here.code, None, f"one that answers goes on, after {here.client.pings} pings")
    here.abort()
    listener.join(harness.PATIENCE)


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=OPTIONS)
        stack.template()
        ada, ben, eve = stack.user("ada"), stack.user("ben"), stack.user("eve")
        stack.db.query("SELECT streamspace.put_org(p_name => 'default', p_max_sessions => 1000, p_max_sessions_per_user => 1000)")

        def metric(name):
            text = harness.Rest(stack.internal_port).get("/metrics").text
            assert "streamspace_events_streams" in text, text
            return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"streamspace_events_{name} "))

        # nobody listens: nothing is asked
        looks = metric("looks_total")
        session = ada.create("terminal")["id"]
        ben.create("terminal")
        t.eq(metric("looks_total"), looks, "without a stream nothing is looked for")

        # too many
        streams = [transport(stack.port, ada.token) for transport in (Sse, Socket, Sse)]
        for stream in streams:
            hello(stream)
        for transport in event_client.TRANSPORTS:
            t.eq(refused(transport, stack.port, ada.token), (429, "too_many_streams"), f"{transport.kind}: one more of the same user is refused")
        streams += [transport(stack.port, ben.token) for transport in (Socket, Sse, Socket)]
        for transport in event_client.TRANSPORTS:
            t.eq(refused(transport, stack.port, eve.token), (503, "overloaded"), f"{transport.kind}: one more of all is refused")
        t.eq((metric("streams"), metric("refused_total")), (6, 4), "and counted")
        for stream in streams:
            stream.abort()
        harness.wait_for("the places of those who left", lambda: metric("streams") == 0)
        t.ok(True, "who leaves, without a word too, gives his place back")

        # signs of life
        stream = Sse(stack.port, ada.token)
        hello(stream)
        try:
            stream.recv(3.5)
        except TimeoutError:
            pass
        t.ok(stream.comments >= 1, f"a quiet stream shows that it lives ({stream.comments} signs)")
        stream.abort()

        # who does not read
        ada.must("PATCH", f"/api/v1/sessions/{session}", {"notes": "x" * 4000})
        for transport in event_client.TRANSPORTS:
            slow, fast = transport(stack.port, ada.token, receive_buffer=4096), transport(stack.port, ada.token)
            hello(fast)
            before, number = metric("slow_total"), 0
            end = time.monotonic() + 60
            while metric("slow_total") == before and time.monotonic() < end:
                number += 1
                ada.must("PATCH", f"/api/v1/sessions/{session}", {"name": f"{transport.kind} {number}", "notes": f"{number:04}" + "y" * 3996})
                changes(fast, lambda item: item["session"]["name"] == f"{transport.kind} {number}")
            t.eq(metric("slow_total"), before + 1, f"{transport.kind}: who does not read is ended as slow, after {number} messages")
            last = None
            try:
                while True:
                    last = slow.recv()
            except Ended:
                pass
            t.eq((last["type"], last.get("reason")), ("bye", "slow"), f"{transport.kind}: with that reason, when he reads at last")
            harness.wait_for("his place", lambda: metric("streams") == 1)
            ada.must("PATCH", f"/api/v1/sessions/{session}", {"name": "go on"})
            t.ok(changes(fast, lambda item: item["session"]["name"] == "go on"), f"{transport.kind}: others hear what happens meanwhile")
            slow.abort()
            fast.abort()
        t.eq(metric("queued_bytes"), 0, "nothing is left of them")

        # more at once than one message holds
        for transport in event_client.TRANSPORTS:
            token = ada.must("GET", "/api/v1/events")["token"]
            for _ in range(21):
                ada.create("terminal")
            stream = transport(stack.port, ada.token, since=token)
            hello(stream)
            t.eq((lambda m: (m["type"], m.get("reason")))(stream.recv()), ("gap", "too_many"), f"{transport.kind}: more than fit is a gap")
            stream.abort()

        # who talks, and who speaks badly
        stream = Socket(stack.port, ada.token)
        hello(stream)
        stream.client.send_text("hello?")
        t.ok(stream.ended() and stream.code == 1008, "who sends a message is cut off")
        stream = Socket(stack.port, ada.token)
        hello(stream)
        stream.client.send_frame(0x3, b"?")
        t.ok(stream.ended(), "a frame of no kind ends it")
        t.eq(refused(Socket, stack.port, ada.token, headers={"Sec-WebSocket-Protocol": "binary"}) is not None, True, "no subprotocol is spoken")
        t.eq(refused(Socket, stack.port, ada.token, since="x" * 2000), (422, "invalid_argument"), "a token of any length is refused")
        t.eq(refused(Sse, stack.port, ada.token, last_event="x" * 5000), (422, "invalid_argument"), "as Last-Event-ID too")
        t.eq(refused(Sse, stack.port, ada.token, headers={"Upgrade": "websocket", "Connection": "Upgrade"}) is not None, True, "half a handshake is refused")

        # by cookie
        site = harness.Rest(stack.port)
        page = f"http://127.0.0.1:{stack.port}"
        answer = site.call("POST", "/api/v1/login", {"user": ada.name, "password": ada.password, "cookie": True}, headers={"Origin": page})
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        stream = Socket(stack.port, headers={"Cookie": cookie, "Origin": page})
        t.ok(hello(stream), "a WebSocket by cookie, from the page")
        by_sse = Sse(stack.port, headers={"Cookie": cookie})
        t.ok(hello(by_sse), "and server-sent events")
        for origin in ("http://evil.example", None):
            head = {"Cookie": cookie, **({"Origin": origin} if origin else {})}
            t.eq(refused(Socket, stack.port, headers=head), (403, "origin_refused"), f"a WebSocket by cookie with the origin {origin} is refused")
        t.eq(refused(Socket, stack.port, headers={"Origin": page}), (401, "unauthorized"), "without cookie or token")
        site.call("POST", "/api/v1/logout", {}, headers={"Cookie": cookie, "Origin": page})
        for one in (stream, by_sse):
            t.eq(one.recv(), {"type": "bye", "reason": "logged_out"}, f"{one.kind}: log-out ends it")

        # many that vanish
        for _ in range(30):
            link = socket.create_connection(("127.0.0.1", stack.port))
            link.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {eve.token}\r\nAccept: text/event-stream\r\n\r\n".encode())
            link.close()
        for transport in event_client.TRANSPORTS:
            harness.wait_for("a place", lambda: refused(transport, stack.port, eve.token) is None)  # noqa: B023
        harness.wait_for("all of them to be forgotten", lambda: metric("streams") == 0)
        t.ok(True, "who comes and goes at once holds no place")
        log = stack.server.log
        t.ok(cookie.split("=")[1] not in log and ada.token not in log and "since=" not in log, "no token and no query stands in the log")
        pinged(t, stack, ada)


if __name__ == "__main__":
    harness.main(main)
