#!/usr/bin/python3
"""Many, slow, silent and refused connections: nothing stalls, everything is bounded and given back."""

import os
import pathlib
import re
import resource
import select
import signal
import socket
import time

import harness
from rest_drain import Lock, receive, send, waits_in_database

REQUEST = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
STALL = 20  # seconds: less than the server's own time-outs (30), which would end a stall


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def read_answers(links, timeout):
    """Bytes of one answer from each of the sockets; who has none within the time is left out."""
    poll = select.poll()
    waiting = {link.fileno(): link for link in links}
    got = {fd: b"" for fd in waiting}
    for fd in waiting:
        poll.register(fd, select.POLLIN)
    end = time.monotonic() + timeout
    while waiting and time.monotonic() < end:
        for fd, _ in poll.poll(100):
            data = waiting[fd].recv(65536)
            got[fd] += data
            if not data or got[fd].endswith(b"}"):
                poll.unregister(fd)
                del waiting[fd]
    return [data for fd, data in got.items() if fd not in waiting]


def no_stall(t, stack):
    """All at once, again and again; libmicrohttpd's epoll loop stalls at 128 ready events."""
    for number in (64, 127, 128, 129, 250, 256, 512, 1024):
        links = [connect(stack.port) for _ in range(number)]
        answered = []
        for _ in range(10):
            for link in links:
                link.sendall(REQUEST)
            answers = read_answers(links, STALL)
            answered.append(sum(b" 200 " in a for a in answers))
        t.eq(answered, [number] * 10, f"{number} connections, 10 rounds: all are answered")
        for link in links:
            link.close()


def stopped_burst(t, stack):
    """The same with everything ready before the server may look."""
    links = [connect(stack.port) for _ in range(512)]
    for link in links:
        link.sendall(REQUEST)
    read_answers(links, 20)
    os.kill(stack.server.pid, signal.SIGSTOP)
    for link in links:
        link.sendall(REQUEST)
    os.kill(stack.server.pid, signal.SIGCONT)
    t.eq(len(read_answers(links, 20)), 512, "512 requests ready at the same moment are all answered")
    for link in links:
        link.close()


def given_back(t, stack, before):
    def probe():
        return open_files(stack.server.pid) <= before + 2

    try:
        harness.wait_for("descriptors to be given back", probe, 15)
        t.ok(True, "all descriptors are given back")
    except harness.Timeout:
        t.fail("all descriptors are given back", f"{before} before, {open_files(stack.server.pid)} after")


def scraped(t, stack):
    """The internal listener has places for 100 at a time, not for 100 in all."""
    inside = harness.Rest(stack.internal_port)
    t.eq({inside.get("/metrics").status for _ in range(300)}, {200}, "300 readings of the metrics, one after the other")


def silent(t, stack):
    """Started with max_pending = 512."""
    links = [connect(stack.port) for _ in range(600)]
    t.eq(harness.Rest(stack.port).get("/livez").status, 200, "600 silent connections (512 places): others are answered")
    late = [connect(stack.port) for _ in range(5)]
    for link in late:
        link.sendall(b"GET /livez")
    alive = links[-1]
    alive.sendall(REQUEST)
    t.eq(len(read_answers([alive], 10)), 1, "one that speaks in time is served")
    closed = [link for link in links[:-1] if closes(link, STALL)]
    t.eq(len(closed), 599, "the silent ones are closed")
    t.ok(all(closes(link, STALL) for link in late), "so are those with half a request line")
    for link in links + late:
        link.close()


def closes(link, timeout):
    link.settimeout(timeout)
    try:
        return link.recv(100) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def cut_off(link, more):
    """Whether the server closes the connection, although more is sent to it three times a second."""
    end = time.monotonic() + STALL
    while time.monotonic() < end:
        try:
            link.sendall(more)
        except OSError:
            return True
        if select.select([link], [], [], 0.3)[0] and closes(link, 1):
            return True
    return False


def slow(t, stack, user):
    """Started with time-outs of 2 s. A byte now and then must not keep a connection."""
    body_head = (f"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
                 "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n").encode()
    kinds = {"head": b"GET /livez HTTP/1.1\r\nX-", "body": body_head, "idle": REQUEST}
    for kind, begin in kinds.items():
        link = connect(stack.port)
        link.sendall(begin)
        if kind == "idle":
            read_answers([link], 10)
        t.ok(cut_off(link, b"" if kind == "idle" else b"a"), f"a slow {kind} is cut off")
        link.close()
    agent = connect(stack.port)
    agent.sendall(b"GET /api/v1/agents/connect?agent_id=x HTTP/1.1\r\nUpgrade: websocket\r\n")
    t.ok(closes(agent, STALL), "a slow agent's request is cut off by the door")


def full(t, stack):
    """Started with max_connections = 100."""
    links = [connect(stack.port) for _ in range(150)]
    for link in links:
        link.sendall(REQUEST)
    answers = read_answers(links, 20)
    good = [a for a in answers if b" 200 " in a]
    refused = [a for a in answers if b" 503 " in a]
    t.ok(len(good) + len(refused) == 150 and 95 <= len(good) <= 100,  # the harness may still hold one or two
         f"{len(good)} of 150 are served, {len(refused)} refused")
    t.ok(all(b"overloaded" in a and b"Retry-After" in a for a in refused), "by the door, with a whole problem")
    lengths = [(len(a.partition(b"\r\n\r\n")[2]), int(re.search(rb"Content-Length: (\d+)", a).group(1))) for a in refused]
    t.ok(all(got == said for got, said in lengths), "of the length that it says")
    for link in links:
        link.close()
    harness.wait_for("room again", lambda: harness.Rest(stack.port).get("/livez").status == 200)
    t.ok(True, "there is room again when they have gone")


