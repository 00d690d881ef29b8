"""A WebSocket client (RFC 6455) on a plain socket, for tests that must see and send exact frames.

    link = ws.connect(port, "/api/v1/agents/connect?agent_id=a", {"X-Agent-API-Key": key})
    opcode, data = link.recv(timeout=5)         # one frame; control frames too
    link.send_text(json.dumps(message))
    link.send_frame(ws.TEXT, b"{", fin=False)   # anything the protocol allows, or does not

connect() raises Refused with the HTTP answer when the server does not switch protocols. Unless
auto_pong is off a ping is answered when it is read; it is handed to the caller all the same.
"""

import base64
import hashlib
import json
import os
import select
import socket
import struct
import time

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """The server answered the handshake with something else than 101."""

    def __init__(self, status, headers, body):
        super().__init__(f"{status} {body[:500]!r}")
        self.status = status
        self.headers = headers
        self.body = body
        try:
            self.json = json.loads(body)
        except ValueError:
            self.json = None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None


class Closed(Exception):
    """The connection ended; code is the one of the close frame, or None when there was none."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed: {code} {reason}")
        self.code = code
        self.reason = reason


def read_head(sock, limit=65536):
    """The response head and whatever came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(4096)
        if not part:
            raise Closed(None, f"before the end of the response head: {data[:200]!r}")
        data += part
        if len(data) > limit:
            raise Closed(None, "response head too long")
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(lines[0].split()[1]), headers, rest


def connect(port, path, headers=None, host="127.0.0.1", timeout=10, auto_pong=True, receive_buffer=0, name=None):
    """name: what the header Host says instead of the address."""
    sock = socket.socket()
    try:
        if receive_buffer:  # before the connection: a window that shrinks afterwards confuses TCP
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(timeout)
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {path} HTTP/1.1", f"Host: {name or f'{host}:{port}'}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key.decode()}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status, answer, rest = read_head(sock)
        if status != 101:
            length = int(answer.get("content-length", 1 << 20))
            try:
                while len(rest) < length:
                    part = sock.recv(65536)
                    if not part:
                        break
                    rest += part
            except (socket.timeout, ConnectionError):
                pass
            raise Refused(status, answer, rest)
        want = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        if answer.get("sec-websocket-accept") != want:
            raise Closed(None, "wrong Sec-WebSocket-Accept")
    except BaseException:
        sock.close()
        raise
    return Client(sock, rest, auto_pong)


class Client:
    def __init__(self, sock, rest=b"", auto_pong=True):
        self.sock = sock
        self.buffer = bytearray(rest)
        self.auto_pong = auto_pong
        self.last_ping = time.monotonic()
        self.pings = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.abort()

    def send_frame(self, opcode, data=b"", fin=True, mask=True):
        head = bytearray([(0x80 if fin else 0) | opcode])
        bit = 0x80 if mask else 0
        if len(data) < 126:
            head.append(bit | len(data))
        elif len(data) < 65536:
            head += struct.pack(">BH", bit | 126, len(data))
        else:
            head += struct.pack(">BQ", bit | 127, len(data))
        if mask:
            key = os.urandom(4)
            head += key
            whole = int.from_bytes((key * (len(data) // 4 + 1))[:len(data)], "big")
            data = (int.from_bytes(data, "big") ^ whole).to_bytes(len(data), "big")
        self.sock.sendall(bytes(head) + data)

    def send_text(self, text):
        self.send_frame(TEXT, text.encode())

    def send_json(self, value):
        self.send_text(json.dumps(value))

    def _need(self, size, end):
        while len(self.buffer) < size:
            left = max(0.0, end - time.monotonic())
            if not select.select([self.sock], [], [], left)[0]:
                raise TimeoutError("no frame")
            part = self.sock.recv(65536)
            if not part:
                raise Closed()
            self.buffer += part

    def recv(self, timeout=10):
        """One frame as (opcode, data). TimeoutError without one; nothing of it is lost then."""
        end = time.monotonic() + timeout
        try:
            self._need(2, end)
            size, at = self.buffer[1] & 0x7F, 2
            if size == 126:
                self._need(4, end)
                size, at = struct.unpack(">H", self.buffer[2:4])[0], 4
            elif size == 127:
                self._need(10, end)
                size, at = struct.unpack(">Q", self.buffer[2:10])[0], 10
            self._need(at + size, end)
        except ConnectionError as error:
            raise Closed(None, str(error)) from None
        opcode, data = self.buffer[0] & 0x0F, bytes(self.buffer[at:at + size])
        self.fin = bool(self.buffer[0] & 0x80)
        del self.buffer[:at + size]
        if opcode == PING:
            self.last_ping = time.monotonic()
            self.pings += 1
            if self.auto_pong:
                self.send_frame(PONG, data)
        if opcode == CLOSE:
            code = struct.unpack(">H", data[:2])[0] if len(data) >= 2 else None
            raise Closed(code, data[2:].decode(errors="replace"))
        return opcode, data

    def recv_json(self, timeout=10, kind=None):
        """The next text frame as JSON (of this type, when one is given; others are passed over)."""
        end = time.monotonic() + timeout
        while True:
            opcode, data = self.recv(max(0.0, end - time.monotonic()))
            if opcode == TEXT:
                message = json.loads(data)
                if kind is None or message.get("type") == kind:
                    return message

    def close(self, code=1000, reason="", timeout=5):
        """The closing handshake."""
        try:
            self.send_frame(CLOSE, struct.pack(">H", code) + reason.encode())
            while True:
                self.recv(timeout)
        except (Closed, TimeoutError, OSError):
            pass
        finally:
            self.abort()

    def abort(self):
        self.sock.close()
