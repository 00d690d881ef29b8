#!/usr/bin/python3
"""The token of a stream of events against concurrent writers: nothing is lost, nothing comes twice, and a long writer
delays nobody but itself.

The story: A writes and takes number 1, B writes, takes number 2 and commits; a reader whose cursor is a number reads 2,
moves on, and never sees what A commits afterwards. The control reads that way, next to the real one, and loses it.
"""

import json
import pathlib
import random
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

WRITERS, EACH = 8, 25


def update(session, name):
    return f"SELECT streamspace.update_session(p_session => '{session}', p_name => '{name}') ->> 'name';"


class Reader:
    """Ann, with a token; and beside her one who goes by numbers."""

    def __init__(self, api, actor, root=None):
        self.api, self.actor, self.root = api, actor, root
        self.seen, self.naive, self.last = [], set(), 0
        self.token = self.read(None)["token"]
        self.read_naively()
        self.naive.clear()

    def read(self, token):
        since = "NULL" if token is None else f"'{token}'"
        return json.loads(self.api.ask(f"SELECT streamspace.read_events(p_since => {since}, p_actor => {self.actor});"))

    def poll(self):
        answer = self.read(self.token)
        assert answer["gap"] is None, answer
        self.token = answer["token"]
        items = [(item["id"], item["session"]["name"], item["session"]["revision"]) for item in answer["items"]]
        self.seen += items
        return sorted(name for _, name, _ in items)

    def read_naively(self):
        if self.root is None:
            return
        rows = self.root.ask("SELECT g.signal_id || ' ' || g.session_id FROM streamspace_data.signal AS g"
                             f" WHERE g.signal_id > {self.last} AND g.session_id IS NOT NULL ORDER BY g.signal_id;").split("\n")
        for row in filter(None, rows):
            self.last = int(row.split()[0])
            self.naive.add(row.split()[1])


def stories(t, root, api, actor, sessions):
    reader = Reader(api, actor, root)
    with race.Psql("dba") as late, race.Psql("dba") as early, race.Psql("dba") as third:
        late.ask("BEGIN;")
        t.eq(late.ask(update(sessions[0], "late-0")), "late-0", "a writer has written and not committed")
        early.ask(update(sessions[1], "early-0"))
        t.eq(reader.poll(), ["early-0"], "who began later and committed is told at once")
        before = reader.token
        reader.read_naively()
        late.ask("COMMIT;")
        t.eq(reader.poll(), ["late-0"], "the lower number that commits later is told then")
        reader.read_naively()
        t.eq((sessions[1] in reader.naive, sessions[0] in reader.naive), (True, False), "control: a cursor of numbers has lost it")
        t.eq(root.ask(f"SELECT (SELECT max(g.signal_id) FROM streamspace_data.signal AS g WHERE g.session_id = '{sessions[0]}')"
                      f" < (SELECT max(g.signal_id) FROM streamspace_data.signal AS g WHERE g.session_id = '{sessions[1]}');"), "t",
             "control: its number is the lower one")
        cut = "-".join(before.split("-")[:5])
        t.ok(cut != before, "control: the token names the running writer")
        t.eq(reader.read(cut)["items"], [], "control: without that name it is lost")
        t.eq(reader.poll(), [], "nothing comes twice")

        # a long writer
        late.ask("BEGIN; " + update(sessions[0], "long-0"))
        told = []
        for number in range(20):
            early.ask(update(sessions[1], f"early-{number + 1}"))
            told += reader.poll()
        t.eq(told, [f"early-{n + 1}" for n in range(20)], "while a long writer writes, all others are told at once")
        away = reader.token
        late.ask("COMMIT;")
        t.eq(reader.poll(), ["long-0"], "and it when it commits")
        t.eq([i["id"] for i in reader.read(away)["items"]], [sessions[0]], "also to one who was away, and only it")

        # a number and no row yet; an end without a commit; a savepoint
        late.ask("BEGIN; SELECT pg_current_xact_id();")
        early.ask(update(sessions[1], "early-a"))
        t.eq(reader.poll(), ["early-a"], "a writer with a number and no row yet holds nobody")
        late.ask(update(sessions[0], "late-a"))
        third.ask("BEGIN; " + update(sessions[2], "third-a"))
        late.ask("COMMIT;")
        t.eq(reader.poll(), ["late-a"], "nor is its row lost")
        third.ask("ROLLBACK;")
        t.eq(reader.poll(), [], "what was rolled back is never told")
        late.ask("BEGIN; SAVEPOINT a; " + update(sessions[0], "sub-a") + " RELEASE a; SAVEPOINT b; " + update(sessions[2], "sub-b") + " ROLLBACK TO b;")
        early.ask(update(sessions[1], "early-b"))
        t.eq(reader.poll(), ["early-b"], "a writer inside of a savepoint")
        late.ask("COMMIT;")
        t.eq(reader.poll(), ["sub-a"], "is told by what it kept of it")

        # a reader whose snapshot is old
        api.ask("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;")
        early.ask(update(sessions[1], "early-c"))
        t.eq(reader.poll(), [], "a reader with an old snapshot sees nothing newer")
        api.ask("COMMIT;")
        t.eq(reader.poll(), ["early-c"], "and its token says so")

        # retention does not overtake a long writer
        root.ask("SET streamspace.clock_offset = '10 minutes'; SELECT streamspace_rules.purge_signals();")
        reader.poll()
        token = reader.token
        late.ask("BEGIN; " + update(sessions[0], "longest"))
        for hours in (2, 4, 6):
            root.ask(f"SET streamspace.clock_offset = '{hours} hours'; SELECT streamspace_rules.purge_signals();")
            early.ask(update(sessions[1], f"hour-{hours}"))
            t.eq(reader.poll(), [f"hour-{hours}"], f"after {hours} hours of a long writer others are told")
        root.ask("SET streamspace.clock_offset = '8 hours'; SELECT streamspace_rules.purge_signals();")
        reader.poll()
        late.ask("COMMIT;")
        for hours in (9, 10):
            root.ask(f"SET streamspace.clock_offset = '{hours} hours'; SELECT streamspace_rules.purge_signals();")
            if hours == 9:
                t.eq(reader.poll(), ["longest"], "and it, however long it took: retention waits for its end")
        t.eq(reader.read(token)["gap"], "token_too_old", "control: retention has gone on")
        root.ask("RESET streamspace.clock_offset;")


