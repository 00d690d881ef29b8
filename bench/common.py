"""What the measurements share: a database with tenants in it, a server, pgbench, medians, and the line of a figure."""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.setdefault("STREAMSPACE_BUILD", str(ROOT / "build")))
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import harness  # noqa: E402
from procs import Program, wait_for  # noqa: E402

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
SLOW_MS = 2  # what the preloaded shim adds to fdatasync
SLOW = os.environ.get("BENCH_SLOW_FDATASYNC") == "1"


def under_database(options=()):
    """Runs this program again under a database of its own, unless it has one."""
    if "SS_API_USER" in os.environ:
        return
    with_db = str(ROOT / "tests" / "bin" / "with-db")
    os.execv(with_db, [with_db, *options, "--", sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def env_number(name, default):
    return int(os.environ.get(name, default))


def verdict(value, floor, goal, least=True):
    """pass, floor or short; least: the figure is to be at least so much, else at most."""
    if least:
        return "pass" if value >= goal else "floor" if value >= floor else "short"
    return "pass" if value <= goal else "floor" if value <= floor else "short"


def line(name, value, floor, goal, least=True):
    print(f"{name} {value:.2f} floor {floor:.2f} goal {goal:.2f} {verdict(value, floor, goal, least)}", flush=True)


def sql(text, user=None, **variables):
    """Rows of a statement, as the superuser unless told otherwise; no limit of time."""
    args = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
    for key, value in variables.items():
        args += ["-v", f"{key}={value}"]
    env = dict(os.environ, **({"PGUSER": user} if user else {}))
    done = subprocess.run(args, input=text, env=env, text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout.rstrip("\n")


def settings():
    """What a figure depends on; refuses to measure without fsync."""
    found = {name: sql(f"SHOW {name};") for name in ("fsync", "synchronous_commit", "server_version", "max_connections", "shared_buffers")}
    if found["fsync"] != "on" or found["synchronous_commit"] != "on":
        raise AssertionError(f"measured on durable commits only, not with {found}")
    return found


def say_settings(clients):
    found = settings()
    version = subprocess.run([PGBENCH, "--version"], text=True, capture_output=True, check=True).stdout.strip()
    print(f"  PostgreSQL {found['server_version']}, {version}, fsync {found['fsync']}, synchronous_commit {found['synchronous_commit']}, "
          f"shared_buffers {found['shared_buffers']}, {clients}; {os.cpu_count()} processors for all of it"
          + (f"; fdatasync slowed by {SLOW_MS} ms" if SLOW else ""), flush=True)


def build_shim():
    shim = ROOT / "build" / "bench" / "slowsync.so"
    subprocess.run(["make", "-s", str(shim.relative_to(ROOT))], cwd=ROOT, check=True)
    return shim


def slow_down():
    """Restarts the server of this database with every fdatasync slowed."""
    shim = build_shim()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        os.chmod(directory, 0o755)
        copy = pathlib.Path(directory) / "slowsync.so"  # where the server's user can read it
        shutil.copy(shim, copy)
        control = str(ROOT / "tests" / "bin" / "pg-ctl")
        subprocess.run([control, "stop"], check=True)
        subprocess.run([control, "start"], check=True,
                       env=dict(os.environ, LD_PRELOAD=str(copy), SLOWSYNC_US=str(SLOW_MS * 1000)))


def make_world(tenants, hot_users, agents=8):
    """tenants organisations o1.. with one user u1.. each, one organisation `hot` with users h1.., and agents with room that
    are connected to a server `replica-1`, which is not there and says that it is awake."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "tests/sql/lib/install.sql"], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    many = 1000000
    org = ("t.must('dba', format('SELECT streamspace.put_org(p_name => %L, p_display_name => %L, p_max_sessions => {0},"
           " p_max_sessions_per_user => {0})', {1}, {1}))").format(many, "{0}")
    template = ("t.must('dba', format('SELECT streamspace.put_template(p_name => ''term'', p_org => %L, p_spec => %L)', {0},"
                " '{{\"displayName\": \"Terminal\", \"platforms\": [\"process\"], \"command\": [\"xterm\"]}}'))")
    sql(f"""
        SELECT t.world();
        SELECT t.make_agent('agent-' || n, 'process', {many}) FROM generate_series(1, {agents}) AS n;
        SELECT {org.format("'o' || n")}, {template.format("'o' || n")}, t.make_user('u' || n, 'o' || n)
          FROM generate_series(1, {tenants}) AS n;
        SELECT {org.format("'hot'")}, {template.format("'hot'")};
        SELECT t.make_user('h' || n, 'hot') FROM generate_series(1, {hot_users}) AS n;
        INSERT INTO streamspace_data.doorbell VALUES ('replica-1', clock_timestamp() + interval '1 day');
        VACUUM ANALYZE;
    """)


def keep_agents_alive():
    """The agents of make_world() beat, so that no sweep takes them for silent."""
    sql("""SELECT streamspace.record_heartbeats(p_items => (SELECT jsonb_agg(jsonb_build_object('agent', c.agent_id, 'epoch', c.epoch,
               'status', 'online', 'activeSessions', 0)) FROM streamspace_data.agent_connection AS c WHERE c.disconnected_at IS NULL));""")


def start_server(directory, name, options):
    """A server of its own on the world of make_world(): nobody but the load speaks to it."""
    ports = directory / f"{name}.ports"
    program = Program(name, [BUILD / "streamspaced", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0",
                                    "--port-file", ports, "--log-level", "warning", "--rate-limit-actor", "0", *options],
                             directory / f"{name}.log", {**os.environ, "PGUSER": "api"})

    def ready():
        if not program.running():
            raise AssertionError(program.tail())
        text = ports.read_text() if ports.exists() else ""
        return dict(line.split() for line in text.splitlines()) if text.count("\n") >= 2 else None

    found = wait_for("the server's ports", ready)
    port, program.internal_port = int(found["public"]), int(found["internal"])
    wait_for("/readyz", lambda: harness.Rest(port).get("/readyz").status == 200)
    return program, port


def metric(program, name):
    """A number of /metrics of a server."""
    text = harness.Rest(program.internal_port).get("/metrics").text
    return float(re.search(rf"^streamspace_{name} (\S+)$", text, re.M).group(1))


def token(user):
    """As t.token() of tests/sql/lib/world.sql."""
    import hashlib
    return hashlib.sha256(f"token of {user}".encode()).hexdigest()


CREATE = ("\\set n random(1, {users})\n"
          "SELECT streamspace.create_session(p_template => 'term', p_actor => sha256(convert_to(encode("
          "sha256(convert_to('token of {kind}' || :n, 'UTF8')), 'hex'), 'UTF8')));\n")


def pgbench(script, clients, seconds, user="api"):
    """Transactions a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run([PGBENCH, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", file.name],
                              env=dict(os.environ, PGUSER=user), text=True, capture_output=True)
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.M)
    failed = re.search(r"number of failed transactions: ([0-9]+)", done.stdout)
    if done.returncode or not found or failed is None or int(failed.group(1)):
        raise AssertionError(f"pgbench: {done.stdout}{done.stderr}")
    return float(found.group(1))


def interleaved(rounds, kinds):
    """kinds: {name: function}. Each is run once a round, in turns that begin at another one each time; the medians."""
    found = {name: [] for name in kinds}
    names = list(kinds)
    for number in range(rounds):
        for step in range(len(names)):
            name = names[(number + step) % len(names)]
            found[name].append(kinds[name]())
    return {name: statistics.median(values) for name, values in found.items()}, found
