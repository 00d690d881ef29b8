"""Viewers as a browser opens them: a ticket by REST, then RFB over the WebSocket of /api/v1/vnc.

    with viewer.open_viewer(ada, session) as screen:     # rfb.Rfb, handshake done
        screen.type("ls\n")
    viewer.closed(screen)                                # the code of the close frame
"""

import rfb
import ws


def ticket(user, session, mode=None):
    """The JSON of a new viewer ticket."""
    return user.must("POST", f"/api/v1/sessions/{session}/viewer-tickets", {"mode": mode} if mode else {}, status=201)


class ViewerSocket:
    """A viewer's WebSocket that looks like a plain socket, as rfb.Rfb wants it."""

    def __init__(self, link, timeout=30):
        self.link = link
        self.timeout = timeout
        self.data = bytearray()
        self.end = None  # ws.Closed, once it has ended

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def sendall(self, data):
        self.link.send_frame(ws.BINARY, bytes(data))

    def recv(self, size):
        while not self.data and self.end is None:
            try:
                opcode, data = self.link.recv(self.timeout)
            except ws.Closed as end:
                self.end = end
                break
            if opcode in (ws.BINARY, ws.CONTINUATION):
                self.data += data
            elif opcode == ws.TEXT:
                raise AssertionError("a text message on a viewer's socket")
        part = bytes(self.data[:size])
        del self.data[:size]
        return part

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.recv(size - len(data))
            if not part:
                raise AssertionError(f"ended after {len(data)} of {size} bytes: {self.end}")
            data += part
        return data

    def close(self):
        if self.end is None:
            self.link.close()
        else:
            self.link.abort()


def connect(user, session, mode=None, port=None, headers=None):
    """A viewer's socket, before a byte of RFB was read."""
    made = ticket(user, session, mode)
    return ViewerSocket(ws.connect(port or user.port, made["url"], headers))


def open_viewer(user, session, mode=None, **more):
    sock = connect(user, session, mode, **more)
    try:
        return rfb.Rfb(sock).handshake()
    except BaseException:
        sock.close()
        raise


def closed(screen, timeout=30):
    """Reads what still comes until the server closes; (code, reason)."""
    sock = screen.sock if isinstance(screen, rfb.Rfb) else screen
    sock.timeout = timeout
    while sock.end is None:
        sock.data.clear()
        sock.recv(1 << 16)
    return sock.end.code, sock.end.reason
