#!/usr/bin/python3
"""The terminal desktop under the rules of a restricted pod: it is used by RFB, typed into, and keeps its home."""

import secrets

import engine as images
import rfb
from engine import mount, wait_for


def desktop(engine, home, *options, user=1000, command=()):
    found = engine.start("session-terminal", *mount(home, "/home/user", "rw"), "--user", f"{user}:{user}", *options, command=command)
    return found.wait_up(lambda: rfb.Rfb.connect_tcp(found.address, 5900))


def types(screen, home, name, text):
    """Types into the terminal until what it writes stands in the home."""
    path = home / name

    def typed():
        screen.click(200, 200)
        screen.type(f"\n{text} > ~/{name}\n")
        try:
            return wait_for("the file", lambda: path.exists() and path.read_text(encoding="utf-8").endswith("\n"), timeout=2)
        except images.Timeout:
            return None

    wait_for(f"~/{name}", typed)
    return path.read_text(encoding="utf-8").strip()


def body(t, engine):
    home = engine.folder("home", group=1000)
    first = desktop(engine, home, "-e", "STREAMSPACE_SESSION=s-1")
    nonce = secrets.token_hex(8)
    with rfb.Rfb.connect_tcp(first.address, 5900) as screen:
        t.eq((screen.version, screen.name, screen.width, screen.height), (b"RFB 003.008\n", "s-1", 1280, 800), "RFB on port 5900")
        t.eq(types(screen, home, "typed", f"echo {nonce}"), nonce, "what is typed reaches the shell")
    first.remove()
    second = desktop(engine, home)
    with rfb.Rfb.connect_tcp(second.address, 5900) as screen:
        t.eq(types(screen, home, "again", "cat ~/typed"), nonce, "another container finds the same home")
    t.eq(second.stop(), 0, "it ends by itself on SIGTERM")


if __name__ == "__main__":
    images.main(["session-terminal"], body)
