"""A reader of the stream of events, by either transport. Standard library only."""

import http.client
import json
import socket
import time
import urllib.parse

import harness
import ws

PATH = "/api/v1/events"


def path(**query):
    given = {name: value for name, value in query.items() if value is not None}
    return PATH + ("?" + urllib.parse.urlencode(given) if given else "")


class Ended(Exception):
    """The stream is over."""


class Sse:
    """Server-sent events, told apart as the standard says; comments are counted."""

    kind = "sse"

    def __init__(self, port, token=None, last_event=None, headers=None, receive_buffer=0, **query):
        self.comments = 0
        self.ids = []
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(10)
        self.sock.connect(("127.0.0.1", port))
        self.link = http.client.HTTPConnection("127.0.0.1", port)
        self.link.sock = self.sock
        head = {"Accept": "text/event-stream", **(headers or {})}
        if token:
            head["Authorization"] = "Bearer " + token
        if last_event:
            head["Last-Event-ID"] = last_event
        self.link.request("GET", path(**query), None, head)
        answer = self.link.getresponse()
        if answer.status != 200:
            raise ws.Refused(answer.status, dict(answer.headers), answer.read())
        self.answer = answer
        self.file = answer

    def _line(self, end):
        self.sock.settimeout(max(0.01, end - time.monotonic()))
        line = self.file.readline()
        if not line:
            raise Ended()
        return line.decode().rstrip("\n")

    def recv(self, timeout=harness.PATIENCE):
        end = time.monotonic() + timeout
        event, ident, data = "message", None, []
        try:
            while True:
                line = self._line(end)
                if line == "":
                    if data:
                        message = json.loads("\n".join(data))
                        assert message["type"] == event, (event, message)
                        assert message.get("token") == ident, (ident, message)
                        return message
                    continue
                name, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if name == "":
                    self.comments += 1
                elif name == "event":
                    event = value
                elif name == "id":
                    ident = value
                elif name == "data":
                    data.append(value)
        except (socket.timeout, TimeoutError):
            raise TimeoutError("no message") from None
        except (http.client.HTTPException, ConnectionError, OSError) as error:
            raise Ended(repr(error)) from None

    def ended(self, timeout=harness.PATIENCE):
        try:
            self.recv(timeout)
        except Ended:
            return True
        return False

    def abort(self):
        self.answer.close()  # the file that it made of the socket would keep that open
        self.sock.close()


class Socket:
    """The same as a WebSocket."""

    kind = "websocket"

    def __init__(self, port, token=None, headers=None, receive_buffer=0, **query):
        head = dict(headers or {})
        if token:
            head["Authorization"] = "Bearer " + token
        self.client = ws.connect(port, path(**query), head, receive_buffer=receive_buffer)
        self.sock = self.client.sock
        self.code = None

    def recv(self, timeout=harness.PATIENCE):
        try:
            return self.client.recv_json(timeout)
        except ws.Closed as error:
            self.code = error.code
            raise Ended(str(error)) from None
        except TimeoutError:
            raise
        except OSError as error:  # this side was closed while another thread read
            raise Ended(str(error)) from None

    def ended(self, timeout=harness.PATIENCE):
        try:
            self.recv(timeout)
        except Ended:
            return True
        return False

    def abort(self):
        self.client.abort()


TRANSPORTS = (Sse, Socket)


def hello(stream):
    message = stream.recv()
    assert message["type"] == "hello", message
    return message["token"]


def changes(stream, wanted, timeout=harness.PATIENCE):
    """Items until wanted(item) is true of one; the token after it."""
    end = time.monotonic() + timeout
    items = []
    while True:
        message = stream.recv(max(0.01, end - time.monotonic()))
        if message["type"] != "changes":
            raise AssertionError(f"{message} instead of changes")
        items += message["items"]
        if any(wanted(item) for item in message["items"]):
            return items, message["token"]


def of(session, event=None):
    return lambda item: item["id"] == session and (event is None or item["event"] == event)


def quiet(stream, kick, wanted, timeout=harness.PATIENCE):
    """Everything that comes before what kick() causes: to show that something did not come."""
    kick()
    items, _ = changes(stream, wanted, timeout)
    return [item for item in items if not wanted(item)]
