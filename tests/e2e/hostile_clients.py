#!/usr/bin/python3
"""Clients that misbehave: 10,000 requests cut off at every stage, every route without a right to it, noise.

The tables of routes and rights come from `streamspaced routes`, so a new route is tested by being there. The server
runs under ASan and UBSan; afterwards it serves as before and holds no more file descriptors than before.
"""
import json
import os
import random
import re
import socket
import struct
import subprocess
import threading

import harness
import ws

ABORTS = int(os.environ.get("STREAMSPACE_ABORTS", "10000"))
THREADS = 8
HASH = "0" * 64
NOBODY = "s-" + "a" * 26


def routes():
    text = subprocess.run([harness.BUILD / "streamspaced", "routes"], text=True, capture_output=True, check=True).stdout
    return [route for route in json.loads(text) if route["public"]]


def path_of(route):
    return re.sub(r"\{\w+\}", "nowhere", route["path"].replace("{id}", NOBODY))


def body_of(route):
    """A body of the right shape: shape is judged before the database is asked whose token it is."""
    values = {"string": "some", "integer": 1, "boolean": True, "object": {}, "array": ["some"]}
    return {field["name"]: HASH if field["name"] == "key_hash" else values[field["type"]] for field in route["body"] if field["required"]}


def raw_requests(user):
    """Whole requests, as bytes, to be cut anywhere."""
    def make(method, path, body=None, token=user.token):
        data = json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        return (head + "\r\n").encode() + data

    return [
        make("GET", "/api/v1/me"),
        make("GET", "/api/v1/sessions?limit=50"),
        make("POST", "/api/v1/sessions", {"template": "nowhere", "owner": user.name}),
        make("POST", "/api/v1/sessions?dry_run=true", {"template": "terminal"}),
        make("POST", "/api/v1/login", {"user": user.name, "password": "wrong"}, ""),
        make("PUT", "/api/v1/templates/terminal", {"displayName": "x" * 20000}),
        make("DELETE", f"/api/v1/sessions/{NOBODY}"),
        b"GET /api/v1/agents/connect?agent_id=none HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Agent-API-Key: " + b"0" * 64 + b"\r\n\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    ]


def abort_some(port, requests, count, seed):
    """Send a part of a request, then close: orderly, by reset, or after half of the answer."""
    rng = random.Random(seed)
    done = 0
    while done < count:
        data = rng.choice(requests)
        cut = rng.randint(0, len(data)) if rng.random() < 0.6 else len(data)
        try:
            with socket.create_connection(("127.0.0.1", port), 10) as link:
                link.sendall(data[:cut])
                how = rng.random()
                if how < 0.5:  # RST instead of FIN
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif how < 0.6 and cut == len(data):
                    link.settimeout(5)
                    link.recv(10)
        except OSError:
            pass
        done += 1
    return done


def aborted(t, stack, user):
    requests = raw_requests(user)
    descriptors = lambda: len(os.listdir(f"/proc/{stack.server.pid}/fd"))  # noqa: E731
    before = descriptors()
    work = [harness.Background(abort_some, stack.port, requests, ABORTS // THREADS, seed) for seed in range(THREADS)]
    done = sum(one.result(timeout=280) for one in work)
    t.eq(done, ABORTS // THREADS * THREADS, f"{done} requests were aborted")
    t.ok(stack.server.running(), "the server is up")
    # What is left of the aborted requests is still worked on; until then it may say 503.
    harness.wait_for("it to serve", lambda: user.get("/api/v1/me").status == 200, timeout=60)
    t.ok(True, "and serves")
    harness.wait_for("the descriptors of the aborted connections to be closed", lambda: descriptors() <= before + 8,
                     timeout=60)
    t.ok(True, f"no descriptor leaked ({before} before, {descriptors()} after)")
    t.eq(user.must("GET", "/api/v1/sessions")["items"], [], "nothing was created")


def without_rights(t, stack, user):
    """Every route: without a token, with a wrong one, with a malformed one; as an ordinary user where only an
    administrator may."""
    table = routes()
    t.ok(len(table) >= 20, f"{len(table)} public routes")
    for route in table:
        method, path = route["method"], path_of(route)
        body = None if method in ("GET", "DELETE") else body_of(route)
        name = f"{method} {route['path']}"
        bearer = route["auth"] == "bearer"
        if bearer:
            for what, token in (("without a token", None), ("with a wrong token", "0" * 64), ("with no hex", "x y" * 30)):
                answer = harness.Rest(stack.port, token).call(method, path, body)
                t.eq((answer.status, answer.code), (401, "unauthorized"), f"{name} {what}: 401 unauthorized")
        elif route["auth"] == "agent_key" and not route["websocket"]:
            answer = harness.Rest(stack.port).call(method, path, {"agentId": "some-agent", "platform": "process"})
            t.eq((answer.status, answer.code), (401, "unauthorized"), f"{name} without a key: 401 unauthorized")
        elif route["websocket"]:
            refusal = (403, "ticket_invalid") if route["auth"] == "none" else (401, "unauthorized")
            try:
                ws.connect(stack.port, path + "?agent_id=some-agent")
                t.fail(f"{name} without a key is refused")
            except ws.Refused as refused:
                t.eq((refused.status, refused.code), refusal, f"{name} without a key or ticket: {refusal[0]} {refusal[1]}")
        else:
            answer = harness.Rest(stack.port).call(method, path, body)
            t.ok(answer.status < 500, f"{name} needs none ({answer.status})")
    for method, path, body in (
            ("POST", "/api/v1/users", {"name": "eve", "role": "platform_admin"}),
            ("PUT", "/api/v1/templates/terminal", {"displayName": "mine", "platforms": ["process"], "command": ["true"]}),
            ("POST", f"/api/v1/users/{stack.ADMIN}:reset-password", {}),
            ("POST", "/api/v1/agents/some-agent:approve", {}),
            ("POST", "/api/v1/agents/some-agent:reject", {})):
        answer = user.call(method, path, body)
        t.ok(answer.status in (403, 404), f"an ordinary user: {method} {path}: {answer.status} {answer.code}")
    answer = user.post("/api/v1/sessions", {"template": "terminal", "owner": stack.ADMIN})
    t.eq(answer.status, 403, f"an ordinary user creates no session for another one ({answer.code})")
    t.eq(user.must("GET", "/api/v1/me")["role"], "user", "and is an ordinary user still")


def noise(t, stack):
    """Bytes that are no HTTP, and too many silent connections."""
    rng = random.Random(7)
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", stack.port), 5) as link:
                link.sendall(rng.randbytes(rng.randint(1, 3000)))
        except OSError:
            pass
    silent = []
    try:
        for _ in range(300):
            silent.append(socket.create_connection(("127.0.0.1", stack.port), 5))
        t.eq(harness.Rest(stack.port).get("/livez").status, 200, "300 silent connections do not keep others out")
    finally:
        for link in silent:
            link.close()
    t.ok(stack.server.running(), "noise leaves the server up")


def main(t):
    with harness.Stack() as stack:
        stack.template()
        user = stack.user("ada")
        without_rights(t, stack, user)
        noise(t, stack)
        aborted(t, stack, user)
        t.ok(threading.active_count() < 20, "the test's own threads ended")
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq(stack.server.complaints(), [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
