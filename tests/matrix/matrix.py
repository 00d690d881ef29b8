"""The matrix: who may do what. Reads expectations.txt, calls.txt and the world, and makes cells of them.

A cell is one call by one caller on the subject of one column, and what it must come to. functions.py runs the cells
through psql, routes.py their like through a server, mutants.py some of them after each way to break the product.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

ACTORS = {"platform_admin": "pat", "org_admin": "amy", "operator": "oda", "user": "ann", "auditor": "abe"}
SUBJECTS = ("own", "same", "other")
DEAD = {"unused": "ida", "expired": "lea", "ended": "rex", "inactive": "ina", "one_time": "una"}
ALONE = ("nobody", "agent", "reader", "dead", "dba", "stale")
LOGINS = ("api", "dba", "monitor")
COLUMNS = ("LINE", "CALLS", *ACTORS, *ALONE)

Cell = collections.namedtuple("Cell", "line caller subject name want")
# line: of expectations.txt; caller: a role, or a word of ALONE; subject: own, same or other; name: for people


def rows(path):
    for number, line in enumerate((HERE / path).read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield f"{path}:{number}", [part.strip() for part in line.split("|")]


def expectations():
    """line -> {caller: {subject: want}}, in the order of the file; raises where the file is not well formed."""
    lines = {}
    for place, parts in rows("expectations.txt"):
        if parts[0] == "LINE":
            if tuple(parts) != COLUMNS:
                raise ValueError(f"{place}: the columns are {' | '.join(COLUMNS)}")
            continue
        if len(parts) != len(COLUMNS):
            raise ValueError(f"{place}: {len(parts)} columns")
        if parts[0] in lines:
            raise ValueError(f"{place}: {parts[0]} stands there twice")
        calls = parts[1].split()
        if not calls or list(calls) != [s for s in SUBJECTS if s in calls]:
            raise ValueError(f"{place}: calls {parts[1]!r}")
        want = {}
        for caller, text in zip(COLUMNS[2:], parts[2:]):
            words = text.split()
            if caller in ALONE:
                words = words or [""]
                if len(words) != 1:
                    raise ValueError(f"{place}: {caller} has one word")
                want[caller] = {calls[0]: words[0]}
            else:
                if len(words) == 1:
                    words *= len(calls)
                if len(words) != len(calls):
                    raise ValueError(f"{place}: {caller} has {len(words)} words for {len(calls)} calls")
                want[caller] = dict(zip(calls, words))
            if any(not re.fullmatch(r"\+|\.|[a-z_]+|[0-9A-Z]{5}", w) for w in want[caller].values()):
                raise ValueError(f"{place}: {caller}: {text!r}")
        lines[parts[0]] = want
    return lines


def cells(lines):
    """Every cell of the file that is a call."""
    for line, want in lines.items():
        for caller in COLUMNS[2:]:
            for subject, word in want[caller].items():
                if word == ".":
                    continue
                for dead in DEAD if caller == "dead" else ("",):
                    name = f"{line} {caller}{' ' + dead if dead else ''} {subject}"
                    yield Cell(line, caller, subject, name, "ok" if word == "+" else word)


def calls():
    """line -> (call, what the answer contains)"""
    found = {}
    for place, parts in rows("calls.txt"):
        parts += [""] * (3 - len(parts))
        if parts[0] in found or len(parts) > 3:
            raise ValueError(f"{place}: not well formed, or twice")
        found[parts[0]] = (parts[1], parts[2])
    return found


def views():
    """view or function() -> {login: want}, of views.txt"""
    found = {}
    for place, parts in rows("views.txt"):
        if parts[0] == "VIEW":
            if parts != ["VIEW", *LOGINS]:
                raise ValueError(f"{place}: the columns are VIEW | {' | '.join(LOGINS)}")
        elif len(parts) != 4 or parts[0] in found:
            raise ValueError(f"{place}: not well formed, or twice")
        else:
            found[parts[0]] = {login: "ok" if word == "+" else word for login, word in zip(LOGINS, parts[1:])}
    return found


def view_cells(known):
    """(name, login, statement, want) of every cell of views.txt"""
    for view, want in known.items():
        for login in LOGINS:
            yield f"{view} {login}", login, f"SELECT count(*) FROM streamspace.{view} AS x", want[login]


def function_of(line):
    return line.split(":")[0]


# --- psql ---------------------------------------------------------------------------------------


def psql(*scripts, user=None):
    """Run these texts one after the other in one session; the rows of all of them."""
    env = dict(os.environ, PGOPTIONS="-c client_min_messages=warning -c search_path=public")
    if user:
        env["PGUSER"] = user
    done = subprocess.run(["psql", "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1"], input="\n".join(scripts), env=env, text=True,
                          capture_output=True, cwd=ROOT)
    if done.returncode:
        raise AssertionError(done.stderr[-3000:])
    return [row.split("\x1f") for row in done.stdout.splitlines()]


def build_world():
    psql("\\i tests/sql/lib/install.sql", "\\i tests/matrix/world.sql", "SELECT m.build();",
         "CREATE ROLE monitor LOGIN IN ROLE streamspace_monitor;")
    # A seal takes what was committed before the one before it looked.
    psql("SELECT streamspace.seal_audit();", "SELECT streamspace.seal_audit();", user="api")
    psql("""INSERT INTO streamspace_data.audit_mark SELECT o.org_id, '2020-01-01', 1, sha256('x'), 1, '3', now() FROM streamspace_data.org AS o;""")


def literal(text):
    return "NULL" if text is None else "'" + str(text).replace("'", "''") + "'"


class World:
    """Whose things there are, once they are built."""

    def __init__(self):
        self.things = collections.defaultdict(dict)
        for person, var, value in psql("SELECT person, var, value FROM m.subject;"):
            self.things[person][var] = value
        self.shared = dict(self.things["art"])
        names = [*ACTORS.values(), *DEAD.values(), "agent-1", "agent-new", "key of pat"]
        self.tokens = dict(psql(*(f"SELECT {literal(n)}, t.token({literal(n)});" for n in names)))
        self.passwords = dict(psql(*(f"SELECT {literal(n)}, t.password_hash({literal(n)});" for n in self.things)))
        self.hashes = dict(psql(*(f"SELECT {literal(n)}, encode(t.actor({literal(n)}), 'hex');" for n in names)))

    def caller(self, cell):
        """The name behind the caller of a cell: whose token is sent; None for nobody."""
        if cell.caller in ACTORS:
            return ACTORS[cell.caller]
        if cell.caller == "dead":
            return DEAD[cell.name.split()[2]]
        return {"agent": "agent-1", "reader": "key of pat", "stale": "pat"}.get(cell.caller)

    def variables(self, cell):
        """What the words of a call stand for in this cell."""
        actor = ACTORS.get(cell.caller, "pat")
        owner = {"own": actor, "same": "art", "other": "bob"}[cell.subject]
        found = {**self.things[owner]}
        for var in ("viewed", "controlled", "lent", "among_others", "waiting_home"):
            found[var] = self.shared[var]
        found["org"] = "blue" if cell.subject == "other" else "red" if cell.caller == "dba" else None
        found["orgs"] = "blue" if cell.subject == "other" else "red"
        found["me"] = actor
        found["here"] = "bob" if cell.subject == "other" else actor
        found["pat_login"], found["pat_key"] = self.things["pat"]["login"], self.things["pat"]["key"]
        found["pat_running"] = self.things["pat"]["running"]
        found["new_prefix"] = self.hashes["agent-new"][:8]
        found["hash"] = self.passwords[owner]
        found["own_hash"] = self.passwords[actor]
        found["hash256"] = "\\x" + "5a" * 32
        name = self.caller(cell)
        found["actor"] = self.hashes[name] if name else None
        return found, actor


def sql_of(cell, call, world, takes_actor):
    """The statement of a cell, and what its answer contains or the path of its error."""
    variables, actor = world.variables(cell)
    text, finds = call

    def put(match):
        return literal(variables[match.group(1)])

    arguments = [re.sub(r"(?<![\w\"]):([a-z][a-z_0-9]*)", put, text)] if text else []
    if takes_actor:
        name = world.caller(cell)
        arguments.append("p_actor => " + (f"'\\x{world.hashes[name]}'::bytea" if name else "NULL"))
    if cell.caller == "stale":
        arguments.append("p_if_revision => 424242")
    statement = f"SELECT streamspace.{function_of(cell.line)}({', '.join(arguments)})"
    if finds.startswith("@"):
        return statement, None, "{" + finds[1:] + "}"
    if finds:
        finds = variables[finds[1:]] if finds.startswith(":") else finds
    return statement, finds or None, None


def login_of(cell):
    return "dba" if cell.caller == "dba" else "api"


def store(world, wanted, functions, known_calls):
    """Put cells into m.cell; their numbers, in order."""
    values = []
    for number, cell in enumerate(wanted):
        statement, finds, path = sql_of(cell, known_calls[cell.line], world, functions[function_of(cell.line)]["takes_actor"])
        values.append(f"({number}, {literal(cell.name)}, {literal(login_of(cell))}, {literal(statement)}, {literal(finds)}, "
                      f"{literal(path)}, {literal(cell.want)})")
    psql("INSERT INTO m.cell VALUES " + ",\n".join(values) + ";")


def functions():
    """name -> what the catalogue says of every function of schema streamspace."""
    text = psql("""SELECT json_object_agg(p.proname, json_build_object('takes_actor', 'p_actor' = ANY (coalesce(p.proargnames, '{}')),
        'takes_revision', 'p_if_revision' = ANY (coalesce(p.proargnames, '{}')), 'oid', p.oid::bigint,
        'api', has_function_privilege('streamspace_api', p.oid, 'EXECUTE'), 'dba', has_function_privilege('streamspace_dba', p.oid, 'EXECUTE')))
        FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace;""")
    return json.loads("\n".join("\x1f".join(r) for r in text))


def main(body):
    """Run body(tap) with an installed database: here, or in a run of this file under with-db."""
    import harness
    harness.main(body)
