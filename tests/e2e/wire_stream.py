"""Both ends of a viewer's stream made of frames, under the control of a test: the stream socket of an agent that has no
driver behind, and a viewer that speaks whatever it is told.

    streams = wire_stream.WireStreams(agent)          # the stream socket of a wire_agent.WireAgent that is connected
    link = wire_stream.view(user, session)            # ws.Client; the ticket was asked for by REST
    far = streams.newest()                            # the other end of it
    streams.send(far, b"pixels")                      # as far as the credit goes
    link.send_frame(ws.BINARY, wire_stream.HELLO)     # what a client of RFB says first
"""

import json
import struct
import threading
import time

import harness
import ws

OPEN, OPENED, DATA, CREDIT, CLOSE, ERROR = range(1, 7)
PAYLOAD_MAX = 16384
HELLO = b"RFB 003.008\n\x01\x01"  # version, no authentication, shared


def cut_text(data):
    """A message of RFB that carries bytes of any kind."""
    return struct.pack(">BxxxI", 6, len(data)) + data


def key(code, down=True):
    return struct.pack(">BBxxI", 4, down, code)


def pointer(x, y, buttons=0):
    return struct.pack(">BBHH", 5, buttons, x, y)


def update_request(width=64, height=64):
    return struct.pack(">BBHHHH", 3, 1, 0, 0, width, height)


class Stream:
    """A stream at the agent's end."""

    def __init__(self, number, session, credit):
        self.number = number
        self.session = session
        self.credit = credit  # bytes that may be sent
        self.sent = 0
        self.data = bytearray()
        self.received = 0
        self.sink = None  # instead of data: called with what came
        self.grants = True  # gives back credit for what came
        self.end = None  # (CLOSE, reason) or (ERROR, {...}) of the server


class WireStreams:
    def __init__(self, agent, port=None, on_open=None, credit=1 << 16, **more):
        self.agent = agent
        self.credit = credit
        self.on_open = on_open or self.accept
        self.streams = {}
        self.order = []
        self.broken = []  # frames of the server that break the protocol
        self.closed = None  # (code, reason)
        self.news = threading.Condition()
        self.send_lock = threading.Lock()
        self.link = ws.connect(port or agent.stack.port, self.path(agent), {"X-Agent-API-Key": agent.key}, **more)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    @staticmethod
    def path(agent, epoch=None):
        return f"/api/v1/agents/stream?agent_id={agent.name}&epoch={agent.epoch() if epoch is None else epoch}"

    # --- to the server

    def message(self, data, opcode=ws.BINARY):
        with self.send_lock:
            self.link.send_frame(opcode, data)

    def frame(self, kind, number, payload=b""):
        self.message(struct.pack(">BI", kind, number) + payload)

    def accept(self, stream):
        self.frame(OPENED, stream.number, struct.pack(">I", self.credit))

    def give(self, stream, count):
        self.frame(CREDIT, stream.number, struct.pack(">I", count))

    def send(self, stream, data, timeout=60):
        """DATA as far as the credit goes, waiting for more of it; how many bytes went before the stream ended."""
        at = 0
        while at < len(data):
            with self.news:
                if not self.news.wait_for(lambda: stream.credit > 0 or stream.end or self.closed, timeout):
                    return at
                if stream.end or self.closed:
                    return at
                part = min(stream.credit, PAYLOAD_MAX, len(data) - at)
                stream.credit -= part
                stream.sent += part
            try:
                self.frame(DATA, stream.number, data[at:at + part])
            except OSError:
                return at
            at += part
        return at

    def close(self, stream, reason="closed"):
        self.frame(CLOSE, stream.number, reason.encode())

    # --- from the server

    def read(self):
        try:
            while True:
                try:
                    opcode, data = self.link.recv(0.2)
                except TimeoutError:
                    continue
                if opcode == ws.BINARY:
                    self.take(data)
                elif opcode == ws.TEXT:
                    self.broken.append(data[:64])
        except ws.Closed as error:
            end = (error.code, error.reason)
        except OSError as error:
            end = (None, str(error))
        with self.news:
            self.closed = end
            self.news.notify_all()

    def take(self, data):
        if len(data) < 5 or len(data) > 5 + PAYLOAD_MAX:
            self.broken.append(data[:64])
            return
        kind, number = struct.unpack(">BI", data[:5])
        payload = data[5:]
        opened = None
        with self.news:
            stream = self.streams.get(number)
            if kind == OPEN:
                body = json.loads(payload)
                if self.order and number <= self.order[-1]:
                    self.broken.append(data[:64])
                opened = self.streams[number] = Stream(number, body["session"], body["credit"])
                self.order.append(number)
            elif stream is None or stream.end:
                self.broken.append(data[:64])
            elif kind == DATA:
                stream.received += len(payload)
                if stream.received > self.credit and not stream.grants:
                    self.broken.append(b"more than credit: " + data[:16])
                if stream.sink:
                    stream.sink(payload)
                else:
                    stream.data += payload
            elif kind == CREDIT:
                stream.credit += struct.unpack(">I", payload)[0]
            elif kind == CLOSE:
                stream.end = (CLOSE, payload.decode())
            elif kind == ERROR:
                stream.end = (ERROR, json.loads(payload))
            else:
                self.broken.append(data[:64])
            self.news.notify_all()
        if opened:
            self.on_open(opened)
        elif stream is not None and kind == DATA and stream.grants:
            self.give(stream, len(payload))
        elif stream is not None and kind == CLOSE:
            self.close(stream)

    def wait(self, what, probe, timeout=None):
        """What probe answers, once it is true; it may look at everything of this object."""
        end = time.monotonic() + (timeout or harness.PATIENCE)
        with self.news:
            while True:
                found = probe()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{what} did not come; socket closed: {self.closed}")
                self.news.wait(left)

    def newest(self, count=1):
        """The stream that was opened last, once there are so many."""
        self.wait(f"{count} streams", lambda: len(self.order) >= count)
        return self.streams[self.order[-1]]

    def drop(self):
        """Ends the socket as a network does: without a word."""
        self.link.sock.shutdown(2)
        self.thread.join(10)


def ticket(rest, session, mode=None):
    return rest.must("POST", f"/api/v1/sessions/{session}/viewer-tickets", {"mode": mode} if mode else {}, status=201)


def view(rest, session, mode=None, port=None, headers=None, **more):
    """A viewer, asked for and opened; raises ws.Refused."""
    return ws.connect(port or rest.port, ticket(rest, session, mode)["url"], headers, **more)


def pair(streams, rest, session, mode=None, hello=True, **more):
    """A viewer and the far end of it, past the beginning of RFB."""
    before = len(streams.order)
    link = view(rest, session, mode, **more)
    far = streams.newest(before + 1)
    if hello:
        link.send_frame(ws.BINARY, HELLO)
        streams.wait("the client's hello", lambda: far.received >= len(HELLO))
        with streams.news:
            far.data.clear()
    return link, far


def receive(link, count, timeout=60):
    """So many bytes of a viewer."""
    data = bytearray()
    while len(data) < count:
        opcode, part = link.recv(timeout)
        if opcode in (ws.BINARY, ws.CONTINUATION):
            data += part
    return bytes(data)
