#!/usr/bin/python3
"""`make install` into an empty directory, then the steps of docs/operations.md with nothing but what it put there."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import harness
import tap

PAGE = (harness.ROOT / "docs" / "operations.md").read_text()


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=120, cwd="/", **more)
    if done.returncode:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def put_in_place(t, top):
    make = ("make", "-C", harness.ROOT, "-s", "install", f"DESTDIR={top}", "PREFIX=/usr/local")
    run(*make)
    first = sorted(p.relative_to(top) for p in top.rglob("*"))
    run(*make)
    t.eq(sorted(p.relative_to(top) for p in top.rglob("*")), first, "make install, twice: the same files")
    place = top / "usr" / "local"
    for name in re.findall(r"share/streamspace/\{([a-z,]+)\}", PAGE)[0].split(","):
        t.ok((place / "share" / "streamspace" / name).is_dir(), f"share/streamspace/{name} is there")
    t.ok((place / "share" / "doc" / "streamspace" / "docs" / "operations.md").is_file(), "and so is the documentation")
    texts = [p for p in place.rglob("*") if p.is_file() and p.parent.name != "bin"]
    t.eq([str(p) for p in texts if str(harness.ROOT).encode() in p.read_bytes()], [], "no file names the tree that it came from")
    return place


def database(t, place):
    install = place / "share" / "streamspace" / "scripts" / "db-install"
    run(install)
    run(install)
    t.ok(True, "db-install makes the database; again, it does nothing twice")
    commands = re.findall(r'^psql -d streamspace -c "([^"]+)"', PAGE, re.M)
    for command in commands:
        run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "streamspace", "-c", command)
    t.eq(len(commands), 2, "the page's log-ins can be made as it says")


def programs(t, place, top):
    """init makes password and key; the server serves; an agent enrols with that key and is approved by what its log shows."""
    env = dict(os.environ, PGUSER="api", PGDATABASE="streamspace")
    key = top / "bootstrap.key"
    shown = run(place / "bin" / "streamspaced", "init", "--admin", "admin", "--bootstrap-key-file", key, env=env)
    password = re.search(r"^password (\S+)$", shown, re.M).group(1)
    t.eq(key.stat().st_mode & 0o777, 0o600, "init makes the bootstrap key, mode 0600")
    ports = top / "ports"
    server = harness.Program("streamspaced", [place / "bin" / "streamspaced", "--listen", "127.0.0.1:0", "--internal-listen",
                                              "127.0.0.1:0", "--port-file", ports], top / "server.log", env)
    agent = None
    try:
        port = int(harness.wait_for("the port", lambda: re.search(r"public (\d+)\ninternal \d+\n", ports.read_text())).group(1))
        rest = harness.Rest(port)
        harness.wait_for("/readyz", lambda: rest.get("/readyz").status == 200)
        admin = rest.login("admin", password)
        t.eq(admin.must("GET", "/api/v1/me")["role"], "platform_admin", "the password that init showed opens")
        count = run("psql", "-XqAt", "-d", "streamspace", "-c", "SELECT count(*) FROM streamspace.v_agents",
                    env=dict(os.environ, PGUSER="jane"))
        t.eq(count.strip(), "0", "the DBA's log-in reads the views")
        agent = harness.Program("agent", [place / "bin" / "streamspace-agent", "--control-plane-url", f"http://127.0.0.1:{port}",
                                          "--agent-id", "host-a", "--platform", "process", "--state-dir", top / "state",
                                          "--bootstrap-key-file", key, *harness.Stack.agent_options("process")], top / "agent.log",
                                {"STREAMSPACE_AGENT_RECONNECT_MAX": "1s"})
        prefix = harness.wait_for("the agent to say what to approve",
                                  lambda: re.search(r"approval_required .*key_prefix=([0-9a-f]{8})", agent.log)).group(1)
        approved = admin.must("POST", "/api/v1/agents/host-a:approve", {"key_prefix": prefix})
        t.eq(approved["agent"]["approval"], "approved", "the prefix in the agent's log approves it")
        harness.wait_for("the agent to be online", lambda: admin.must("GET", "/api/v1/agents")["items"][0]["state"] == "online")
        t.ok(True, "and it comes online")
        t.eq((agent.stop(), server.stop()), (0, 0), "both end well")
    finally:
        for program in (agent, server):
            if program and program.running():
                program.kill()


def main(t):
    del os.environ["PGDATABASE"]  # as with a PostgreSQL that somebody keeps
    top = pathlib.Path(tempfile.mkdtemp(prefix="ss-install-", dir="/tmp"))
    try:
        place = put_in_place(t, top)
        database(t, place)
        programs(t, place, top)
    finally:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    if "SS_PGDIR" not in os.environ:
        with_postgres = str(harness.ROOT / "tests" / "bin" / "with-postgres")
        os.execv(with_postgres, [with_postgres, "--", sys.executable, os.path.abspath(__file__)])
    tap.run(main)
