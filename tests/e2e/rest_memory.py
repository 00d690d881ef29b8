#!/usr/bin/python3
"""What the server is made of, as it is installed (no sanitizer): its memory with 1,000 connections that have been used and
are idle stays below 64 MiB."""

import os
import re
import resource
import socket

import harness

CONNECTIONS = 1000
BOUND_KIB = 64 * 1024

if "STREAMSPACE_BUILD" not in os.environ:
    harness.BUILD = harness.ROOT / "build"


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmRSS:\s+(\d+) kB", file.read(), re.M).group(1))


def answered(link):
    """Reads one whole answer; its status."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < int(re.search(rb"(?i)content-length: (\d+)", got).group(1)):
        got += link.recv(65536)
    return int(got.split()[1])


def main(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with harness.Stack(server=False) as stack:
        server = stack.start_server(options=("--idle-timeout", "3600", "--rate-limit-actor", "0"))
        stack.template("terminal")
        user = stack.user("ada")
        request = (f"GET /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n\r\n").encode()
        before = resident_kib(server.pid)
        links = [socket.create_connection(("127.0.0.1", stack.port), timeout=harness.PATIENCE) for _ in range(CONNECTIONS)]
        for link in links:  # all at once: as much as they ever ask for together
            link.sendall(request)
        t.eq({answered(link) for link in links}, {200}, f"{CONNECTIONS} connections are answered")
        metric = harness.Rest(stack.internal_port).get("/metrics").text
        held = int(re.search(r"^streamspace_http_connections (\d+)$", metric, re.M).group(1))
        t.ok(held >= CONNECTIONS, f"and stay open ({held})")
        after = resident_kib(server.pid)
        t.ok(after < BOUND_KIB, f"with them the server takes {after} KiB (before them {before} KiB), less than {BOUND_KIB}")
        for link in links:
            link.close()
        t.eq(server.stop(), 0, "the server ends")


if __name__ == "__main__":
    harness.main(main)
