"""Races between database sessions: psql processes that are held at a gate and let go together.

Every race first proves that the competitors really wait (pg_locks), so that a test which runs its calls
one after another is a failure and not a pass.
"""

import os
import pathlib
import re
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import Database, SqlError, Timeout, wait_for  # noqa: E402,F401

GATE = 0x55AA


class Psql:
    """One psql process that stays connected. ask() waits for the answer; send() and read() do it in two steps."""

    MARK = "-- end of answer --"

    def __init__(self, user=None, database=None):
        env = dict(os.environ, PGDATABASE=database or os.environ.get("PGDATABASE", "streamspace"))
        if user:
            env["PGUSER"] = user
        # What waits for ever is a failure that says where, not a test that hangs.
        env["PGOPTIONS"] = (env.get("PGOPTIONS", "") + " -c statement_timeout=60s").strip()
        self.process = subprocess.Popen(
            ["psql", "-XqAt", "-F", "\t", "-v", "VERBOSITY=verbose"], env=env, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = int(self.ask("SELECT pg_backend_pid();"))

    def send(self, sql):
        self.process.stdin.write(f"{sql}\n\\echo {self.MARK}\n")
        self.process.stdin.flush()

    def read(self):
        """The output of what was sent; raises SqlError if a statement of it failed."""
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == self.MARK:
                text = "".join(lines).rstrip("\n")
                if re.search(r"^(psql:\S* )?(ERROR|FATAL):", text, re.M):
                    raise SqlError(text)
                return text
            lines.append(line)
        raise AssertionError("psql ended: " + "".join(lines))

    def ask(self, sql):
        self.send(sql)
        return self.read()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(30)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Gate:
    """Holds sessions until open(). Who must wait sends wait_sql first."""

    wait_sql = f"SELECT FROM (SELECT pg_advisory_xact_lock_shared({GATE})) AS gate;"

    def __init__(self):
        self.keeper = Psql()
        self.keeper.ask(f"SELECT pg_advisory_lock({GATE});")

    def waiting(self):
        return int(self.keeper.ask(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            f" AND objid = {GATE};"))

    def wait_for(self, count):
        wait_for(f"{count} sessions at the gate", lambda: self.waiting() == count)

    def open(self):
        self.keeper.ask(f"SELECT pg_advisory_unlock({GATE});")

    def close(self):
        self.keeper.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def outcome(psql, db):
    """('ok', output) or (error code, output) of what a Psql was sent before."""
    try:
        return "ok", psql.read()
    except SqlError as error:
        return db.code_of(error), str(error)


def together(calls, db, others=()):
    """Runs the SQL of every (login, sql) in calls, each in a session of its own, at one moment; functions in
    `others` start at the same moment in threads. Returns their outcomes in order: SQL first."""
    sessions = [Psql(login) for login, _ in calls]
    results = [None] * len(others)
    start = threading.Event()

    def run(at, function):
        start.wait()
        results[at] = function()

    threads = [threading.Thread(target=run, args=(at, function)) for at, function in enumerate(others)]
    try:
        with Gate() as gate:
            for thread in threads:
                thread.start()
            for session, (_, sql) in zip(sessions, calls):
                session.send(Gate.wait_sql + "\n" + sql)
            gate.wait_for(len(sessions))
            start.set()
            gate.open()
            outcomes = [outcome(session, db) for session in sessions]
        for thread in threads:
            thread.join()
        return outcomes + results
    finally:
        start.set()
        for session in sessions:
            session.close()


def blocked_by(watcher, waiter, holder):
    """True once session `waiter` waits for a lock of session `holder`."""
    return watcher.ask(f"SELECT {holder.pid} = ANY (pg_blocking_pids({waiter.pid}));") == "t"
