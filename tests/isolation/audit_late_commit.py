#!/usr/bin/python3
"""A writer that commits late is sealed, however many later transactions committed, and were looked at, before it.

The story: rows get their number when they are written and become visible when their transaction commits. A sealer that goes
by numbers, or by what it has seen, seals row 2 of B, moves on, and never sees row 1 of A, who commits afterwards: nobody
could tell later whether it was planted. Here the writer is paused between its row and its commit, at several places, while
others write and seals are made.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402


def main(t):
    world.make("world")
    with race.Psql() as root, race.Psql("api") as api, race.Psql("dba") as late, race.Psql("dba") as early, race.Psql("dba") as third:
        def seal():
            return json.loads(api.ask("SELECT streamspace.seal_audit();"))

        def verify(org):
            return json.loads(root.ask(f"SELECT t.must('dba', $$SELECT streamspace.verify_audit(p_org => '{org}')$$);"))

        def user(name, org="red"):
            return f"SELECT streamspace.create_user(p_name => '{name}', p_org => '{org}') #>> '{{user,name}}';"

        seal()
        # paused after its row
        late.ask("BEGIN;")
        t.eq(late.ask(user("late-1")), "late-1", "a writer has written and not committed")
        for n in range(3):
            early.ask(user(f"early-{n}"))
            t.eq(seal()["rows"], 0, "who committed after it began waits for it")
        t.eq((verify("red")["valid"], verify("red")["unsealed"]), (True, 3), "as unsealed, which is no finding")
        late.ask("COMMIT;")
        t.eq(seal()["rows"], 4, "its commit lets them all be sealed, it among them")
        t.eq((verify("red")["valid"], verify("red")["unsealed"]), (True, 0), "and the chain is right")

        # paused before its row, with a number already
        late.ask("BEGIN; SELECT pg_current_xact_id();")
        early.ask(user("early-4"))
        t.eq(seal()["rows"], 0, "a writer with a number and no row yet holds the horizon too")
        late.ask(user("late-2"))
        late.ask("COMMIT;")
        t.eq((seal()["rows"], verify("red")["valid"]), (2, True), "and is sealed with the others")

        # two writers that end in the other order, and in other organisations
        late.ask("BEGIN; " + user("late-3", "blue"))
        third.ask("BEGIN; " + user("third-3"))
        early.ask(user("early-5", "blue"))
        third.ask("COMMIT;")
        t.eq(seal()["rows"], 0, "the first of two writers holds the second")
        late.ask("COMMIT;")
        t.eq(seal()["rows"], 3, "then both go")
        t.eq((verify("red")["valid"], verify("blue")["valid"]), (True, True), "in their chains")

        # paused and then rolled back
        late.ask("BEGIN; " + user("late-6"))
        early.ask(user("early-6"))
        seal()
        late.ask("ROLLBACK;")
        t.eq((seal()["rows"], verify("red")["valid"]), (1, True), "a writer that rolled back is waited for, and leaves nothing")

        # prepared: the session ends, the transaction does not
        if root.ask("SHOW max_prepared_transactions;") != "0":
            late.ask("BEGIN; " + user("late-7") + " PREPARE TRANSACTION 'late';")
            early.ask(user("early-7"))
            t.eq(seal()["rows"], 0, "a prepared transaction is waited for")
            late.ask("COMMIT PREPARED 'late';")
            t.eq((seal()["rows"], verify("red")["valid"]), (2, True), "until it is committed")

        # a sealer that is itself paused between its seal and its commit
        early.ask(user("early-8"))
        api.ask("BEGIN;")
        t.eq(seal()["rows"], 1, "a sealer has sealed and not committed")
        with race.Psql("api") as second:
            t.eq(json.loads(second.ask("SELECT streamspace.seal_audit();")), {"skipped": True}, "another one leaves it alone")
        early.ask(user("early-9"))
        api.ask("COMMIT;")
        t.eq((seal()["rows"], verify("red")["valid"]), (1, True), "and what came meanwhile is sealed next")

        # one that began its transaction, and took its snapshot, before a writer
        api.ask("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;")
        early.ask(user("early-10"))
        t.eq(seal()["rows"], 0, "a sealer with an old snapshot seals nothing that it cannot see")
        api.ask("COMMIT;")
        t.eq((seal()["rows"], verify("red")["valid"]), (1, True), "and misses nothing either")

        # the control: the numbers do come in the other order of the commits
        late.ask("BEGIN; " + user("late-11"))
        early.ask(user("early-11"))
        late.ask("COMMIT;")
        t.eq(root.ask("SELECT (SELECT l.xid FROM streamspace_data.audit_log AS l WHERE l.object_id = 'late-11')"
                      " < (SELECT l.xid FROM streamspace_data.audit_log AS l WHERE l.object_id = 'early-11');"), "t",
             "control: who commits last has the lower number")


if __name__ == "__main__":
    harness.main(main)
