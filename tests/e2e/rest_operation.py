#!/usr/bin/python3
"""/livez, /readyz and /metrics, also while the database is away or has another schema."""

import re
import subprocess

import harness

LINE = re.compile(r'^([a-z_]+)(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (-?[0-9.e+]+|\+Inf)$')


def metrics(t, stack, user):
    inside = harness.Rest(stack.internal_port)
    user.get("/api/v1/me")
    # A request counts once its connection has let go of it, a moment after its answer is here.
    harness.wait_for("the request to be counted", lambda: 'route="get_me"' in inside.get("/metrics").text)
    answer = inside.get("/metrics")
    t.eq(answer.status, 200, "/metrics")
    t.like(answer.headers["Content-Type"], r"^text/plain; version=0\.0\.4", "in the text format")
    kinds, helped, wrong, names = {}, set(), [], set()
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            kinds[line.split()[2]] = line.split()[3]
        elif line.startswith("# HELP "):
            helped.add(line.split()[2])
        elif not LINE.match(line):
            wrong.append(line)
        else:
            names.add(re.sub(r"_(bucket|sum|count)$", "", line.split("{")[0].split()[0]))
    t.eq(wrong, [], "every line is a sample")
    t.eq(sorted(names - set(kinds) - {n for n in names if f"{n}_count" in kinds}), [], "every metric has a TYPE")
    t.eq(sorted(set(kinds) ^ helped), [], "and a HELP")
    t.eq([n for n, k in kinds.items() if (k == "counter") != n.endswith("_total")], [], "counters end in _total, others do not")
    t.like(answer.text, r'streamspace_http_requests_total\{route="get_me",method="GET",status="200"\} [1-9]', "requests are counted")
    t.like(answer.text, r'streamspace_http_request_duration_seconds_count\{route="get_me"\} [1-9]', "and timed")
    t.like(answer.text, r'streamspace_build_info\{version="[0-9.]+",schema="[a-z_]+"\} 1', "build info")
    t.like(answer.text, r"streamspace_dispatch_listening [01]", "the dispatcher is among them")
    stack.template("terminal")
    user.must("POST", "/api/v1/sessions", {"template": "terminal"}, status=201)
    harness.wait_for("the session to be counted",
                     lambda: 'streamspace_sessions{state="pending"} 1' in inside.get("/metrics").text)
    t.ok(True, "sessions by state")
    for name in ("agents_pending_approval", "orphans", "cleanup_debts", "audit_unsealed"):
        t.like(inside.get("/metrics").text, rf"(?m)^streamspace_{name} [0-9]+$", f"{name}")
    t.eq(inside.get("/api/v1/me").status, 404, "the internal listener has no API")
    t.eq(stack.anonymous().get("/metrics").status, 404, "the public one no metrics")
    t.eq(inside.get("/livez").json, {"status": "alive"}, "/livez inside")
    t.eq(inside.get("/readyz").json["status"], "ready", "/readyz inside")


def pg_ctl(word):
    subprocess.run([harness.ROOT / "tests" / "bin" / "pg-ctl", word], check=True, timeout=90)


def without_database(t, stack, user):
    pg_ctl("stop")
    public = stack.anonymous()
    answer = harness.wait_for("/readyz to say 503", lambda: not_ready(public))
    t.eq((answer.json["status"], answer.json["database"]), ("not_ready", False), "/readyz: no database")
    t.eq(public.get("/livez").status, 200, "/livez: alive all the same")
    t.eq(harness.Rest(stack.internal_port).get("/metrics").status, 200, "/metrics all the same")
    answer = user.get("/api/v1/me")
    t.eq((answer.status, answer.code), (503, "database_unavailable"), "a request: 503 database_unavailable")
    t.ok(int(answer.headers["Retry-After"]) > 0, "with Retry-After")
    answer = public.post("/api/v1/login", {"user": "ada", "password": user.password})
    t.eq((answer.status, answer.code), (503, "database_unavailable"), "a log-in too")
    pg_ctl("start")
    harness.wait_for("/readyz", lambda: public.get("/readyz").status == 200)
    t.eq(user.get("/api/v1/me").status, 200, "the database is back, and so is the server")


def not_ready(client):
    answer = client.get("/readyz")
    return answer if answer.status == 503 else None


def other_schema(t, stack):
    """What a database with other migrations says: the list of those whose servers it serves is the only place."""
    own = stack.db.query("SELECT array_to_string(streamspace_rules.schema_versions(), ',');", user=None).split(",")
    first = re.search(r"(?m)^([a-z_]+) ", (harness.ROOT / "migrations" / "sqitch.plan").read_text()).group(1)
    wait = ("wait-schema", "--schema-wait=0")
    environment = stack.server_environment()
    t.eq(run(*wait, **environment).returncode, 0, "wait-schema: the schema is there")
    serves(stack, [first])
    answer = harness.wait_for("/readyz to say 503", lambda: not_ready(stack.anonymous()))
    t.eq((answer.json["database"], answer.json["schema"]), (True, False), "/readyz: an older schema")
    t.like(answer.json["reason"], f"the database has {first}, this needs {own[-1]}$", "and which")
    done = run(*wait, **environment)
    t.eq(done.returncode, 4, "wait-schema: an older schema until the end")
    t.like(done.stderr, f"not_served .*has {first}, this needs", "and it says so")

    serves(stack, [*own, "to_come"])
    harness.wait_for("/readyz", lambda: stack.anonymous().get("/readyz").status == 200)
    t.ok(True, "/readyz: a newer schema that goes on serving servers of this one")
    done = run(*wait, **environment)
    t.eq(done.returncode, 0, "wait-schema takes it too")
    t.like(done.stderr, "served version=to_come", "and says which it is")

    serves(stack, ["to_come", "far_away"])
    answer = harness.wait_for("/readyz to say 503", lambda: not_ready(stack.anonymous()))
    t.like(answer.json["reason"], f"has far_away and serves servers from to_come on, this one is of {own[-1]}", "/readyz: contracted")
    done = run("wait-schema", "--schema-wait=1h", **environment)
    t.eq(done.returncode, 4, "wait-schema: a schema that serves this server no more is not waited for")

    serves(stack, [first])
    waiting = subprocess.Popen([harness.BUILD / "streamspaced", "wait-schema", f"--schema-wait={int(harness.PATIENCE)}s"],
                               env={**harness.os.environ, **harness.HANDED_ON, **environment}, stderr=subprocess.PIPE, text=True)
    t.like(waiting.stderr.readline(), "schema waiting reason=", "wait-schema: it waits, and says for what")
    serves(stack, own)
    t.eq(waiting.wait(harness.PATIENCE), 0, "until the migration is there")
    waiting.stderr.close()
    harness.wait_for("/readyz", lambda: stack.anonymous().get("/readyz").status == 200)


