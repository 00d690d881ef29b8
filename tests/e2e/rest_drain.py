#!/usr/bin/python3
"""SIGTERM with requests in flight: each of them gets a whole answer, and what was committed is
exactly what was answered with success."""

import json
import re
import select
import signal
import socket
import subprocess

import harness

IN_FLIGHT = 200


class Lock:
    """Holds a table against everybody, so that calls of the database wait."""

    def __init__(self, db, table="streamspace_data.session"):
        self.psql = subprocess.Popen(["psql", "-XqAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     env=db.environment(), text=True)
        self.psql.stdin.write(f"BEGIN; LOCK TABLE {table}; SELECT 'locked';\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline().strip() == "locked"

    def release(self):
        self.psql.communicate("ROLLBACK;\n")


def send(port, token, method, path, body=None):
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    data = json.dumps(body).encode() if body is not None else b""
    link.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                 f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
    return link


def receive(link):
    """(status, code) of a whole answer, else what was wrong with it."""
    got = b""
    try:
        while chunk := link.recv(65536):
            got += chunk
            head, found, body = got.partition(b"\r\n\r\n")
            if found:
                length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
                if len(body) >= length:
                    break
    except OSError as error:
        return (repr(error), None)
    finally:
        link.close()
    head, found, body = got.partition(b"\r\n\r\n")
    if not found or len(body) != length:
        return (f"incomplete: {got[:100]!r}", None)
    return int(head.split()[1]), json.loads(body).get("code")


def readable(links):
    return select.select(links, [], [], 0)[0]


def counted(answers):
    found = {}
    for answer in answers:
        found[answer] = found.get(answer, 0) + 1
    return found


def sessions(db):
    return int(db.query("SELECT count(*) FROM streamspace_data.session;", user=None))


def waits_in_database(db, number):
    sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'api';"
    return int(db.query(sql, user=None)) >= number


def two_hundred(t, stack, user):
    before = sessions(stack.db)
    lock = Lock(stack.db)
    links = [send(stack.port, user.token, "POST", "/api/v1/sessions", {"template": "terminal"})
             for _ in range(IN_FLIGHT)]
    metric = "streamspace_http_requests_suspended"
    inside = harness.Rest(stack.internal_port)
    harness.wait_for("all to be suspended", lambda: f"{metric} {IN_FLIGHT}\n" in inside.get("/metrics").text)
    harness.wait_for("a call to wait", lambda: waits_in_database(stack.db, 1))
    queued = int(re.search(r"^streamspace_request_queue_length (\d+)$", inside.get("/metrics").text, re.M).group(1))
    stack.server.signal(signal.SIGTERM)
    harness.wait_for("the port to close", lambda: refuses(stack.port))
    harness.wait_for("those that had not begun to be answered", lambda: len(readable(links)) == queued)
    t.ok(stack.server.running(), "the server waits for what the database is doing")
    lock.release()
    answers = [receive(link) for link in links]
    found = counted(answers)
    t.eq(sorted(found, key=str), sorted([(201, None), (503, "shutting_down")], key=str), "201 or 503, and whole")
    t.eq(sum(found.values()), IN_FLIGHT, f"{IN_FLIGHT} answers")
    t.eq(found.get((201, None)), IN_FLIGHT - queued, "those that the database had begun were finished")
    t.eq(stack.server.wait(), 0, "exit status 0")
    t.eq(sessions(stack.db) - before, found.get((201, None)), "as many sessions as 201")
    t.eq(stack.server.complaints(), [], "no sanitizer complains")


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except ConnectionRefusedError:
        return True
    return False


def half_a_request(t, stack, user):
    """One that is still being sent when the signal comes, and an idle kept-alive connection."""
    idle = send(stack.port, user.token, "GET", "/api/v1/me")
    harness.wait_for("the first answer", lambda: b"\r\n\r\n{" in idle.recv(65536, socket.MSG_PEEK))
    half = socket.create_connection(("127.0.0.1", stack.port), timeout=30)
    body = b'{"template":"terminal"}'
    half.sendall(f"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
                 f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:5])
    inside = harness.Rest(stack.internal_port)
    harness.wait_for("half a request",
                     lambda: "streamspace_http_body_bytes 2048\n" in inside.get("/metrics").text)
    stack.server.signal(signal.SIGTERM)
    harness.wait_for("the port to close", lambda: refuses(stack.port))
    half.sendall(body[5:])
    t.eq(receive(half), (503, "shutting_down"), "half a request is answered when it is whole")
    t.eq(stack.server.wait(), 0, "exit status 0")
    t.eq(receive(idle), (200, None), "the idle connection had its answer")


def hanging_database(t, stack, user):
    lock = Lock(stack.db)
    links = [send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5") for _ in range(20)]
    harness.wait_for("8 calls to wait", lambda: waits_in_database(stack.db, 8))
    stack.server.signal(signal.SIGTERM)
    found = counted(receive(link) for link in links)
    t.eq(found, {(503, "shutting_down"): 12, (504, "deadline_exceeded"): 8},
         "after drain_timeout the running ones are answered too")
    lock.release()
    t.eq(stack.server.wait(), 0, "exit status 0 when the database answers at last")


def ready_no_more(t, stack):
    port = stack.port
    stack.server.signal(signal.SIGTERM)

    def leaving():
        answer = harness.Rest(port).get("/readyz")
        return answer if answer.status == 503 else None

    answer = harness.wait_for("/readyz to say 503", leaving)
    t.eq(answer.json["draining"], True, "/readyz says that the server is leaving")
    t.eq(harness.Rest(port).get("/livez").status, 200, "/livez says that it lives")
    t.eq(harness.Rest(port).get("/api/v1/me").status, 401, "and requests are served during drain_delay")
    t.eq(stack.server.wait(), 0, "then it stops")


def twice(t, stack, user):
    lock = Lock(stack.db)
    link = send(stack.port, user.token, "GET", "/api/v1/sessions?limit=5")
    harness.wait_for("a call to wait", lambda: waits_in_database(stack.db, 1))
    stack.server.signal(signal.SIGTERM)
    harness.wait_for("the port to close", lambda: refuses(stack.port))
    stack.server.signal(signal.SIGTERM)
    t.eq(stack.server.wait(5), 143, "a second signal ends it at once")
    link.close()
    lock.release()


def main(t):
    with harness.Stack() as stack:
        user = stack.user("ada", max_sessions=IN_FLIGHT)
        stack.template("terminal")
        two_hundred(t, stack, user)
        stack.restart_server()
        half_a_request(t, stack, user)
        stack.restart_server(options=["--drain-timeout", "1s"])
        hanging_database(t, stack, user)
        stack.restart_server(options=["--drain-delay", "3s"])
        ready_no_more(t, stack)
        stack.restart_server()
        twice(t, stack, user)
        stack.restart_server()
        t.eq(stack.server.stop(), 0, "SIGTERM without requests")
        stack.restart_server()
        stack.server.signal(signal.SIGINT)
        t.eq(stack.server.wait(), 0, "SIGINT")
        t.eq([line for server in stack.servers for line in server.complaints()], [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
