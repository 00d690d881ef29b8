#!/usr/bin/python3
"""The Xfce desktop as a session: panel, desktop and window manager run, a terminal opens by its key, and the home is kept."""

import pathlib
import secrets
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import engine as images  # noqa: E402
import rfb  # noqa: E402
from engine import mount, wait_for  # noqa: E402

CONTROL, ALT = 0xFFE3, 0xFFE9


def programs(one):
    return {line.split(None, 3)[3].split()[0].rsplit("/", 1)[-1] for line in one.processes()}


def terminal(one, screen):
    """By the key that Xfce has for it, once there is somebody who takes keys."""
    def opened():
        screen.key(CONTROL, True)
        screen.key(ALT, True)
        screen.type("t")
        screen.key(ALT, False)
        screen.key(CONTROL, False)
        try:
            return wait_for("a terminal", lambda: "xfce4-terminal" in programs(one), timeout=5)
        except images.Timeout:
            return None

    wait_for("a terminal", opened)


def body(t, engine):
    home = engine.folder("home", group=1000)
    one = engine.start("session-desktop", *mount(home, "/home/user", "rw"), "--user", "1000:1000")
    one.wait_up(lambda: rfb.Rfb.connect_tcp(one.address, 5900))
    wanted = {"xfwm4", "xfce4-panel", "xfdesktop"}
    wait_for("the desktop", lambda: wanted <= programs(one))
    t.ok(True, "window manager, panel and desktop run")
    nonce = secrets.token_hex(8)
    with rfb.Rfb.connect_tcp(one.address, 5900) as screen:
        terminal(one, screen)

        def typed():
            screen.type(f"\necho {nonce} > ~/typed\n")
            try:
                return wait_for("the file", lambda: (home / "typed").exists() and (home / "typed").read_text() == nonce + "\n", timeout=3)
            except images.Timeout:
                return None

        wait_for("what was typed", typed)
    t.ok(True, "a terminal opens by its key, and what is typed reaches its shell")
    t.ok("openbox" not in programs(one), "no other window manager is in the way")
    t.eq(one.stop(), 0, "it ends by itself on SIGTERM")


if __name__ == "__main__":
    images.main(["session-desktop"], body)