def serves(stack, versions):
    """Replaces the list of schema versions, which is all that distinguishes these databases."""
    names = ", ".join(f"'{version}'" for version in versions)
    stack.db.query("CREATE OR REPLACE FUNCTION streamspace_rules.schema_versions() RETURNS text[] LANGUAGE sql"
                   f" IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$ SELECT ARRAY[{names}] $$;", user=None)


def run(*args, **env):
    environment = {**harness.os.environ, **harness.HANDED_ON, **env}
    return subprocess.run([harness.BUILD / "streamspaced", *args], env=environment, capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL)


def command_line(t, stack):
    done = run("--help")
    t.ok(done.returncode == 0 and "--internal-listen" in done.stdout and "Exit codes" in done.stdout, "--help")
    t.like(run("--version").stdout, r"[0-9]+\.[0-9]+", "--version")
    done = run("--print-config", STREAMSPACED_DB_POOL="3")
    t.ok(done.returncode == 0 and "db_pool = 3" in done.stdout, "--print-config shows what the environment said")
    config = stack.file("server.conf", done.stdout)
    t.eq(run("--config", config, "--print-config").stdout, done.stdout, "and is a configuration file")
    t.eq(run("--colour=red").returncode, 2, "an unknown flag")
    t.eq(run("--db-pool=1000").returncode, 2, "a value out of range")
    t.eq(run("--log-level=loud").returncode, 2, "a log level that is none")
    t.eq(run("dance").returncode, 2, "an unknown command")
    t.eq(run("--listen=nowhere").returncode, 5, "an address that is none")
    t.eq(run(f"--listen=127.0.0.1:{stack.port}", "--internal-listen=127.0.0.1:0").returncode, 5, "an address in use")
    done = run("--listen=127.0.0.1:0", "--internal-listen=127.0.0.1:0", "--db-wait=0", "--database=absent", **stack.server_environment())
    t.eq(done.returncode, 3, "a database that is not there")
    stack.db.query("CREATE DATABASE empty;", user=None)
    stack.db.query("CREATE ROLE stranger LOGIN;", user=None)
    ports = ("--listen=127.0.0.1:0", "--internal-listen=127.0.0.1:0", "--db-wait=0")
    done = run(*ports, "--database=empty", **stack.server_environment())
    t.eq(done.returncode, 4, "a database without our schema")
    done = run("init", "--admin", "other", "--admin-password-file", stack.dir / "admin.password", "--bootstrap-key-file",
               stack.dir / "bootstrap.key", "--database=empty", **stack.server_environment())
    t.eq(done.returncode, 4, "init in a database without our schema")
    done = run(*ports, **{**stack.server_environment(), "PGUSER": "stranger"})
    t.eq(done.returncode, 3, "a log-in that is no member of streamspace_api")
    done = run("init", "--admin", "other", "--admin-password-file", stack.dir / "admin.password", **stack.server_environment())
    t.eq(done.returncode, 6, "init a second time")
    key = stack.dir / "made.key"
    done = run("init", "--admin", "other", "--bootstrap-key-file", key, **stack.server_environment())
    t.eq((done.returncode, list(stack.dir.glob("made.key*"))), (6, []), "leaves no key behind")
    t.ok("password" not in done.stdout, "and shows no password")
    done = run("init", "--if-needed", "--admin", "other", "--bootstrap-key-file", key, **stack.server_environment())
    t.eq((done.returncode, list(stack.dir.glob("made.key*"))), (0, []), "init --if-needed: success, no key")
    t.eq(done.stdout, "already initialized: no organisation, administrator or key was changed\n", "and no password")
    done = run("init", "--if-needed", "--database=empty", "--admin-password-file", stack.dir / "admin.password", **stack.server_environment())
    t.eq(done.returncode, 4, "init --if-needed in a database without our schema")
    done = run("wait-schema", "--schema-wait=0", "--database=empty", **stack.server_environment())
    t.eq(done.returncode, 4, "wait-schema: a database without our schema")
    done = run("wait-schema", "--schema-wait=0", "--database=absent", **stack.server_environment())
    t.eq(done.returncode, 3, "wait-schema: a database that is not there")
    done = run("wait-schema", "--schema-wait=0", **{**stack.server_environment(), "PGUSER": "stranger"})
    t.eq(done.returncode, 3, "wait-schema: a log-in that is no member of streamspace_api")


def main(t):
    with harness.Stack() as stack:
        user = stack.user("ada")
        metrics(t, stack, user)
        other_schema(t, stack)
        without_database(t, stack, user)
        command_line(t, stack)
        t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
