#!/usr/bin/python3
"""The page's nginx: what it serves and with which headers, and what it hands on to the server and how. The server is this
test itself, which sees every byte."""

import gzip
import http.client
import os
import re
import socket
import threading

import engine as images
from engine import wait_for

POLICY = "default-src 'self'; img-src 'self' data:"


class Upstream:
    """Takes one connection after the other, keeps the head of each request and answers by the function `reply`."""

    def __init__(self, address):
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://{address}:{self.port}"
        self.heads = []
        self.reply = lambda link, head: link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            link, _ = self.listener.accept()
            threading.Thread(target=self.one, args=(link,), daemon=True).start()

    def one(self, link):
        link.settimeout(images.PATIENCE)
        with link:
            data = b""
            while b"\r\n\r\n" not in data:
                part = link.recv(65536)
                if not part:
                    return
                data += part
            head = data.split(b"\r\n\r\n")[0].decode()
            self.heads.append(head)
            self.reply(link, head)


def ask(address, path, method="GET", headers=(), body=None):
    link = http.client.HTTPConnection(address, 8080, timeout=30)
    try:
        link.putrequest(method, path, skip_accept_encoding=True, skip_host=any(name == "Host" for name, _ in headers))
        for name, value in headers:
            link.putheader(name, value)
        if body is not None:
            link.putheader("Content-Length", str(len(body)))
        link.endheaders(body)
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        link.close()


def field(head, name):
    return re.findall(rf"(?im)^{name}: (.*?)\r?$", head)


def page(t, ui):
    _, headers, index = ask(ui, "/")
    asset = re.search(rb'(?:src|href)="(/assets/[^"]+\.js)"', index).group(1).decode()
    for path, cached in (("/", "no-cache"), ("/sessions", "no-cache"), (asset, "public, max-age=31536000, immutable")):
        status, headers, body = ask(ui, path)
        got = {n: headers.get_all(n) for n in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                                               "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control")}
        t.eq((status, got), (200, {"Content-Security-Policy": [POLICY], "X-Content-Type-Options": ["nosniff"], "X-Frame-Options": ["DENY"],
                                   "Referrer-Policy": ["same-origin"], "Cross-Origin-Opener-Policy": ["same-origin"],
                                   "Cross-Origin-Resource-Policy": ["same-origin"], "Cache-Control": [cached]}), f"{path}: the headers that streamspaced sends")
        t.eq(ask(ui, path, headers=[("If-None-Match", headers["ETag"])])[0], 304, f"{path}: 304 for who has it")
        status, packed, small = ask(ui, path, headers=[("Accept-Encoding", "gzip")])
        t.eq((packed["Content-Encoding"], packed["Vary"], gzip.decompress(small) == body), ("gzip", "Accept-Encoding", True), f"{path}: compressed for who takes it")
    t.eq(ask(ui, asset)[1]["Content-Type"], "text/javascript; charset=utf-8", "modules have the type that browsers ask for")
    t.eq(ask(ui, "/")[1]["Server"], "nginx", "it says no version")
    for path in ("/login?next=/homes", "/a%20b", "/apiary", "/sessions/s-1/view"):
        t.eq((ask(ui, path)[0], ask(ui, path)[2]), (200, index), f"{path}: the page")
    for path in ("/favicon.ico", "/x/y.js", "/assets/", "/assets/none.js", asset + ".gz", "/index.html.gz", "/metrics", "/livez/x", "/readyz", "/API/v1/me",
                 "/x//y", "/../etc/passwd", "/%2e%2e/nginx.conf", "/.npmrc", "/nginx.conf"):
        status, headers, body = ask(ui, path)
        t.ok(status in (400, 404) and b"root:" not in body and b"worker" not in body, f"{path}: not there") or t.diag(f"{status} {body[:200]}")
    t.eq((ask(ui, "/nothing.js")[1]["Content-Type"], ask(ui, "/nothing.js")[1]["Cache-Control"]), ("application/problem+json", "no-store"), "what is not there is a problem that nobody keeps")
    t.ok(ask(ui, "/sessions", "POST", body=b"x")[0] in (403, 404, 405), "the page takes no POST")


