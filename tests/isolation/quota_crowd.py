#!/usr/bin/python3
"""1,000 creates in flight at once against a limit of 10: on 1,000 connections, of 50 users of one hot organisation. Each request is
sent but for its last byte; then all last bytes go. Exactly 10 pass, 990 hear quota_exceeded, and the counters equal the rows.
"""

import collections
import json
import os
import pathlib
import re
import resource
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from quota_race import Served, token  # noqa: E402

CROWD = 1000
LIMIT = 10
USERS = 50


def answered(link):
    """(status, body) of one whole answer."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < int(re.search(rb"(?i)content-length: (\d+)", got).group(1)):
        part = link.recv(65536)
        if not part:
            return 0, {"code": "closed"}
        got += part
    return int(got.split()[1]), json.loads(got.partition(b"\r\n\r\n")[2])


def main(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with Served(server=False) as stack, race.Psql() as root:
        server = stack.start_server(options=("--rate-limit-actor", "0", "--request-timeout", "120", "--idle-timeout", "300"))
        root.ask("SELECT t.make_agent('agent-1', 'process', 3);")  # too small for all: some wait as pending, and count
        root.ask("SELECT t.must('dba', $$SELECT streamspace.put_quota(p_scope => 'org', p_org => 'red', p_limits => '{\"sessions\": %d}')$$);" % LIMIT)
        root.ask(f"SELECT count(t.make_user('crowd-' || n, 'red', 'user', 100)) FROM generate_series(1, {USERS}) AS n;")
        body = b'{"template": "term"}'
        tokens = [token(f"crowd-{n + 1}") for n in range(USERS)]
        links = []
        for at in range(CROWD):
            link = socket.create_connection(("127.0.0.1", stack.port), timeout=harness.PATIENCE)
            link.sendall(f"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens[at % USERS]}\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
            links.append(link)
        for link in links:
            link.sendall(body[-1:])
        outcomes = [answered(link) for link in links]
        for link in links:
            link.close()
        seen = collections.Counter((status, answer.get("code", "ok")) for status, answer in outcomes)
        t.eq(dict(seen), {(201, "ok"): LIMIT, (409, "quota_exceeded"): CROWD - LIMIT}, f"of {CROWD} in flight exactly {LIMIT} passed")
        t.eq(len({answer["id"] for status, answer in outcomes if status == 201}), LIMIT, f"{LIMIT} different sessions")
        t.eq(world.miscounts(root), "", "usage equals count(*)")
        t.eq(server.stop(), 0, "the server ends well")


if __name__ == "__main__":
    harness.main(main)
