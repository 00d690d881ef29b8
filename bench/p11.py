#!/usr/bin/python3
"""P11: a page of a list among 1,000,000 sessions against the same page among 1,000. See bench/README.md for the method."""
import json
import statistics
import subprocess
import time

import common

SESSIONS = common.env_number("P11_SESSIONS", 1000000)
CALLS = common.env_number("P11_CALLS", 30)
AGAIN = common.env_number("P11_AGAIN", 8)  # the worst so many are measured again, with five times the calls
SMALL, LARGE = "small", "streamspace"
PAGE = 100
PLANNED = 8  # calls of a connection until its plans are settled


def text(call, cursor):
    arguments = [call["call"]] if call["call"] else []
    arguments += [f"p_limit => {PAGE}", f"p_cursor => '{cursor}'" if cursor else "p_cursor => NULL",
                  f"p_actor => t.actor('{call['actor']}')"]
    return f"SELECT length(streamspace.{call['function']}({', '.join(arguments)})::text);\n"


def in_database(name, statement):
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", name], input=statement, text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout.strip()


def fill(name, sessions, begin):
    """Makes the rows of one database, and says how far it is: at 1,000,000 sessions that takes minutes."""
    process = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", name, "-c", f"DO $$ BEGIN PERFORM t.fill({sessions}); END $$",
                                "-c", "VACUUM ANALYZE"], text=True, stderr=subprocess.PIPE)
    said = ""
    for said in process.stderr:
        print(f"  {time.monotonic() - begin:5.0f} s  {sessions:,} sessions: {said.strip().removeprefix('NOTICE:').strip()}", flush=True)
    if process.wait():
        raise AssertionError(said)


class Connection:
    """psql on one of the databases, which says how long a statement took."""

    def __init__(self, database):
        self.process = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.process.stdin.write("\\timing on\n")

    def time(self, statement):
        """Micro-seconds."""
        self.process.stdin.write(statement)
        self.process.stdin.flush()
        said = []
        for entry in self.process.stdout:
            if entry.startswith("Time:"):
                return float(entry.split()[1]) * 1000
            said.append(entry)
        raise AssertionError("".join(said))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(page, calls):
    """(median among many, median among few) of one page, in micro-seconds; call by call in turns."""
    connections = {database: Connection(database) for database in (SMALL, LARGE)}
    found = {SMALL: [], LARGE: []}
    for number in range(PLANNED + calls):
        for database in (SMALL, LARGE) if number % 2 == 0 else (LARGE, SMALL):
            found[database].append(connections[database].time(page[database]))
    for connection in connections.values():
        connection.close()
    return statistics.median(found[LARGE][PLANNED:]), statistics.median(found[SMALL][PLANNED:])


def content(database, script):
    """Number of items of a page, and the cursor behind it."""
    query = script.replace("SELECT length(", "SELECT json_build_array(jsonb_array_length(p -> 'items'), p ->> 'next_cursor') FROM (SELECT ", 1)
    return json.loads(in_database(database, query.replace("::text);", " AS p) AS q;")))


def pages(calls):
    """(name, script, items), the last two by database, of the first page of each list and of the next one where both have it."""
    for call in calls:
        name = f"{call['function']}({call['call']}) of {call['actor']}"
        first = {database: text(call, None) for database in (SMALL, LARGE)}
        found = {database: content(database, first[database]) for database in first}
        yield name, first, {database: items for database, (items, _) in found.items()}
        if all(cursor for _, cursor in found.values()):
            following = {database: text(call, found[database][1]) for database in first}
            yield name + ", next page", following, {database: content(database, following[database])[0] for database in following}


def ratio(times, items):
    """Of two pages; by item where they differ in length, since among 1,000 sessions a narrow filter finds no 100."""
    longer = items[LARGE] / items[SMALL] if items[SMALL] else 1
    return times[0] / times[1] / max(1, longer)


def say(name, times, items):
    length = f"{items[LARGE]} and {items[SMALL]} items" if items[LARGE] != items[SMALL] else f"{items[SMALL]} items"
    print(f"  {ratio(times, items):6.2f} {times[0]:10.0f} us {times[1]:10.0f} us  {name}: {length}", flush=True)


def main():
    common.under_database()
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "tests/sql/lib/install.sql"], cwd=common.ROOT, text=True, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    common.sql("SELECT t.world();")
    in_database("postgres", f"CREATE DATABASE {SMALL} TEMPLATE {LARGE};")
    unlisted = common.sql("SELECT string_agg(c, ', ') FROM t.unlisted_calls() AS c;")
    if unlisted:
        raise AssertionError(f"lists that are not measured: {unlisted}")
    begin = time.monotonic()
    for database, sessions in ((SMALL, 1000), (LARGE, SESSIONS)):
        fill(database, sessions, begin)
    print(f"\nP11: pages of {PAGE} among {SESSIONS:,} sessions against among 1,000 (made in {time.monotonic() - begin:.0f} s); medians of"
          f" {CALLS} calls, taking turns; of the worst {AGAIN}, of {5 * CALLS} calls", flush=True)
    common.say_settings("2 clients, psql, one a database")
    calls = json.loads(common.sql("SELECT json_agg(c) FROM t.list_calls() AS c;"))
    found, asked = {}, {}
    for name, script, items in pages(calls):
        asked[name] = script, items
        found[name] = measure(script, CALLS)
        say(name, found[name], items)

    def figure(name):
        return ratio(found[name], asked[name][1])

    print(f"the worst {AGAIN} again", flush=True)
    for name in sorted(found, key=figure)[-AGAIN:]:
        found[name] = measure(asked[name][0], 5 * CALLS)
        say(name, found[name], asked[name][1])
    common.line("P11", max(map(figure, found)), 2.0, 1.2, least=False)
    common.line("P11-sessions", max(figure(name) for name in found if name.startswith("list_sessions")), 2.0, 1.2, least=False)
    return 0


if __name__ == "__main__":
    common.sys.exit(main())
