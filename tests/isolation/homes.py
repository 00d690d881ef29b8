#!/usr/bin/python3
"""Homes, wanted by many at one moment. Two sessions with one home would write into the same files: however many ask
for it, one gets it. Those that ask for none by name wait for nobody and get one each."""

import pathlib
import random
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, together, wait_for  # noqa: E402


def create(template, home=None):
    named = f", p_home => '{home}'" if home is not None else ""
    return f"SELECT streamspace.create_session(p_template => '{template}', p_owner => 'ann', p_org => 'red'{named}) #>> '{{home,id}}';"


def one_for_many(t, root, db):
    for what, sql in (("made on first use", create("desk")), ("named", create("term", "work"))):
        outcomes = together([("dba", sql)] * 12, db)
        t.eq(sorted({code for code, _ in outcomes}), ["home_in_use", "ok"], f"{what}: refused or done")
        t.eq([code for code, _ in outcomes].count("ok"), 1, f"{what}: one of 12 sessions has it")
    outcomes = together([("dba", create("term"))] * 12, db)
    t.eq([code for code, _ in outcomes], ["ok"] * 12, "none by name: 12 sessions")
    t.eq(len({home for _, home in outcomes}), 12, "with 12 homes")
    t.eq(root.ask("SELECT t.miscounts();"), "", "storage is counted as it is kept")


def waits_for_nobody(t, root, db):
    """The first is held before its commit: another one of the same owner does not wait for it."""
    with Psql("dba") as a, Psql("dba") as b, Psql("dba") as c:
        a.ask("BEGIN;")
        a.send(create("plain"))
        t.eq(outcome(a, db)[0], "ok", "the first makes a home and is held")
        b.send(create("plain"))
        t.eq(outcome(b, db)[0], "ok", "the second makes another meanwhile")
        c.send(create("term", "work2"))
        t.eq(outcome(c, db)[0], "ok", "a third takes one by name")
        a.ask("COMMIT;")


def end_and_begin(t, root, db):
    """A session that begins while the one before it ends waits for nothing: the home is free or it is not."""
    with Psql() as a, Psql("dba") as b:
        b.send(create("term", "work3"))
        outcome(b, db)
        session = root.ask("SELECT s.session_id FROM streamspace_data.session AS s JOIN streamspace_data.home AS h ON h.session_id = s.session_id"
                           " WHERE h.name = 'work3';")
        root.ask(f"SELECT t.must('dba', $$SELECT streamspace.terminate_session(p_session => '{session}')$$);")
        a.ask("BEGIN;")
        a.ask(f"SELECT t.run_command('agent-1', '{session}', 'terminated');")
        b.send(create("term", "work3"))
        t.eq(outcome(b, db)[0], "home_in_use", "before the end is committed it is in use")
        a.ask("COMMIT;")
        b.send(create("term", "work3"))
        t.eq(outcome(b, db)[0], "ok", "afterwards it is free")


def delete_and_begin(t, root, db):
    """A home that is being deleted is not given to a session, nor deleted under one."""
    with Psql("dba") as a, Psql("dba") as b:
        home = root.ask("SELECT h.home_id FROM streamspace_data.home AS h WHERE h.name = 'work4';")
        a.ask("BEGIN;")
        a.send(f"SELECT streamspace.delete_home(p_home => '{home}') ->> 'state';")
        t.eq(outcome(a, db), ("ok", "deleted"), "deleted, not yet committed")
        b.send(create("term", "work4"))
        wait_for("the session to wait", lambda: blocked_by(root, b, a))
        a.ask("COMMIT;")
        t.eq(outcome(b, db)[0], "home_not_found", "the session does not get it")


def storm(t, root, db):
    """Sessions begin and end, homes are changed and deleted, and the sweep runs, all over a few homes."""
    dice = random.Random(7)
    stop = threading.Event()
    bad, done = [], []

    def worker(login, make):
        with Psql(login) as psql:
            while not stop.is_set():
                psql.send(make())
                code, text = outcome(psql, db)
                done.append(code)
                if code not in ("ok", "home_in_use", "home_not_found", "invalid_transition", "quota_exceeded", "already_exists"):
                    bad.append((code, text))

    pick = "(SELECT x.home_id FROM streamspace_data.home AS x JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'ann' ORDER BY random() LIMIT 1)"
    any_session = "(SELECT s.session_id FROM streamspace_data.session AS s WHERE s.state <> 'terminated' ORDER BY random() LIMIT 1)"
    makers = [("dba", lambda: create(dice.choice(["desk", "plain", "term"]), dice.choice([None, None, "w1", "w2"])))] * 4
    makers += [(None, lambda: f"SELECT (t.ask('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', {any_session}))).code;")] * 3
    makers += [(None, lambda: f"SELECT (t.ask('dba', format('SELECT streamspace.update_home(p_home => %L, p_retention_seconds => 0)', {pick}))).code;"),
               (None, lambda: f"SELECT (t.ask('dba', format('SELECT streamspace.delete_home(p_home => %L)', {pick}))).code;"),
               ("dba", lambda: f"SELECT streamspace.create_home(p_name => '{dice.choice(['w1', 'w2'])}', p_owner => 'ann', p_org => 'red') IS NOT NULL;"),
               (None, lambda: "SELECT streamspace.tick() IS NOT NULL;")]
    threads = [threading.Thread(target=worker, args=one) for one in makers]
    for one in threads:
        one.start()
    wait_for("many calls", lambda: len(done) >= 1500 or bad)
    stop.set()
    for one in threads:
        one.join()
    t.eq(bad[:3], [], f"storm: no deadlock and no strange error in {len(done)} calls")
    t.ok(done.count("ok") > 200 and "home_in_use" in done, "storm: some were done, some refused")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.session AS s WHERE (s.state <> 'terminated' OR s.cleanup_debt) AND s.home_id IS NOT NULL"
                  " AND NOT EXISTS (SELECT FROM streamspace_data.home AS h WHERE h.home_id = s.home_id AND h.session_id = s.session_id AND h.state = 'kept');"), "0",
         "storm: whoever has a home has it alone")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.home AS h WHERE h.session_id IS NOT NULL AND NOT EXISTS"
                  " (SELECT FROM streamspace_data.session AS s WHERE s.session_id = h.session_id AND s.home_id = h.home_id AND (s.state <> 'terminated' OR s.cleanup_debt));"), "0",
         "storm: and no home belongs to a session that is gone")
    t.eq(root.ask("SELECT t.miscounts();"), "", "storm: storage is counted as it is kept")


def main(t):
    db = race.Database()
    world.make()
    with Psql() as root:
        root.ask("SELECT t.make_agent('agent-1', 'process', 1000);")
        root.ask("SELECT t.must('dba', $$SELECT streamspace.put_org(p_name => 'red', p_max_sessions => 1000, p_max_sessions_per_user => 1000)$$);")
        for name, more in (("desk", ', "persistentHome": true'), ("plain", "")):
            root.ask(f"SELECT t.must_as('amy', $$put_template(p_name => '{name}', p_spec => '{{\"displayName\": \"D\", \"platforms\": [\"process\"], \"command\": [\"x\"]{more}}}')$$);")
        for name in ("work", "work2", "work3", "work4"):
            root.ask(f"SELECT t.must_as('ann', $$create_home(p_name => '{name}', p_size_mib => 10)$$);")
        for body in (one_for_many, waits_for_nobody, end_and_begin, delete_and_begin, storm):
            body(t, root, db)


if __name__ == "__main__":
    harness.main(main)
