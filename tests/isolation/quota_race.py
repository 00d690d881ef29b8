#!/usr/bin/python3
"""60 connections against a limit of 5: half of them REST, half of them psql.

The story: an implementation that counts first and inserts then let 24 of 60 parallel creates pass a limit of
5. Here exactly 5 may pass, the other 55 all hear quota_exceeded, for the limit of a user and for that of an
organisation; and the counters equal the rows, also after creates and terminates ran mixed.
"""

import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

PARALLEL = 60
LIMIT = 5
ROUNDS = 8


class Served(harness.Stack):
    """A server on the world of tests/sql/lib instead of a fresh installation."""

    def init(self):
        world.make()
        self.admin = harness.Rest(0)


def token(name):
    with race.Psql() as psql:
        return psql.ask(f"SELECT t.token('{name}');")


def rest_create(port, name):
    """A function that creates a session as this user through REST and answers its outcome."""
    client = harness.Rest(port, token(name))

    def call():
        answer = client.post("/api/v1/sessions", {"template": "term"}, timeout=120)
        return ("ok", answer.json["id"]) if answer.status == 201 else (answer.code, repr(answer))

    return call


def dba_create(name, org):
    return "dba", f"SELECT streamspace.create_session(p_template => 'term', p_owner => '{name}', p_org => '{org}') ->> 'id';"


def check(t, root, outcomes, scope, where):
    passed = [o for o in outcomes if o[0] == "ok"]
    refused = [o for o in outcomes if o[0] == "quota_exceeded"]
    t.eq(len(outcomes), PARALLEL, f"{where}: {PARALLEL} connections asked")
    t.eq(len(passed), LIMIT, f"{where}: exactly {LIMIT} passed")
    t.eq(len(refused), PARALLEL - LIMIT, f"{where}: the other {PARALLEL - LIMIT} all heard quota_exceeded")
    for other in [o for o in outcomes if o[0] not in ("ok", "quota_exceeded")][:5]:
        t.diag(other)
    t.ok(all(f'"{scope}"' in o[1] for o in refused), f"{where}: each was told that it is the limit of the {scope}")
    t.eq(len({o[1] for o in passed}), LIMIT, f"{where}: {LIMIT} different sessions")
    t.eq(world.miscounts(root), "", f"{where}: usage equals count(*)")


def interleaved(t, db, root, port):
    """Everybody creates and terminates, again and again; a watcher counts all the while."""
    root.ask("SELECT t.make_user('mix', 'red', 'user', 5);")
    rest_token = token("mix")
    created, refused, strange = [0], [0], []
    lock = threading.Lock()
    start = threading.Event()

    def note(code, text):
        with lock:
            if code == "ok":
                created[0] += 1
            elif code == "quota_exceeded":
                refused[0] += 1
            else:
                strange.append((code, text))

    def by_sql():
        with race.Psql("dba") as psql:
            start.wait()
            for _ in range(ROUNDS):
                psql.send(dba_create("mix", "red")[1])
                code, text = race.outcome(psql, db)
                note(code, text)
                if code == "ok":
                    psql.send(f"SELECT streamspace.terminate_session(p_session => '{text}', p_force => true) ->> 'state';")
                    end = race.outcome(psql, db)
                    if end != ("ok", "terminated"):
                        note(*end)

    def by_rest():
        client = harness.Rest(port, rest_token)
        start.wait()
        for _ in range(ROUNDS):
            answer = client.post("/api/v1/sessions", {"template": "term"}, timeout=120)
            if answer.status == 201:
                note("ok", "")
                end = client.delete(f"/api/v1/sessions/{answer.json['id']}?force=true", timeout=120)
                if end.status != 202:
                    note(end.code or str(end.status), repr(end))
            else:
                note(answer.code or str(answer.status), repr(answer))

    workers = [threading.Thread(target=by_sql if at % 2 else by_rest) for at in range(PARALLEL)]
    for worker in workers:
        worker.start()
    start.set()
    most, looks = 0, 0
    while any(worker.is_alive() for worker in workers):
        most = max(most, int(root.ask(
            "SELECT count(*) FROM streamspace_data.session AS s JOIN streamspace_data.app_user AS u USING (org_id, user_id)"
            " WHERE u.name = 'mix' AND s.state <> 'terminated';")))
        looks += 1
    for worker in workers:
        worker.join()
    t.eq(created[0] + refused[0], PARALLEL * ROUNDS, f"mixed: {PARALLEL * ROUNDS} creates, each passed or was refused")
    t.eq(strange[:5], [], "mixed: and nothing else happened")
    t.ok(created[0] > LIMIT, f"mixed: {created[0]} passed over the time")
    t.ok(refused[0] > 0, f"mixed: {refused[0]} were refused")
    t.ok(most <= LIMIT, f"mixed: never more than {LIMIT} at once (most seen: {most} in {looks} looks)")
    t.ok(looks > 10, "mixed: the watcher looked often enough")
    t.eq(world.miscounts(root), "", "mixed: usage equals count(*)")
    t.eq(root.ask("SELECT t.must('dba', $$SELECT streamspace.get_quota('user', 'mix', 'red')$$) #>> '{used,sessions}';"), "0", "mixed: and is zero at the end")


def main(t):
    half = PARALLEL // 2
    with Served() as stack, race.Psql() as root:
        root.ask("SELECT t.make_agent('agent-1', 'process', 3);")  # too small for all: some wait as pending, and count
        root.ask("SELECT t.make_user('ken', 'red', 'user', 5);")
        outcomes = race.together([dba_create("ken", "red")] * half, stack.db, [rest_create(stack.port, "ken")] * half)
        check(t, root, outcomes, "user", "one user")

        root.ask("SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''lime'', p_display_name => ''Lime'',"
                 " p_max_sessions => 5, p_max_sessions_per_user => 100)');")
        root.ask("SELECT t.must('dba', $$SELECT streamspace.put_template(p_name => 'term', p_org => 'lime',"
                 " p_spec => '{\"displayName\": \"T\", \"platforms\": [\"process\"], \"command\": [\"x\"]}')$$);")
        names = [f"lime-{at}" for at in range(10)]
        for name in names:
            root.ask(f"SELECT t.make_user('{name}', 'lime');")
        outcomes = race.together([dba_create(names[at % 10], "lime") for at in range(half)], stack.db,
                                 [rest_create(stack.port, names[at % 10]) for at in range(half)])
        check(t, root, outcomes, "org", "ten users of one organisation")

        interleaved(t, stack.db, root, stack.port)


if __name__ == "__main__":
    harness.main(main)
