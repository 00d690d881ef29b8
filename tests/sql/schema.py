#!/usr/bin/python3
"""The golden schema, and the round trip: deploy, verify, revert to nothing, deploy again.

tests/sql/golden/schema.sql is compared with the database that db-install makes; `make golden` rewrites it.
"""

import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import tap  # noqa: E402

GOLDEN = ROOT / "tests" / "sql" / "golden" / "schema.sql"

LEFT_OVER = """
SELECT format('schema %s', n.nspname) FROM pg_namespace AS n WHERE n.nspname LIKE 'streamspace%'
UNION ALL SELECT format('role %s', r.rolname) FROM pg_roles AS r WHERE r.rolname LIKE 'streamspace%'
UNION ALL SELECT format('relation %s', k.oid::regclass) FROM pg_class AS k
 WHERE k.relnamespace NOT IN (SELECT n.oid FROM pg_namespace AS n
                               WHERE n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast', 'sqitch'))
UNION ALL SELECT format('function %s', p.oid::regprocedure) FROM pg_proc AS p
 WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
   AND p.pronamespace::regnamespace::text <> 'sqitch'
UNION ALL SELECT format('type %s', y.oid::regtype) FROM pg_type AS y
 WHERE y.typnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'sqitch')
UNION ALL SELECT format('parameter %s', a.parname) FROM pg_parameter_acl AS a
UNION ALL SELECT format('event trigger %s', e.evtname) FROM pg_event_trigger AS e
UNION ALL SELECT format('default privilege %s', d.oid) FROM pg_default_acl AS d;
"""

PARTITIONS = ("SELECT i.inhrelid::regclass FROM pg_inherits AS i JOIN pg_class AS k ON k.oid = i.inhrelid AND k.relkind = 'r'"
              " ORDER BY k.relname COLLATE \"C\"")


def run(*args, cwd=ROOT):
    return subprocess.run(args, text=True, capture_output=True, cwd=cwd)


def psql(sql):
    done = run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


def sqitch(*args):
    return run("sqitch", "--quiet", *args, "--target", "db:pg:" + os.environ["PGDATABASE"],
               cwd=ROOT / "migrations")


def golden():
    done = run(ROOT / "tests" / "bin" / "golden-schema")
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


def compare(t, got, name):
    want = GOLDEN.read_text()
    if not t.ok(got == want, name):
        t.diag("".join(list(difflib.unified_diff(want.splitlines(True), got.splitlines(True),
                                                 "golden", "database", n=1))[:80]))


def install(t, name):
    done = run(ROOT / "scripts" / "db-install")
    if not t.ok(done.returncode == 0, name):
        t.diag(done.stdout + done.stderr)


def succeeds(t, done, name):
    if not t.ok(done.returncode == 0, name):
        t.diag(done.stdout + done.stderr)


def main(t):
    os.environ["PGDATABASE"] = "streamspace"
    install(t, "db-install on an empty server")
    first = golden()
    compare(t, first, "the schema is the golden one")
    t.ok(len(first.splitlines()) > 300 and "CREATE POLICY" in first, "the golden schema is not an empty shell")
    psql("CREATE TABLE streamspace_data.planted (planted_id int)")
    t.ok(golden() != first, "control: a planted table shows in it")
    psql("DROP TABLE streamspace_data.planted")

    partitions = psql(PARTITIONS).split()
    psql("DROP TABLE " + ", ".join(name for name in partitions if name.endswith(partitions[-1][-6:])))
    psql("CREATE TABLE streamspace_data.audit_log_202001 PARTITION OF streamspace_data.audit_log"
         " FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')")
    t.ok(golden() == first, "the golden schema is the same whatever the month: partitions do not show")
    psql("DROP TABLE streamspace_data.audit_log_202001; SELECT streamspace.tick(p_limit => 10)")
    t.eq(psql(PARTITIONS).split(), partitions, "a sweep makes the partitions that are missing")

    install(t, "db-install again: nothing to do")
    compare(t, golden(), "the second install changed nothing")
    psql("CREATE FUNCTION streamspace_rules.old_helper() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    psql("CREATE FUNCTION streamspace.get_session(int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    install(t, "db-install over a function of nobody")
    compare(t, golden(), "which is gone: no old overload survives")
    t.eq(psql("SELECT to_regproc('streamspace_rules.old_helper') IS NULL"), "t\n", "nor an old helper")

    succeeds(t, sqitch("verify"), "sqitch verify")
    psql("ALTER TABLE streamspace_data.session RENAME COLUMN desired_state TO wanted")
    t.ok(sqitch("verify").returncode != 0, "control: verify misses a column that is gone")
    psql("ALTER TABLE streamspace_data.session RENAME COLUMN wanted TO desired_state")

    succeeds(t, sqitch("revert", "-y"), "sqitch revert to nothing")
    t.eq(psql(LEFT_OVER), "", "no object of ours is left")
    install(t, "db-install after the revert")
    compare(t, golden(), "and the schema is the golden one again")


if __name__ == "__main__":
    if "SS_PGDIR" not in os.environ:
        with_postgres = str(ROOT / "tests" / "bin" / "with-postgres")
        os.execv(with_postgres, [with_postgres, "--", sys.executable, os.path.abspath(__file__)])
    tap.run(main)