def api(t, ui, upstream):
    status, headers, body = ask(ui, "/api/v1/me?x=%2F", headers=[("Host", "desk.example:444"), ("X-Forwarded-For", "198.51.100.7"), ("Authorization", "Bearer t")])
    head = upstream.heads[-1]
    t.eq((status, body), (200, b"ok"), "/api is handed on")
    t.ok(head.startswith("GET /api/v1/me?x=%2F HTTP/1.1"), "byte for byte") or t.diag(head)
    t.eq((field(head, "Host"), field(head, "Authorization"), field(head, "Connection")), (["desk.example:444"], ["Bearer t"], ["close"]), "with the browser's Host, and on a connection that is not kept")
    t.like(field(head, "X-Forwarded-For")[0], r"^198\.51\.100\.7, \d+\.\d+\.\d+\.\d+$", "X-Forwarded-For gets the peer's address added")
    t.eq([n for n in headers if n.lower() in ("content-security-policy", "cache-control", "x-ui-proxy")], [], "its headers are the server's alone")
    data = os.urandom(200000)
    ask(ui, "/api/v1/x", "POST", body=data)
    t.eq(field(upstream.heads[-1], "Content-Length"), ["200000"], "a body is handed on")
    status, headers, _ = ask(ui, "/api/v1/x", "POST", body=bytes(17 << 20))
    t.eq((status, headers["Content-Type"]), (413, "application/problem+json"), "one of 17 MiB is not")


def streams(t, ui, upstream):
    """Each side sends only after it has got what the other one sent: a buffer anywhere would stop both."""
    def events(link, _head):
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n")
        upstream.seen.wait(images.PATIENCE)
        link.sendall(b"data: 2\n\n")

    def socket_echo(link, _head):
        link.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while data := link.recv(65536):
            link.sendall(data)

    before = upstream.reply
    upstream.seen, upstream.reply = threading.Event(), events
    with socket.create_connection((ui, 8080), images.PATIENCE) as link:
        link.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
        got = b""
        while b"data: 1" not in got:
            got += link.recv(65536)
        upstream.seen.set()
        while b"data: 2" not in got:
            got += link.recv(65536)
    t.ok(b"gzip" not in got.lower(), "events arrive one by one as they are sent")
    upstream.reply = socket_echo
    for path in ("/api/v1/vnc/s-1", "/api/v1/agents/stream", "/api/v1/events"):
        with socket.create_connection((ui, 8080), images.PATIENCE) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n".encode())
            got = b""
            while b"\r\n\r\n" not in got:
                got += link.recv(65536)
            back = b""
            for part in (b"a", b"b" * 100000):
                link.sendall(part)
                back = b""
                while len(back) < len(part):
                    back += link.recv(65536)
        head = upstream.heads[-1]
        t.ok(got.startswith(b"HTTP/1.1 101") and back == b"b" * 100000, f"{path}: a WebSocket carries bytes both ways")
        t.eq((field(head, "Upgrade"), field(head, "Connection")), (["websocket"], ["upgrade"]), f"{path}: the server is asked for it")
    upstream.reply = before


def moves(t, engine, gateway):
    """A name that leads elsewhere is followed; where nobody answers, that is said."""
    first, second = Upstream(gateway), Upstream(gateway)
    old = engine.start("ui", "-e", f"STREAMSPACE_API_URL={first.url}", alias="api.test")
    front = engine.start("ui", "-e", "STREAMSPACE_API_URL=http://api.test:8080", alias="front")
    front.wait_up(lambda: ask(front.address, "/api/x")[0] == 200)
    seen = len(first.heads)
    t.ok(seen >= 1, "the name leads to the first address")
    was = old.address
    old.remove()
    status, headers, body = ask(front.address, "/api/x")
    t.ok(status == 503 and b'"unavailable"' in body and headers["Retry-After"] == "2", "without a server: 503, a problem that says when to come again")
    somebody = engine.start("ui", "-e", f"STREAMSPACE_API_URL={first.url}", alias="somebody")
    t.eq(somebody.address, was, "somebody else gets the address of before")
    new = engine.start("ui", "-e", f"STREAMSPACE_API_URL={second.url}", "--network-alias", "api.test", alias="moved")
    wait_for("the new address", lambda: ask(front.address, "/api/x") and second.heads)
    t.ok(new.address != was, "the name's new server is found without a restart")


def refusals(t, engine):
    for url in ("", "https://x:1", "http://x", "http://x:1/path", "http://x:1;return", "http://a b:1"):
        one = engine.start("ui", "-e", f"STREAMSPACE_API_URL={url}", alias="wrong")
        t.eq(one.wait(), 2, f"STREAMSPACE_API_URL={url or '(empty)'} is refused at start")


def body(t, engine):
    gateway = images.docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", engine.network).strip()
    upstream = Upstream(gateway)
    one = engine.start("ui", "-e", f"STREAMSPACE_API_URL={upstream.url}")
    one.wait_up(lambda: ask(one.address, "/")[0] == 200)
    page(t, one.address)
    api(t, one.address, upstream)
    streams(t, one.address, upstream)
    moves(t, engine, gateway)
    refusals(t, engine)
    t.eq(one.stop(), 0, "it ends by itself")


if __name__ == "__main__":
    images.main(["ui"], body)
