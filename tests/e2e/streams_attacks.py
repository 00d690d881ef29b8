#!/usr/bin/python3
"""Who tries to get more out of a ticket, a handshake or a look than he was given: at the same moment, after his right has
ended, by headers and frames that parsers may understand differently, by every message that a viewer who looks on may not send."""

import socket
import struct
import threading

import harness
import wire_agent
import wire_stream
import ws
from wire_stream import HELLO, key, pair, receive, ticket, update_request

UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")


def ask(port, path, lines, behind=b""):
    """(status, socket, bytes behind the head) of a handshake that is written by hand."""
    sock = socket.create_connection(("127.0.0.1", port), 10)
    sock.sendall(("\r\n".join([f"GET {path} HTTP/1.1", *lines]) + "\r\n\r\n").encode("latin-1") + behind)
    status, headers, rest = ws.read_head(sock)
    return status, headers, ws.Client(sock, rest)


def at_once(t, stack, streams, user, session):
    """Twenty who come with one ticket."""
    url, opened, refused = ticket(user, session)["url"], [], []
    ready = threading.Barrier(20)

    def come():
        ready.wait()
        try:
            opened.append(ws.connect(stack.port, url, timeout=60))
        except ws.Refused as error:
            refused.append(error.code)
    threads = [threading.Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.eq((len(opened), refused), (1, ["ticket_invalid"] * 19), "of 20 who come at once with one ticket one is let in")
    for link in opened:
        link.abort()


def too_late(t, stack, streams, user, guest, session):
    """What a ticket was given for is asked again when it is used."""
    def use(url):
        return wire_agent.refused(ws.connect, stack.port, url)

    def share(mode):
        user.must("POST", f"/api/v1/sessions/{session}/shares", {"user": guest.name, "mode": mode}, status=201)
        return user.must("GET", f"/api/v1/sessions/{session}/shares")["items"][0]["id"]

    def revoke(made):
        user.must("DELETE", f"/api/v1/sessions/{session}/shares/{made}")

    again = stack.anonymous().login(user.name, user.password)
    url = ticket(again, session)["url"]
    again.must("POST", "/api/v1/logout")
    t.eq(use(url), (403, "ticket_invalid"), "a ticket ends with the log-in that asked for it")
    made = share("control")
    url = ticket(guest, session)["url"]
    revoke(made)
    t.eq(use(url), (403, "ticket_invalid"), "with the share")
    made = share("control")
    url = ticket(guest, session, "control")["url"]
    link, far = pair(streams, guest, session)
    revoke(made)
    t.eq(wire_agent.closed(link, harness.PATIENCE), (4002, "access_revoked"), "who was in control is put out when he may only look on")
    streams.wait("its end", lambda: far.end)
    made = share("view")
    t.eq(use(url), (403, "ticket_invalid"), "and a ticket for control does not outlive control")
    link.abort()
    url = ticket(user, session)["url"]
    user.hibernate(session)
    wire_agent.wait_state(stack, session, "hibernated")
    t.eq(use(url), (409, "session_not_running"), "nor does one outlive the desktop")
    user.wake(session)
    wire_agent.wait_state(stack, session, "running")
    revoke(made)


def twice_said(t, stack, streams, user, session):
    """Heads that a proxy in front and the server may read differently."""
    url, host, page = ticket(user, session)["url"], f"Host: 127.0.0.1:{stack.port}", f"Origin: http://127.0.0.1:{stack.port}"
    for name, lines in (
            ("two origins", [host, page, "Origin: http://evil.example", *UPGRADE]),
            ("the same the other way round", [host, "Origin: http://evil.example", page, *UPGRADE]),
            ("two hosts", [host, "Host: evil.example", "Origin: http://evil.example", *UPGRADE]),
            ("an origin with a name in front", [host, f"Origin: http://127.0.0.1:{stack.port}@evil.example", *UPGRADE]),
            ("an origin with a path", [host, f"{page}/x", *UPGRADE]),
            ("an origin with an end of line", [host, f"{page}\x0b", *UPGRADE]),
            ("a list of origins", [host, f"{page} http://evil.example", *UPGRADE]),
            ("an origin of another scheme", [host, f"Origin: ftp://127.0.0.1:{stack.port}", *UPGRADE]),
            ("an origin of another port", [host, f"Origin: http://127.0.0.1:{stack.port % 60000 + 1}", *UPGRADE]),
            ("a folded line", [host, "Origin:", f"  http://127.0.0.1:{stack.port}", *UPGRADE]),
            ("a body", [host, page, "Content-Length: 5", *UPGRADE]),
            ("a body in parts", [host, page, "Transfer-Encoding: chunked", *UPGRADE])):
        status, _, link = ask(stack.port, url, lines)
        t.ok(status in (400, 403, 422), f"{name}: refused ({status})")
        link.abort()
    before = len(streams.order)
    status, headers, link = ask(stack.port, url, [host, page, "Sec-WebSocket-Extensions: permessage-deflate", *UPGRADE], frames(HELLO + key(1)))
    t.eq((status, headers.get("sec-websocket-extensions")), (101, None), "none of them used the ticket up; no extension is agreed on")
    far = streams.newest(before + 1)
    streams.wait("what came with the request", lambda: far.received >= len(HELLO) + 8)
    t.eq(bytes(far.data), HELLO + key(1), "what comes behind the request at once is not lost")
    link.abort()


def frames(data):
    """One binary frame, masked with zeros."""
    return bytes([0x82, 0x80 | len(data)]) + bytes(4) + data


def broken_frames(t, streams, user, session):
    for name, first in (("compressed without agreement", 0xC2), ("with a reserved bit", 0x92)):
        link, far = pair(streams, user, session)
        link.sock.sendall(bytes([first]) + frames(key(1))[1:])
        t.ok(wire_agent.closed(link)[0] in (1002, 1006, 1008, None), f"a frame {name} ends the viewer")
        streams.wait("its end", lambda: far.end)
        t.eq(bytes(far.data), b"", f"a frame {name}: nothing of it reaches the desktop")
        link.abort()
    link, far = pair(streams, user, session)
    link.sock.sendall(bytes([0x88, 0x82]) + bytes(4) + struct.pack(">H", 1000) + frames(key(2)) * 50)
    streams.wait("its end", lambda: far.end)
    t.eq(bytes(far.data), b"", "who says that he goes and talks on is not heard")
    link.abort()
    link, far = pair(streams, user, session)
    link.sock.shutdown(socket.SHUT_WR)
    streams.wait("its end", lambda: far.end)
    t.ok(True, "who closes half of his connection has left")
    link.abort()


def looking_on(t, streams, user, session):
    """Every message of RFB that changes something, by one who looks on."""
    clip = struct.pack(">BxxxiI", 6, -12, 1 << 28) + b"\0" * 8
    messages = {
        "a key": key(0x61), "a key of QEMU": struct.pack(">BBHII", 255, 0, 1, 0x61, 30), "a pointer": struct.pack(">BBHH", 5, 1, 9, 9),
        "a pointer with more buttons": struct.pack(">BBHHB", 5, 0x81, 9, 9, 1), "a clipboard": struct.pack(">BxxxI", 6, 3) + b"abc",
        "an extended clipboard": clip, "xvp": struct.pack(">BxBB", 250, 1, 2),
        "a size of the screen": struct.pack(">BxHHBx", 251, 640, 480, 1) + struct.pack(">IHHHHI", 1, 0, 0, 640, 480, 0),
    }
    link, far = pair(streams, user, session, mode="view")
    for name, message in messages.items():
        with streams.news:
            far.data.clear()
        link.send_frame(ws.BINARY, message)
        link.send_frame(ws.BINARY, update_request())
        streams.wait("the request behind it", lambda: len(far.data) >= len(update_request()))
        t.eq(bytes(far.data), update_request(), f"{name} of a viewer who looks on does not pass")
    link.abort()
    link, far = pair(streams, user, session)
    for message in messages.values():
        link.send_frame(ws.BINARY, message)
    want = b"".join(messages.values())
    streams.wait("all of it", lambda: len(far.data) >= len(want))
    t.eq(bytes(far.data), want, "of one in control all of them do, as they are")
    link.abort()


def empty_frames(t, stack, agent, streams, user, session):
    """An agent that floods with frames which take no credit."""
    link, far = pair(streams, user, session)
    empty = struct.pack(">BI", wire_stream.DATA, far.number)
    for _ in range(20000):
        streams.message(empty)
    streams.send(far, b"done")
    t.eq(receive(link, 4), b"done", "20,000 empty frames of an agent: the viewer gets what comes behind them")
    t.ok(wire_agent.metric(stack, "dispatch_stream_bytes") < 1 << 20, "and nothing of them is kept")
    link.abort()


def many_tickets(t, stack, user, other, theirs, session):
    codes = []
    while len(codes) < 1000 and (not codes or codes[-1] == 201):
        answer = user.post(f"/api/v1/sessions/{session}/viewer-tickets")
        codes.append(answer.status if answer.status == 201 else answer.code)
    t.eq(codes[-1], "limit_reached", f"of unused tickets a user has so many ({len(codes) - 1})")
    t.eq(other.post(f"/api/v1/sessions/{theirs}/viewer-tickets").status, 201, "others get theirs")


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=("--rate-limit-actor", "0"))
        stack.template()
        user, guest = stack.user("ada"), stack.user("grace")
        agent = wire_agent.WireAgent(stack, "wire-1").serve()
        harness.wait_for("the agent", agent.connected)
        streams = wire_stream.WireStreams(agent)
        sessions = [owner.create("terminal")["id"] for owner in (user, guest)]
        for session in sessions:
            wire_agent.wait_state(stack, session, "running")
        session, theirs = sessions
        harness.wait_for("a ticket", lambda: user.post(f"/api/v1/sessions/{session}/viewer-tickets").status == 201)
        twice_said(t, stack, streams, user, session)
        at_once(t, stack, streams, user, session)
        too_late(t, stack, streams, user, guest, session)
        broken_frames(t, streams, user, session)
        looking_on(t, streams, user, session)
        empty_frames(t, stack, agent, streams, user, session)
        many_tickets(t, stack, user, guest, theirs, session)
        t.eq((streams.broken, streams.closed), ([], None), "the agent was told nothing wrong, and its socket lives")
        harness.wait_for("nobody in the list", lambda: not stack.admin.must("GET", "/api/v1/connections")["items"])
        agent.stop()
        t.eq((stack.server.stop(), stack.server.complaints()), (0, []), "the server stops cleanly, and no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
