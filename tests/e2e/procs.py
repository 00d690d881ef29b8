"""Processes of a test: our programs with their logs, what runs on this host, and waiting for conditions."""

import ctypes
import os
import pathlib
import re
import signal
import subprocess
import time

import rfb
import tap

LIBC = ctypes.CDLL(None)
PATIENCE = float(os.environ.get("STREAMSPACE_TEST_PATIENCE", "30"))  # seconds a step may take
HANDED_ON = {"ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1",
             "LSAN_OPTIONS": "exitcode=99"}


class Timeout(AssertionError):
    pass


def wait_for(what, probe, timeout=None, every=0.03):
    """Call probe() until it answers something true; return that. An OSError counts as not yet."""
    end = time.monotonic() + (PATIENCE if timeout is None else timeout)
    last = None
    while True:
        try:
            last = probe()
            if last:
                return last
        except (OSError, rfb.RfbError) as error:
            last = error
        if time.monotonic() >= end:
            raise Timeout(f"waited in vain for {what}; last: {tap.show(last)}")
        time.sleep(every)


def die_with_parent():
    """In a child, before exec: SIGKILL when the test is gone. Ctrl-C reaches the test alone."""
    pr_set_pdeathsig = 1
    LIBC.prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)


class Program:
    """One process of ours with its log. stop() is SIGTERM and waits; kill() is SIGKILL."""

    def __init__(self, name, args, log, env=None):
        self.name = name
        self.log_path = pathlib.Path(log)
        self.args = [str(a) for a in args]
        self.started_at = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(log, "ab") as out:
            self.process = subprocess.Popen(self.args, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, env={**os.environ, **HANDED_ON, **(env or {})},
                                            start_new_session=True, preexec_fn=die_with_parent)
        self.pid = self.process.pid

    @property
    def log(self):
        """What this process wrote (an earlier one may have used the same file)."""
        with open(self.log_path, "rb") as file:
            file.seek(self.started_at)
            return file.read().decode(errors="replace")

    def running(self):
        return self.process.poll() is None

    def wait(self, timeout=None):
        """The exit status; negative is a signal."""
        try:
            return self.process.wait(PATIENCE if timeout is None else timeout)
        except subprocess.TimeoutExpired:
            raise Timeout(f"{self.name} did not end; its log ends:\n{self.tail()}") from None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def stop(self, timeout=None):
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def tail(self, lines=40):
        return "\n".join(self.log.splitlines()[-lines:])

    def complaints(self):
        """Lines in which a sanitizer complains."""
        return [line for line in self.log.splitlines()
                if re.search(r"ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer", line)]


def processes():
    """Every process: pid -> (argv list, parent pid)."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                argv = pathlib.Path("/proc", entry, "cmdline").read_bytes()
                stat = pathlib.Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            fields = stat.rpartition(")")[2].split()
            if fields[0] != "Z":
                found[int(entry)] = ([a.decode(errors="replace") for a in argv.split(b"\0")[:-1]],
                                     int(fields[1]))
    return found


def holders(directory):
    """Processes that hold a file below the directory open (a session holds its lock)."""
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                links = [os.readlink(link) for link in pathlib.Path(f"/proc/{entry}/fd").iterdir()]
            except OSError:
                continue
            if any(link.startswith(directory + "/") for link in links):
                found.add(int(entry))
    return found


def tcp_listeners(pids):
    """Local addresses on which one of these processes (in its own network namespace) listens."""
    found = set()
    for pid in pids:
        try:
            inodes = {os.readlink(link) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
            tables = [pathlib.Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
        except OSError:
            continue
        for line in "".join(tables).splitlines():
            part = line.split()
            if len(part) > 9 and part[3] == "0A" and f"socket:[{part[9]}]" in inodes:
                found.add(part[1])
    return found
