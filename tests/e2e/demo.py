#!/usr/bin/python3
"""`make demo` as a person runs it: the main job, a session of his own while it goes on, Ctrl-C, nothing left behind.

Needs no database: the demo makes its own.
"""
import atexit
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import harness
import tap


LAST = "SELECT streamspace.create_session"


def marked(mark):
    """Processes that have the mark in argv or environment: those of one demo."""
    found = {}
    for pid, (argv, _) in harness.processes().items():
        try:
            environment = pathlib.Path(f"/proc/{pid}/environ").read_text(errors="replace")
        except OSError:
            environment = ""
        if pid != os.getpid() and (mark in environment or any(mark in word for word in argv)):
            found[pid] = argv
    return found


class Demo:
    def __init__(self, **env):
        self.tmp = tempfile.mkdtemp(prefix="ss-demo-", dir="/tmp")
        os.chmod(self.tmp, 0o711)
        self.lines = []
        clean = {k: v for k, v in os.environ.items() if k not in ("SS_API_USER", "STREAMSPACE_BUILD", "DEMO_EXIT")}
        self.process = subprocess.Popen([str(harness.ROOT / "scripts" / "demo")], text=True, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env={**clean, "TMPDIR": self.tmp, **env})

        atexit.register(self.end)  # also when the test failed

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.stdout.read()
            self.process.wait()

    def read(self, until=None, timeout=180):
        """Take lines until one matches, or to the end."""
        end = time.monotonic() + timeout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if until and re.search(until, line):
                return True
            if time.monotonic() > end:
                break
        return False

    @property
    def text(self):
        return "\n".join(self.lines)


def whole(t):
    began = time.time()
    demo = Demo(DEMO_EXIT="1")
    demo.read()
    t.eq(demo.process.wait(60), 0, "DEMO_EXIT=1 stops by itself, with status 0")
    for word in ("pending", "approved that key", "template terminal put", "role user", "starting", "running", "hibernating",
                 "hibernated", "waking", "terminating", "terminated", "v_sessions"):
        t.ok(word in demo.text, f"it shows: {word}")
    typed = re.findall(r"echo ([0-9a-f]{16}) > ~/proof", demo.text)
    t.ok(typed and f"read back from its home: {typed[0]}" in demo.text, "the nonce typed in the page was read back from the home")
    picture = harness.ROOT / "build" / "demo.png"
    t.ok(picture.stat().st_mtime > began and picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 10000,
         "build/demo.png is a fresh picture")
    took = float(re.findall(r"\[ *([0-9.]+) s\]", demo.text)[-1])
    t.diag(f"it took {took} s")
    if demo.process.returncode:
        t.diag(demo.text)
    t.eq(os.listdir(demo.tmp), [], "no directory is left")
    t.eq(marked(demo.tmp), {}, "and no process")
    os.rmdir(demo.tmp)


def interrupted(t, when, sig, name):
    """Ctrl-C goes to the whole foreground group."""
    demo = Demo()
    t.ok(demo.read(until=when), f"{name}: it comes to '{when}'")
    sessions = re.findall(r"s-[0-9a-z]{26}", demo.text)
    if when == LAST:
        page = urllib.request.urlopen(re.search(r"^  URL +(http://\S+/view/s-\S+)", demo.text, re.M).group(1), timeout=30)
        t.like(page.read().decode(), "<title>StreamSpace</title>", f"{name}: the URL of the desktop answers the page")
        port = int(re.search(r"http://127.0.0.1:(\d+)", demo.text).group(1))
        user, password = re.search(r"log-in +(\S+) / (\S+)", demo.text).groups()
        api = harness.Rest(port).login(user, password)
        curl = re.search(r"^  REST +(curl .*)$", demo.text, re.M).group(1)
        shown = subprocess.run(["bash", "-c", curl], text=True, capture_output=True, timeout=30).stdout
        t.like(shown, '"token": *"[0-9a-f]{64}"', f"{name}: so does the curl line")
        t.ok(password not in curl.partition("<<<")[0], f"{name}: which keeps the password out of curl's arguments")
        session = api.create("terminal")["id"]
        api.wait_state(session, "running")
        sessions.append(session)
        t.ok(True, f"{name}: the URL and the log-in that it prints work")
    os.killpg(demo.process.pid, sig)
    demo.read()
    status = demo.process.wait(60)
    t.ok(status == 0 if when == LAST else status != 0, f"{name}: it ends (status {status})")
    for mark in (demo.tmp, *sorted(set(sessions))):
        harness.wait_for("its processes to be gone", lambda: not marked(mark), timeout=20)
        t.eq(marked(mark), {}, f"{name}: no process of {mark} is left")
    t.eq(os.listdir(demo.tmp), [], f"{name}: no directory is left")
    os.rmdir(demo.tmp)


def main(t):
    whole(t)
    interrupted(t, LAST, signal.SIGINT, "Ctrl-C at the end")
    interrupted(t, "in a browser, as", signal.SIGINT, "Ctrl-C in the middle")
    interrupted(t, LAST, signal.SIGTERM, "SIGTERM")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tap.run(main)
