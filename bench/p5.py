#!/usr/bin/python3
"""P5: commit -> agent frame, against a bare NOTIFY round trip. See bench/README.md for the method."""
import hashlib
import os
import pathlib
import secrets
import socket
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
os.environ.setdefault("STREAMSPACE_BUILD", str(ROOT / "build"))
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import harness  # noqa: E402

ROUNDS = int(os.environ.get("P5_ROUNDS", "5"))
SAMPLES = int(os.environ.get("P5_SAMPLES", "400"))
FLOOR, GOAL = (2.50, 6.00), (1.60, 4.00)  # p50, p99


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def verdict(value, floor, goal):
    return "pass" if value <= goal else "floor" if value <= floor else "short"


def enrol(stack):
    """An agent that speaks protocol 3, with its own key; the C program plays it."""
    key = secrets.token_hex(32)
    body = {"agentId": "bench-agent", "platform": "process", "protocolVersion": 3,
            "keyHash": hashlib.sha256(key.encode()).hexdigest(), "capacity": {"maxSessions": 1000000}}
    answer = harness.Rest(stack.port).post("/api/v1/agents/register", body,
                                           headers={"X-Agent-API-Key": stack.bootstrap_key})
    if answer.status != 202:
        raise AssertionError(f"register: {answer!r}")
    stack.approve("bench-agent")
    return stack.file("bench-agent.key", key + "\n")


def open_tcp():
    """Lets the database listen on TCP too, with a password, so that the bare round trip has what the agent has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_hex(16)
    sql = f"ALTER SYSTEM SET listen_addresses = '127.0.0.1'; ALTER SYSTEM SET port = {port}; ALTER ROLE CURRENT_USER PASSWORD '{password}';"
    subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1"], input=sql.replace("; ", ";\n"), text=True, check=True, timeout=60)
    hba = pathlib.Path(os.environ["SS_PGDIR"]) / "data" / "pg_hba.conf"
    hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    subprocess.run([ROOT / "tests" / "bin" / "pg-ctl", "restart"], check=True, timeout=90)
    os.environ["PGPORT"] = str(port)
    return password


def main():
    if "SS_API_USER" not in os.environ:
        with_db = str(ROOT / "tests" / "bin" / "with-db")
        os.execv(with_db, [with_db, "--", sys.executable, os.path.abspath(__file__)])
    password = open_tcp()
    with harness.Stack() as stack:
        db = stack.db
        stack.template("bench", {"displayName": "Bench", "platforms": ["process"], "command": ["true"]})
        stack.user("bench", max_sessions=100000)
        db.query("SELECT streamspace.put_org(p_name => 'default', p_max_sessions => 1000000,"
                 " p_max_sessions_per_user => 1000000);")
        key = enrol(stack)
        settings = {name: db.query(f"SHOW {name};", user=None)
                    for name in ("fsync", "synchronous_commit", "server_version", "max_connections")}
        if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
            raise AssertionError(f"measured on durable commits only, not with {settings}")
        rounds = {"notify": [], "durable": [], "notified": [], "command": [], "extra": []}
        env = {**db.environment(), "PGPASSWORD": password}
        for number in range(ROUNDS):
            print(f"  round {number + 1} of {ROUNDS}: {SAMPLES} samples of each kind, taking turns", flush=True)
            done = subprocess.run([ROOT / "build" / "bench" / "p5", str(stack.port), "bench-agent", key, str(SAMPLES), "50", "127.0.0.1"],
                                  env=env, text=True, capture_output=True, timeout=300)
            if done.returncode:
                raise AssertionError(f"p5: exit {done.returncode}: {done.stderr}")
            found = {name: [] for name in rounds}
            for line in done.stdout.splitlines():
                kind, notified, _, framed = line.split()
                if kind == "command":
                    found["notified"].append(float(notified))
                    found["command"].append(float(framed))
                    found["extra"].append(float(framed) - float(notified))
                else:
                    found[kind].append(float(notified))
            for name, values in found.items():
                rounds[name].append((percentile(values, 0.5), percentile(values, 0.99)))
        connections = db.query("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend';", user=None)
        figure = {name: (statistics.median(v[0] for v in values), statistics.median(v[1] for v in values))
                  for name, values in rounds.items()}
        lines = (
            ("bare NOTIFY -> notification read", "notify"),
            ("COMMIT of a row and a NOTIFY -> notification read", "durable"),
            ("COMMIT of create_session -> notification read", "notified"),
            ("  the same commit -> command frame read", "command"),
            ("  frame after notification", "extra"))
        print(f"""
P5: commit -> agent, against a bare NOTIFY round trip; medians of {ROUNDS} rounds of {SAMPLES} samples, micro-seconds
  PostgreSQL {settings['server_version']}, fsync {settings['fsync']}, synchronous_commit {settings['synchronous_commit']}, \
{connections} client connections of the server left, 3 of the generator, 1 agent; listener and agent by TCP on loopback
  {'':50}       p50       p99""")
        for text, name in lines:
            print(f"  {text:50} {figure[name][0]:9.1f} {figure[name][1]:9.1f}")
        print(f"  frame / notification of the same commit: p50 {figure['command'][0] / figure['notified'][0]:.2f}, "
              f"p99 {figure['command'][1] / figure['notified'][1]:.2f}\n", flush=True)
        if figure["extra"][0] <= 0:
            raise AssertionError("frames came before the notification of their own commit: the machine is too busy to tell")
        for at, name in ((0, "P5"), (1, "P5-p99")):
            ratio = (figure["extra"][at] + figure["notify"][at]) / figure["notify"][at]
            print(f"{name} {ratio:.2f} floor {FLOOR[at]:.2f} goal {GOAL[at]:.2f} {verdict(ratio, FLOOR[at], GOAL[at])}")
    return 0


sys.exit(main())
