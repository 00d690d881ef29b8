"""A small RFB 3.8 client (RFC 6143) over a Unix or TCP socket: enough to prove a desktop by use.

It does the handshake to ServerInit, sends keys and pointer events, and asks for a raw frame.
Only the security type None is spoken: access to a session's socket is guarded by its directory.
"""

import os
import socket
import struct
import tempfile

RETURN = 0xFF0D
NAMED = {"\n": RETURN, "\t": 0xFF09, "\b": 0xFF08, "\x1b": 0xFF1B}


class RfbError(Exception):
    pass


class Rfb:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.width = self.height = 0
        self.version = None

    @classmethod
    def connect_unix(cls, path, timeout=10):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        link = None
        try:
            if len(os.fsencode(path)) > 107:  # sun_path is 108 bytes
                link = tempfile.mkdtemp() + "/s"
                os.symlink(path, link)
            sock.connect(link or path)
        except OSError:
            sock.close()
            raise
        finally:
            if link:
                os.unlink(link)
                os.rmdir(os.path.dirname(link))
        return cls(sock).handshake()

    @classmethod
    def connect_tcp(cls, host, port, timeout=10):
        return cls(socket.create_connection((host, port), timeout)).handshake()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.sock.recv(min(size - len(data), 1 << 16))
            if not part:
                raise RfbError(f"closed after {len(data)} of {size} bytes")
            data += part
        return bytes(data)

    def _text(self):
        (size,) = struct.unpack(">I", self._read(4))
        return self._read(min(size, 4096)).decode(errors="replace")

    def handshake(self):
        """ProtocolVersion, Security None, ClientInit (shared), ServerInit."""
        self.version = self._read(12)
        if not self.version.startswith(b"RFB 003."):
            raise RfbError(f"greeting {self.version!r}")
        self.sock.sendall(b"RFB 003.008\n")
        (count,) = self._read(1)
        if count == 0:
            raise RfbError("refused: " + self._text())
        types = self._read(count)
        if 1 not in types:
            raise RfbError(f"security types {list(types)}, None is not among them")
        self.sock.sendall(b"\x01")
        if struct.unpack(">I", self._read(4))[0] != 0:
            raise RfbError("security: " + self._text())
        self.sock.sendall(b"\x01")
        self.width, self.height, self.pixel_format = struct.unpack(">HH16s", self._read(20))
        self.name = self._text()
        return self

    def key(self, keysym, down):
        self.sock.sendall(struct.pack(">BBxxI", 4, 1 if down else 0, keysym))

    def type(self, text):
        """Press and release one key a character; a newline is Return."""
        for char in text:
            keysym = NAMED.get(char, ord(char))
            self.key(keysym, True)
            self.key(keysym, False)

    def pointer(self, x, y, buttons=0):
        self.sock.sendall(struct.pack(">BBHH", 5, buttons, x, y))

    def click(self, x, y):
        self.pointer(x, y)
        self.pointer(x, y, 1)
        self.pointer(x, y)

    def frame(self):
        """One whole screen in the server's own pixel format, encoding Raw: {(x, y, w, h): bytes}."""
        bits = self.pixel_format[0]
        self.sock.sendall(struct.pack(">BxHi", 2, 1, 0))  # SetEncodings: Raw only
        self.sock.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, self.width, self.height))
        while True:
            (kind,) = self._read(1)
            if kind == 0:
                (count,) = struct.unpack(">xH", self._read(3))
                parts = {}
                for _ in range(count):
                    x, y, w, h, encoding = struct.unpack(">HHHHi", self._read(12))
                    if encoding != 0:
                        raise RfbError(f"encoding {encoding} was not asked for")
                    parts[(x, y, w, h)] = self._read(w * h * bits // 8)
                return parts
            if kind == 1:  # SetColourMapEntries
                (count,) = struct.unpack(">xxxH", self._read(5))
                self._read(6 * count)
            elif kind == 3:  # ServerCutText
                self._read(3)
                self._text()
            elif kind != 2:  # Bell has no body
                raise RfbError(f"message {kind}")
