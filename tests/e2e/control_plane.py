"""A control plane that a test plays by hand: what an agent says and hears, frame by frame.

    with control_plane.ControlPlane() as plane:
        start the agent with plane.url
        link = plane.link()                    # the next connection, welcomed
        answer = link.command("start_session", "s-a", 1, {...})   # waits for its result
        link.wait("observed", lambda p: p["state"] == "running")

Only tests of the agent alone use it; everything else runs against the real streamspaced.
"""

import base64
import hashlib
import itertools
import json
import queue
import socket
import struct
import threading
import time

import stream_link

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
INSTALLATION = "11111111-2222-3333-4444-555555555555"


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


class Link:
    """One WebSocket of an agent. Everything it said stays in `seen`."""

    def __init__(self, sock, query, epoch):
        self.sock = sock
        self.query = query
        self.epoch = epoch
        self.seen = []
        self.close_code = None
        self.closed = threading.Event()
        self.news = threading.Condition()
        self.ids = itertools.count(1)
        self.send_lock = threading.Lock()

    def send_frame(self, opcode, data, fin=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        if len(data) < 126:
            head += bytes([len(data)])
        elif len(data) < 65536:
            head += bytes([126]) + struct.pack(">H", len(data))
        else:
            head += bytes([127]) + struct.pack(">Q", len(data))
        with self.send_lock:
            self.sock.sendall(head + data)

    def send(self, kind, payload):
        frame = {"type": kind, "timestamp": now(), "payload": payload}
        self.send_frame(TEXT, json.dumps(frame).encode())

    def welcome(self, installation=INSTALLATION, heartbeat=30, streams=False):
        limits = {"maxFrameBytes": 1 << 20, **({"streams": True} if streams else {})}
        self.send("welcome", {"epoch": self.epoch, "serverTime": now(),
                              "heartbeatSeconds": heartbeat, "installationId": installation,
                              "limits": limits, "unknownField": 1})

    def read(self):
        """The reading thread: until the socket ends."""
        try:
            while True:
                first, second = read_exactly(self.sock, 2)
                length = second & 0x7F
                if length == 126:
                    length = struct.unpack(">H", read_exactly(self.sock, 2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", read_exactly(self.sock, 8))[0]
                mask = read_exactly(self.sock, 4)
                data = bytes(b ^ mask[i % 4] for i, b in enumerate(read_exactly(self.sock, length)))
                if first & 0x0F == CLOSE:
                    self.close_code = struct.unpack(">H", data[:2])[0] if len(data) > 1 else None
                    break
                if first & 0x0F == PING:
                    self.send_frame(PONG, data)
                if first & 0x0F == TEXT:
                    message = json.loads(data)  # one frame holds one whole message
                    with self.news:
                        self.seen.append((message["type"], message["payload"]))
                        self.news.notify_all()
        except (OSError, ConnectionError):
            pass
        self.closed.set()
        with self.news:
            self.news.notify_all()
        self.sock.close()

    def wait(self, kind, accept=lambda payload: True, timeout=20):
        """The first message of that type that accept() takes, past or to come."""
        end = time.monotonic() + timeout
        with self.news:
            while True:
                for seen, payload in self.seen:
                    if seen == kind and accept(payload):
                        return payload
                left = end - time.monotonic()
                if left <= 0 or self.closed.is_set():
                    raise AssertionError(f"no {kind}; seen: {self.seen[-10:]}")
                self.news.wait(left)

    def post(self, action, object_id, revision, payload=None, command_id=None, **more):
        """Sends a command; its id."""
        command_id = command_id or f"{self.epoch}-{next(self.ids)}"
        kind = "template" if action in ("apply", "remove") else "session"
        self.send("command", {
            "commandId": command_id, "action": action, "objectKind": kind, "objectId": object_id,
            "epoch": self.epoch, "revision": revision, "deadline": None,
            "payload": payload or {}, **more})
        return command_id

    def result(self, command_id, timeout=30):
        """("complete", result) or ("failed", {"error","reason"}) of that command."""
        end = time.monotonic() + timeout
        with self.news:
            while True:
                for seen, payload in self.seen:
                    if seen in ("complete", "failed") and payload["commandId"] == command_id:
                        return seen, payload.get("result", payload)
                left = end - time.monotonic()
                if left <= 0 or self.closed.is_set():
                    raise AssertionError(f"no result of {command_id}; seen: {self.seen[-10:]}")
                self.news.wait(left)

    def command(self, action, object_id, revision, payload=None, timeout=30, **more):
        return self.result(self.post(action, object_id, revision, payload, **more), timeout)

    def count(self, kind):
        return sum(1 for seen, _ in self.seen if seen == kind)

    def drop(self):
        """Ends the connection as a network does: without a word."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.closed.wait(5)


class ControlPlane:
    """Listens on a port of its own; registrations are approved unless told otherwise."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.bootstrap_key = "b" * 64
        self.approval = "approved"
        self.registrations = []  # (key, body)
        self.key_hash = None
        self.refuse = None  # HTTP status line to answer connects with
        self.silent = set()  # of "connect", "stream": handshakes that are not answered at all
        self.unanswered = []  # their queries; the sockets stay open
        self.auto_welcome = True
        self.links = queue.Queue()
        self.streams = False  # whether the welcome offers a stream socket
        self.refuse_stream = None  # HTTP status line to answer stream sockets with
        self.stream_links = queue.Queue()
        self.stream_attempts = []
        self.epoch = 0
        self.running = True

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.listener.close()

    def link(self, timeout=30):
        return self.links.get(timeout=timeout)

    def stream(self, timeout=30):
        return self.stream_links.get(timeout=timeout)

    def accept(self):
        while self.running:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            data = b""
            while b"\r\n\r\n" not in data:
                part = sock.recv(4096)
                if not part:
                    return
                data += part
            head, body = data.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {k.lower(): v.strip() for k, v in (x.split(":", 1) for x in lines[1:])}
            while len(body) < int(headers.get("content-length", 0)):
                body += sock.recv(4096)
            if method == "POST" and target == "/api/v1/agents/register":
                self.register(sock, headers, body)
            elif target.split("?")[0].rpartition("/")[2] in self.silent:
                self.unanswered.append(target.split("?", 1)[1])
                sock.recv(1)  # until the agent has enough
                sock.close()
            elif target.startswith("/api/v1/agents/connect?"):
                self.connect(sock, target, headers)
            elif target.startswith("/api/v1/agents/stream?"):
                self.connect_stream(sock, target, headers)
            else:
                self.answer(sock, "404 Not Found", {"code": "route_not_found"})
        except OSError:
            pass

    @staticmethod
    def answer(sock, status, body):
        text = json.dumps(body).encode()
        sock.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text)
        sock.close()

    def register(self, sock, headers, body):
        key = headers.get("x-agent-api-key")
        body = json.loads(body)
        self.registrations.append((key, body))
        known = self.key_hash and hashlib.sha256(key.encode()).hexdigest() == self.key_hash
        if key != self.bootstrap_key and not known:
            self.answer(sock, "401 Unauthorized", {"code": "unauthorized"})
        elif self.approval == "rejected":
            self.answer(sock, "403 Forbidden", {"code": "agent_rejected"})
        else:
            self.key_hash = body["keyHash"]
            self.answer(sock, "202 Accepted" if self.approval == "pending" else "200 OK",
                        {"agent": {"id": body["agentId"]}, "approval_status": self.approval})

    def connect(self, sock, target, headers):
        key = headers.get("x-agent-api-key", "")
        if self.refuse or hashlib.sha256(key.encode()).hexdigest() != self.key_hash:
            self.answer(sock, self.refuse or "401 Unauthorized", {"code": "unauthorized"})
            return
        self.upgrade(sock, headers)
        self.epoch += 1
        link = Link(sock, target.split("?", 1)[1], self.epoch)
        if self.auto_welcome:
            link.welcome(streams=self.streams)
        threading.Thread(target=link.read, daemon=True).start()
        self.links.put(link)

    @staticmethod
    def upgrade(sock, headers):
        accept = base64.b64encode(hashlib.sha1(
            headers["sec-websocket-key"].encode() + GUID).digest()).decode()
        sock.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())

    def connect_stream(self, sock, target, headers):
        key = headers.get("x-agent-api-key", "")
        self.stream_attempts.append(target.split("?", 1)[1])
        if self.refuse_stream or hashlib.sha256(key.encode()).hexdigest() != self.key_hash:
            self.answer(sock, self.refuse_stream or "401 Unauthorized", {"code": "unauthorized"})
            return
        self.upgrade(sock, headers)
        link = stream_link.StreamLink(sock, target.split("?", 1)[1])
        threading.Thread(target=link.read, daemon=True).start()
        self.stream_links.put(link)
