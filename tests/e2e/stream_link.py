"""The control plane's end of an agent's stream socket, played by hand: any frame, right or wrong.

    link = plane.stream()                    # the next stream socket (control_plane.py)
    number = link.open("s-a")                # OPEN; waits for OPENED
    with rfb.Rfb(link.socket(number)).handshake() as screen: ...
    link.frame(DATA, 7, b"x")                # whatever a test wants to say
"""

import json
import struct
import threading
import time

OPEN, OPENED, DATA, CREDIT, CLOSE, ERROR = range(1, 7)
PAYLOAD_MAX = 16384
BINARY, WS_CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA


def read_exactly(sock, count):
    data = bytearray()
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return bytes(data)


class Stream:
    """What came for one stream."""

    def __init__(self):
        self.data = bytearray()
        self.credit = 0  # that the agent gave
        self.opened = False
        self.end = None  # (CLOSE, reason) or (ERROR, {"code","message"})


class StreamLink:
    def __init__(self, sock, query):
        self.sock = sock
        self.query = query
        self.streams = {}
        self.next_id = 1
        self.news = threading.Condition()
        self.closed = threading.Event()
        self.close_code = None
        self.close_reason = ""
        self.broken = []  # frames of the agent that break the protocol
        self.bytes = 0
        self.paused = threading.Event()  # set: nothing is read from the socket
        self.send_lock = threading.Lock()

    # --- to the agent

    def message(self, opcode, data, fin=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        if len(data) < 126:
            head += bytes([len(data)])
        elif len(data) < 65536:
            head += struct.pack(">BH", 126, len(data))
        else:
            head += struct.pack(">BQ", 127, len(data))
        with self.send_lock:
            self.sock.sendall(head + data)

    def frame(self, kind, stream, payload=b""):
        self.message(BINARY, struct.pack(">BI", kind, stream) + payload)

    def begin(self, session, credit=1 << 18):
        """OPEN, without waiting for the answer."""
        number = self.next_id
        self.next_id += 1
        with self.news:
            self.streams[number] = Stream()
        self.frame(OPEN, number, json.dumps({"session": session, "credit": credit}).encode())
        return number

    def open(self, session, credit=1 << 18):
        number = self.begin(session, credit)
        self.wait("OPENED", lambda: self.streams[number].opened or self.streams[number].end)
        if not self.streams[number].opened:
            raise AssertionError(f"not opened: {self.streams[number].end}")
        return number

    def credit(self, number, count):
        self.frame(CREDIT, number, struct.pack(">I", count))

    def send(self, number, data, timeout=30):
        """DATA, as far as the agent's credit goes; waits for more of it."""
        stream = self.streams[number]
        at = 0
        while at < len(data):
            self.wait("credit", lambda: stream.credit > 0 or stream.end, timeout)
            if stream.end:
                raise ConnectionError(str(stream.end))
            with self.news:
                part = min(stream.credit, PAYLOAD_MAX, len(data) - at)
                stream.credit -= part
            self.frame(DATA, number, data[at:at + part])
            at += part

    def close(self, number, reason="closed"):
        self.frame(CLOSE, number, reason.encode())

    # --- from the agent

    def read(self):
        """The reading thread: until the socket ends."""
        try:
            while True:
                while self.paused.is_set():
                    time.sleep(0.01)
                first, second = read_exactly(self.sock, 2)
                length = second & 0x7F
                if length == 126:
                    length = struct.unpack(">H", read_exactly(self.sock, 2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", read_exactly(self.sock, 8))[0]
                mask = read_exactly(self.sock, 4)
                data = read_exactly(self.sock, length)
                key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
                data = (int.from_bytes(data, "big") ^ key).to_bytes(length, "big") if length else b""
                if first & 0x0F == WS_CLOSE:
                    self.close_code = struct.unpack(">H", data[:2])[0] if len(data) > 1 else None
                    self.close_reason = data[2:].decode(errors="replace")
                    break
                if first & 0x0F == PING:
                    self.message(PONG, data)
                if first & 0x0F == BINARY:
                    with self.news:
                        self.take(data)
                        self.news.notify_all()
        except (OSError, ConnectionError):
            pass
        self.closed.set()
        with self.news:
            self.news.notify_all()
        self.sock.close()

    def take(self, data):
        if len(data) < 5 or len(data) > 5 + PAYLOAD_MAX:
            self.broken.append(data[:64])
            return
        kind, number = struct.unpack(">BI", data[:5])
        payload = data[5:]
        stream = self.streams.get(number)
        if stream is None or stream.end:
            self.broken.append(data[:64])
        elif kind == OPENED:
            stream.opened = True
            stream.credit = struct.unpack(">I", payload)[0]
        elif kind == DATA:
            stream.data += payload
            self.bytes += len(payload)
        elif kind == CREDIT:
            stream.credit += struct.unpack(">I", payload)[0]
        elif kind == CLOSE:
            stream.end = (CLOSE, payload.decode())
        elif kind == ERROR:
            stream.end = (ERROR, json.loads(payload))
        else:
            self.broken.append(data[:64])

    def wait(self, what, probe, timeout=30):
        end = time.monotonic() + timeout
        with self.news:
            while True:
                found = probe()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0 or self.closed.is_set():
                    raise AssertionError(f"no {what}; closed {self.close_code} {self.close_reason}")
                self.news.wait(left)

    def ended(self, number, timeout=30):
        """How the stream ended: (CLOSE, reason) or (ERROR, {...})."""
        return self.wait("end of the stream", lambda: self.streams[number].end, timeout)

    def drop(self):
        """Ends the connection as a network does: without a word."""
        try:
            self.sock.shutdown(2)
        except OSError:
            pass
        self.closed.wait(5)

    def socket(self, number):
        return StreamSocket(self, number)


class StreamSocket:
    """A stream that looks like a socket, for rfb.Rfb. Credit is given back as it is read."""

    def __init__(self, link, number):
        self.link = link
        self.number = number

    def sendall(self, data):
        self.link.send(self.number, data)

    def recv(self, size):
        stream = self.link.streams[self.number]
        self.link.wait("data", lambda: stream.data or stream.end)
        with self.link.news:
            part = bytes(stream.data[:size])
            del stream.data[:size]
        if part:
            self.link.credit(self.number, len(part))
        return part

    def close(self):
        if not self.link.streams[self.number].end and not self.link.closed.is_set():
            self.link.close(self.number)