def storm(t, root, api, actor, sessions):
    """Writers that commit in another order than they write; each session is written once by a transaction of its own."""
    reader = Reader(api, actor)
    done = threading.Event()
    failures = []

    def write(number):
        choice = random.Random(number)
        mine = sessions[number * EACH:(number + 1) * EACH]
        try:
            with race.Psql("dba") as psql:
                for session in mine:
                    psql.ask("BEGIN; " + update(session, "stormed"))
                    psql.ask(f"SELECT pg_sleep({choice.choice((0, 0, 0.002, 0.02, 0.08))}); COMMIT;")
        except BaseException as error:  # noqa: B902
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    watcher = threading.Thread(target=lambda: ([thread.join() for thread in threads], done.set()))
    watcher.start()
    polls = 0
    while not done.is_set():
        reader.poll()
        polls += 1
    reader.poll()
    watcher.join()
    t.eq(failures, [], f"{WRITERS} writers")
    t.ok(polls > 10, f"control: {polls} reads while they wrote")
    told = [session for session, name, _ in reader.seen if name == "stormed"]
    t.eq(len(told), len(set(told)), "nothing came twice")
    t.eq(sorted(set(told)), sorted(sessions[:WRITERS * EACH]), "nothing was lost")
    t.eq(len(set(reader.seen)), len(reader.seen), "no revision of a session came twice")


def main(t):
    world.make("world")
    actor = world.actor("ann")
    with race.Psql() as root, race.Psql("api") as api:
        root.ask("UPDATE streamspace_data.installation SET login_idle = '365 days';")
        with race.Psql("dba") as dba:
            dba.ask("SELECT streamspace.put_org(p_name => 'red', p_max_sessions => 1000, p_max_sessions_per_user => 1000);")
        sessions = [json.loads(api.ask(f"SELECT streamspace.create_session(p_template => 'term', p_actor => {actor});"))["id"]
                    for _ in range(WRITERS * EACH)]
        stories(t, root, api, actor, sessions)
        storm(t, root, api, actor, sessions)


if __name__ == "__main__":
    harness.main(main)
