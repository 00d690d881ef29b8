#!/usr/bin/python3
"""with-postgres and pg-ctl: a cluster of the run's own that nobody else reaches and that always goes away.

The story: a test that is killed must not leave a server and a directory behind, and a test that kills the
server with -9 must be able to start it again.
"""

import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402
import tap  # noqa: E402

BIN = harness.ROOT / "tests" / "bin"


def start(script, *options, **env):
    """with-postgres beside a bash script; its output is a pipe."""
    return subprocess.Popen([BIN / "with-postgres", *options, "--", "bash", "-c", script], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **env})


def run(script, *options, **env):
    process = start(script, *options, **env)
    out, err = process.communicate(timeout=120)
    return process.returncode, out.strip(), err


def alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def killed(t, number, whom, want):
    """Kills with-postgres or CMD in the middle of a run; the server and the directory must go."""
    name = f"{signal.Signals(number).name} to {whom}"
    with start('echo "$SS_PGDIR $(head -n 1 "$SS_PGDIR/data/postmaster.pid") $$"; read -r wait') as process:
        directory, server, command = process.stdout.readline().split()
        t.ok(alive(server) and os.path.isdir(directory), f"{name}: the server runs")
        os.kill(process.pid if whom == "with-postgres" else int(command), number)
        t.eq(process.wait(60), want, f"{name}: the exit status")
        harness.wait_for("the server to be gone", lambda: not alive(server))
        harness.wait_for("the directory to be gone", lambda: not os.path.exists(directory))
        t.ok(True, f"{name}: server and directory are gone")
        if alive(command):
            os.kill(int(command), signal.SIGKILL)


def main(t):
    code, out, err = run("""
        psql -Atc 'SHOW fsync' -c 'SHOW listen_addresses' -c 'SHOW unix_socket_directories' -c 'SHOW lc_messages'
        psql -Atc 'SHOW work_mem'
        echo "$PGHOST"; stat -c '%a %U' "$PGHOST"; ps -o user= -p "$(head -n 1 "$SS_PGDIR/data/postmaster.pid")"
        ss -Hltnp 2>/dev/null | grep -c "pid=$(head -n 1 "$SS_PGDIR/data/postmaster.pid")," || true
        exit 7""", SS_PGCONF="work_mem = '5MB'")
    lines = out.splitlines()
    t.eq(code, 7, "the exit status is the command's")
    t.eq(lines[:2], ["on", ""], "fsync is on, and there is no TCP")
    t.eq(lines[3], "C", "messages are in English")
    t.eq(lines[4], "5MB", "SS_PGCONF is heard")
    t.ok(lines[5] == lines[2] and len(lines[5] + "/.s.PGSQL.5432") < 100, "the socket is in the run's own directory, its path is short")
    t.ok(lines[6].startswith("700 "), "which only its owner enters")
    t.ok(lines[7] != "root", "the server does not run as root")
    t.eq(lines[8], "0", "and listens on no port")
    t.ok(not os.path.exists(lines[5]), "afterwards the directory is gone")

    code, out, err = run("""
        pgctl="$0/pg-ctl"; first=$("$pgctl" pid)
        "$pgctl" stop; "$pgctl" running && echo still; psql -Atc 'SELECT 1' 2>/dev/null || echo away
        "$pgctl" start; psql -Atc 'CREATE TABLE t AS SELECT 1 AS x' >/dev/null
        "$pgctl" kill9; psql -Atc 'SELECT 1' 2>/dev/null || echo away
        "$pgctl" start; psql -Atc 'SELECT x FROM t'
        "$pgctl" restart; psql -Atc 'SELECT x + 1 FROM t'; [ "$("$pgctl" pid)" != "$first" ] && echo other""".replace("$0", str(BIN)))
    t.eq((code, out.split()), (0, ["away", "away", "1", "2", "other"]), "stop, start, kill -9, start and restart, with the data kept")

    code, out, err = run("exit 0", "--keep")
    kept = re.search(r"kept (\S+)", err)
    t.ok(kept and os.path.isdir(kept.group(1) + "/data") and not os.path.exists(kept.group(1) + "/data/postmaster.pid"),
         "--keep leaves the stopped cluster")
    if kept:
        subprocess.run(["rm", "-rf", kept.group(1)], check=True)
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        run("psql -c 'SELECT no_such_column' 2>/dev/null", "--log", log)
        t.like(pathlib.Path(log).read_text(), "no_such_column", "--log copies the server's log")
    with tempfile.TemporaryDirectory() as directory:
        deep = os.path.join(directory, "d" * 80)
        os.mkdir(deep)
        t.eq(run("psql -Atc 'SELECT 5'", TMPDIR=deep)[:2], (0, "5"), "a TMPDIR too deep for a socket is not used")
    t.eq(run("true")[0], 0, "a run after all that works")
    t.eq(subprocess.run([BIN / "with-postgres", "--", "/no/such/program"], capture_output=True, check=False).returncode, 127, "no such command: 127")

    killed(t, signal.SIGTERM, "with-postgres", 128 + signal.SIGTERM)
    killed(t, signal.SIGKILL, "with-postgres", -signal.SIGKILL)
    killed(t, signal.SIGKILL, "the command", 128 + signal.SIGKILL)


if __name__ == "__main__":
    tap.run(main)
