#!/usr/bin/python3
"""No list reads a table from end to end: every list with every filter, at a size where that would hurt, its plans as
auto_explain tells them from inside of the functions. Each is called until PL/pgSQL has chosen a generic plan too.

LIST_SESSIONS makes the tables larger (bench/p11.py measures with 1,000,000).
"""

import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

SESSIONS = int(os.environ.get("LIST_SESSIONS", 40000))
CALLS = 6  # beside one for a whole page: a generic plan is considered from the sixth call on
EXPLAIN = """LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_level = 'notice'; SET client_min_messages = 'notice';"""


def text(call, cursor=None, limit=100):
    arguments = [call["call"]] if call["call"] else []
    arguments += [f"p_limit => {limit}", f"p_cursor => {'NULL' if cursor is None else chr(39) + cursor + chr(39)}",
                  f"p_actor => t.actor('{call['actor']}')"]
    return f"streamspace.{call['function']}({', '.join(arguments)})"


def psql(sql):
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1"], input=sql, text=True, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def scans(notices, large):
    """Large tables that were read from end to end."""
    return sorted({name for name in re.findall(r"Seq Scan on (\w+)", notices) if name in large})


def main(t):
    world.make("world")
    with race.Psql() as root:
        root.ask("SET statement_timeout = 0;")
        root.ask(f"SELECT t.fill({SESSIONS});")
        root.ask("VACUUM ANALYZE;")
        t.eq(root.ask("SELECT string_agg(c, ', ') FROM t.unlisted_calls() AS c;"), "", "every list of the catalogue is among the calls")
        calls = json.loads(root.ask("SELECT json_agg(c) FROM t.list_calls() AS c;"))
        large = set(root.ask("SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'streamspace_data'::regnamespace"
                             f" AND c.relkind = 'r' AND c.reltuples > {SESSIONS // 100};").split())
        t.ok(len(large) >= 10, f"there are {len(large)} large tables and {len(calls)} calls")
    for call in calls:
        name = f"{call['function']}({call['call']}) of {call['actor']}"
        status, out, errors = psql(f"SELECT {text(call)};")
        page = json.loads(out) if status == 0 else {"items": [], "next_cursor": None}
        full = call["function"] != "list_groups" or not call["call"]
        cursor = page["next_cursor"]
        again = "".join(f"SELECT length({text(call, c, limit)}::text);\n" for c, limit in [(None, 100)] + CALLS * [(cursor, 2)])
        status, _, errors = psql(EXPLAIN + again) if status == 0 else (status, "", errors)
        if status:
            t.ok(False, f"{name}: {errors[-300:]}")
            continue
        if full and (len(page["items"]) != 100 or not cursor):
            t.ok(False, f"{name}: the page is not full ({len(page['items'])})")
            continue
        t.eq(scans(errors, large), [], f"{name}: no scan")
    _, _, errors = psql(EXPLAIN + "SELECT count(*) FROM streamspace_data.session AS s WHERE s.message = 'x';")
    t.eq(scans(errors, large), ["session"], "control: a scan is seen")


if __name__ == "__main__":
    harness.main(main)