def deadline(t, stack, user):
    """Started with one database thread, a queue of 4 and request_timeout = 1."""
    lock = Lock(stack.db)
    first = send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5")
    harness.wait_for("a call to wait", lambda: waits_in_database(stack.db, 1))
    links = [send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5") for _ in range(10)]
    answers = [receive(link) for link in links]
    late = answers.count((504, "deadline_exceeded"))  # one may have begun when its time was up
    t.ok(late <= 1 and answers.count((503, "overloaded")) == 10 - late, "a full queue, and one that hardly moves, say 503")
    t.eq(receive(first), (503, "overloaded"), "a call that hangs is cancelled")
    lock.release()
    harness.wait_for("the server to recover", lambda: user.get("/api/v1/sessions?limit=5").status == 200)
    backend = int(stack.db.query("SELECT pid FROM pg_stat_activity WHERE usename = 'api' "
                                 "AND query LIKE '%list_sessions%' ORDER BY query_start DESC LIMIT 1;", user=None))
    os.kill(backend, signal.SIGSTOP)
    try:
        t.eq(receive(send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5")), (504, "deadline_exceeded"),
             "a database that does not even cancel: 504")
    finally:
        os.kill(backend, signal.SIGCONT)
    harness.wait_for("the server to recover", lambda: user.get("/api/v1/sessions?limit=5").status == 200)
    t.ok(True, "and it goes on when the database does")


def gone(t, stack, user):
    """Clients that leave while their request waits for the database."""
    lock = Lock(stack.db)
    links = [send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5") for _ in range(100)]
    harness.wait_for("a call to wait", lambda: waits_in_database(stack.db, 1))
    for number, link in enumerate(links):
        if number % 2:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        link.close()
    lock.release()
    t.eq(user.get("/api/v1/sessions?limit=5").status, 200, "100 clients that have left: the server goes on")


def bodies(t, stack, user):
    """Started with body_memory = 4 MiB: many large bodies at once are refused, not stored."""
    head = (f"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {1 << 20}\r\n\r\n").encode()
    links = [connect(stack.port) for _ in range(20)]
    for link in links:
        link.sendall(head + b" " * 1000000)
    inside = harness.Rest(stack.internal_port)
    held = re.search(r"http_body_bytes (\d+)", inside.get("/metrics").text)
    t.ok(int(held.group(1)) <= 4 << 20, f"bodies take {held.group(1)} bytes of 4 MiB")
    for link in links:
        link.sendall(b" " * ((1 << 20) - 1000000))
    answers = [receive(link) for link in links]
    t.ok((503, "overloaded") in answers and set(answers) <= {(503, "overloaded"), (400, "invalid_json")},
         f"those that did not fit say 503: {answers.count((503, 'overloaded'))} of 20")
    harness.wait_for("memory to be given back",
                     lambda: "streamspace_http_body_bytes 0\n" in inside.get("/metrics").text)


def logins(t, stack):
    """Started with one password thread and a queue of 2."""
    links = []
    for _ in range(30):
        body = b'{"user":"nobody","password":"password"}'
        link = connect(stack.port)
        link.sendall(b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body) + body)
        links.append(link)
    answers = [receive(link) for link in links]
    t.ok(set(answers) == {(401, "invalid_credentials"), (503, "overloaded")},
         f"30 log-ins at once: {answers.count((401, 'invalid_credentials'))} hashed, the others 503")


def main(t):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    with harness.Stack(server=False) as stack:
        # What ASan keeps of freed memory would hide what the server keeps.
        stack.start_server(env={"ASAN_OPTIONS": harness.HANDED_ON["ASAN_OPTIONS"] + ":quarantine_size_mb=4"})
        user = stack.user("ada")
        no_stall(t, stack)
        gone(t, stack, user)  # by now all connections of the database are open
        before = open_files(stack.server.pid)
        memory = pathlib.Path(f"/proc/{stack.server.pid}/statm")
        pages = int(memory.read_text().split()[1])
        no_stall(t, stack)
        growth = (int(memory.read_text().split()[1]) - pages) * 4096 >> 20
        t.ok(growth < 50, f"a second time takes no more memory ({growth} MiB)")
        stopped_burst(t, stack)
        gone(t, stack, user)
        scraped(t, stack)
        given_back(t, stack, before)
        t.eq(stack.server.stop(), 0, "stops cleanly")
        for options, check, arguments in (
                (["--max-pending", "512"], silent, []),
                (["--idle-timeout", "2s", "--read-timeout", "2s"], slow, [user]),
                (["--max-connections", "100"], full, []),
                (["--db-pool", "1", "--request-queue", "4", "--request-timeout", "1s"], deadline, [user]),
                (["--body-memory", "4MiB"], bodies, [user]),
                (["--password-threads", "1", "--password-queue", "2"], logins, [])):
            stack.restart_server(options=options)
            check(t, stack, *arguments)
            t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq([line for server in stack.servers for line in server.complaints()], [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
