#!/usr/bin/python3
"""The browser as a session: it opens the page that it is told to, shows it, takes what is typed, and
starts again with the profile of one that was killed."""

import http.server
import pathlib
import struct
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import engine as images  # noqa: E402
import rfb  # noqa: E402
from engine import mount, wait_for  # noqa: E402

BLUE = (0x20, 0x60, 0xC0)
PAGE = b"""<!doctype html><title>A page</title><body style="background: #2060c0"><script>
let typed = '';
const tell = (what) => fetch('/tell?' + new URLSearchParams(what), {method: 'POST'});
addEventListener('keydown', (event) => event.key === 'Enter' ? tell({typed}) : typed += event.key);
tell({opened: 'yes'});
</script>"""


class Site(http.server.BaseHTTPRequestHandler):
    told = []

    def do_GET(self):
        self.answer(PAGE if self.path == "/" else b"")

    def do_POST(self):
        self.told.append({name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).items()})
        self.answer(b"")

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def colour(screen, x, y):
    """Red, green and blue of one point of the screen."""
    bits, _depth, big, _true, *maximum, red, green, blue = struct.unpack(">BBBBHHHBBB", screen.pixel_format[:13])
    for (left, top, width, height), data in screen.frame().items():
        if left <= x < left + width and top <= y < top + height:
            at = ((y - top) * width + x - left) * bits // 8
            value = int.from_bytes(data[at:at + bits // 8], "big" if big else "little")
            return tuple(value >> shift & most for shift, most in zip((red, green, blue), maximum))
    return None


def visit(engine, home, url):
    Site.told.clear()
    one = engine.start("session-browser", *mount(home, "/home/user", "rw"), "--user", "1000:1000", "-e", f"STREAMSPACE_URL={url}")
    one.wait_up(lambda: rfb.Rfb.connect_tcp(one.address, 5900))
    wait_for("the page to be opened", lambda: {"opened": "yes"} in Site.told)
    with rfb.Rfb.connect_tcp(one.address, 5900) as screen:
        # Not the middle: the pointer stands there.
        place = screen.width // 3, screen.height // 2
        wait_for("its colour", lambda: colour(screen, *place) == BLUE)
        screen.click(*place)
        screen.type("hello\n")
        wait_for("what was typed", lambda: {"typed": "hello"} in Site.told)
    return one


def body(t, engine):
    gateway = images.docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", engine.network).strip()
    site = http.server.ThreadingHTTPServer((gateway, 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    home = engine.folder("home", group=1000)
    url = f"http://{gateway}:{site.server_address[1]}/"
    one = visit(engine, home, url)
    t.ok(True, "the browser opens its page, shows it, and takes what is typed")
    one.signal("KILL")
    one.wait()
    t.ok((home / ".config" / "chromium" / "SingletonLock").is_symlink(), "one that was killed leaves its lock")
    two = visit(engine, home, url)
    t.ok(True, "another container opens the same profile all the same")
    t.eq(two.stop(), 0, "it ends by itself on SIGTERM")
    wrong = engine.start("session-browser", *mount(home, "/home/user", "rw"), "--user", "1000:1000", "-e", "STREAMSPACE_URL=file:///etc/passwd")
    t.eq(wrong.wait(), 70, "an address that is none of the web's is refused")


if __name__ == "__main__":
    images.main(["session-browser"], body)
