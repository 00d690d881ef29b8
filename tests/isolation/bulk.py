#!/usr/bin/python3
"""Bulk calls against each other, against single calls, against reports of an agent and against the sweep: all at
once, many times, over the same sessions. Nobody deadlocks, nothing is lost, and the counters are those of the rows."""

import pathlib
import random
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, wait_for  # noqa: E402

SESSIONS = 40
ROUNDS = 25


def bulk(action, sessions, more=""):
    ids = "{" + ",".join(sessions) + "}"
    return (f"SELECT a ->> 'changed' FROM streamspace.change_sessions(p_sessions => '{ids}', p_action => '{action}',"
            f" p_org => 'red'{more}) AS a;")


def make_sessions(root):
    """Sessions of ann that run on the agent."""
    ids = [root.ask("SELECT t.create_session('ann');") for _ in range(SESSIONS)]
    for session in ids:
        root.ask(f"SELECT t.run_command('agent-1', '{session}', 'running');")
    return ids


class Caller(threading.Thread):
    """Sends statements of one login until told to stop; keeps every outcome that is not a refusal of ours."""

    def __init__(self, login, db, make, stop):
        super().__init__()
        self.login, self.db, self.make, self.stop = login, db, make, stop
        self.done, self.bad = 0, []

    def run(self):
        with Psql(self.login) as psql:
            while not self.stop.is_set():
                psql.send(self.make())
                code, text = outcome(psql, self.db)
                self.done += 1
                if code not in ("ok", "invalid_transition", "request_in_flight"):
                    self.bad.append((code, text))


def storm(t, root, db):
    """Every writer of sessions and commands over the same rows, in orders of their own."""
    sessions = make_sessions(root)
    dice = random.Random(4)
    stop = threading.Event()

    def some():
        few = dice.sample(sessions, dice.randint(2, SESSIONS))
        dice.shuffle(few)
        return few

    def single():
        return (f"SELECT streamspace.{dice.choice(['hibernate_session', 'wake_session'])}"
                f"(p_session => '{dice.choice(sessions)}') ->> 'state';")

    def reports(function, states, more=""):
        return (f"SELECT streamspace.{function}(p_items => coalesce((SELECT jsonb_agg(jsonb_build_object('agent', c.agent_id,"
                f" 'epoch', t.epoch('agent-1'), 'commandId', c.command_id{more}) ORDER BY random())"
                f" FROM streamspace_data.agent_command AS c WHERE c.agent_id = 'agent-1' AND c.state IN ({states})), '[]')) IS NOT NULL;")

    def results():
        return reports("complete_commands", "'sent', 'acked'", ", 'ok', true, 'result', jsonb_build_object('revision', c.revision,"
                       " 'state', CASE c.action WHEN 'hibernate_session' THEN 'hibernated' ELSE 'running' END)")

    def acks():
        return reports("acknowledge_commands", "'sent'")

    callers = [Caller("dba", db, lambda: bulk(dice.choice(["hibernate", "wake"]), some()), stop) for _ in range(3)]
    callers += [Caller("dba", db, lambda: bulk("add_tag", some(), f", p_argument => 't{dice.randint(1, 9)}'"), stop),
                Caller("dba", db, single, stop), Caller("dba", db, single, stop),
                Caller(None, db, results, stop), Caller(None, db, acks, stop),
                Caller(None, db, lambda: "SELECT t.claim('agent-1') IS NOT NULL;", stop),
                Caller(None, db, lambda: "SELECT streamspace.tick() IS NOT NULL;", stop)]
    for caller in callers:
        caller.start()
    wait_for("many bulk calls", lambda: sum(c.done for c in callers[:3]) >= 3 * ROUNDS or any(c.bad for c in callers))
    stop.set()
    for caller in callers:
        caller.join()
    t.eq([bad for c in callers for bad in c.bad], [], "storm: no deadlock, no failure")
    t.ok(all(c.done > 0 for c in callers), f"storm: everybody came to act: {[c.done for c in callers]}")
    named = "('" + "','".join(sessions) + "')"
    moved = int(root.ask("SELECT count(*) FROM streamspace_data.session_event AS e"
                         f" WHERE e.event IN ('hibernate', 'wake') AND e.session_id IN {named};"))
    t.ok(moved > SESSIONS, f"storm: {moved} moves")
    t.eq(world.miscounts(root), "", "storm: counters equal rows")
    t.eq(root.ask(f"SELECT count(*) FROM streamspace_data.session AS s WHERE s.session_id IN {named}"
                  " AND s.state IN ('hibernating', 'waking') AND NOT EXISTS (SELECT FROM streamspace_data.agent_command AS c"
                  " WHERE c.session_id = s.session_id AND c.revision = s.agent_revision AND c.state IN ('pending', 'sent', 'acked'));"),
         "0", "storm: whoever is on the way has its command")


def waits_in_order(t, root, db):
    """Two bulk calls that name the same sessions in opposite order: the second waits for the first, and does the rest."""
    sessions = make_sessions(root)[:6]
    with Psql("dba") as a, Psql("dba") as b:
        a.ask("BEGIN;")
        a.send(bulk("hibernate", sessions))
        t.eq(outcome(a, db), ("ok", "6"), "in order: the first moves all")
        b.send(bulk("hibernate", sessions[::-1]))
        wait_for("the second to wait", lambda: blocked_by(root, b, a))
        a.ask("ROLLBACK;")
        t.eq(outcome(b, db), ("ok", "6"), "in order: undone, the second moves all")


def main(t):
    db = race.Database()
    world.make()
    with Psql() as root:
        root.ask("SELECT t.make_agent('agent-1', 'process', 1000);")
        with Psql("dba") as dba:
            dba.ask("SELECT streamspace.put_org(p_name => 'red', p_max_sessions => 1000, p_max_sessions_per_user => 1000);")
        waits_in_order(t, root, db)
        storm(t, root, db)


if __name__ == "__main__":
    harness.main(main)
