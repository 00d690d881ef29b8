#!/usr/bin/python3
"""The sweep and a person at the same moment: idle time against input, maxima against extensions, schedules against a
wake, retries against a retry by hand. Whoever has the session first wins, whole and once; nobody is overlooked."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, together, wait_for  # noqa: E402


def call(function, session, more=""):
    return f"SELECT streamspace.{function}(p_session => '{session}'{more});"


def tick(after):
    return f"SET streamspace.clock_offset = '{after}'; SELECT streamspace.tick(); RESET streamspace.clock_offset;"


def sweep(root, after="0"):
    return json.loads(root.ask(tick(after)))


def state(root, session):
    return root.ask(f"SELECT s.state FROM streamspace_data.session AS s WHERE s.session_id = '{session}';")


def events(root, session, event, actor="%"):
    return int(root.ask("SELECT count(*) FROM streamspace_data.session_event AS e"
                        f" WHERE e.session_id = '{session}' AND e.event = '{event}' AND e.actor LIKE '{actor}';"))


def running(root, count=1):
    """Running sessions of ann; the sweeps of a moved clock may have taken the agent for lost."""
    root.ask("SELECT t.report('record_heartbeats', 'agent-1', '{\"status\": \"online\"}');")
    ids = [root.ask("SELECT t.create_session('ann');") for _ in range(count)]
    for session in ids:
        root.ask(f"SELECT t.run_command('agent-1', '{session}', 'running');")
    sweep(root)
    return ids if count > 1 else ids[0]


def policy(root, text, session=None):
    root.ask("SELECT t.must('dba', $$SELECT streamspace." + (
        f"put_session_policy(p_session => '{session}', p_policy => '{text}')" if session
        else f"put_policy(p_scope => 'org', p_name => NULL, p_policy => '{text}', p_org => 'red')") + "$$);")


def end(root, *sessions):
    for session in sessions:
        root.ask(f"SELECT t.must('dba', $$SELECT streamspace.terminate_session(p_session => '{session}', p_force => true)$$);")


def sweeps_at_once(t, root, db):
    """Two replicas sweep: each thing that is due happens once."""
    policy(root, '{"idle_seconds": 600, "warn_seconds": 0}')
    sessions = running(root, 20)
    outcomes = together([(None, tick("11 minutes"))] * 6, db)
    t.eq({code for code, _ in outcomes}, {"ok"}, "sweeps at once: all return")
    sweep(root, "11 minutes")
    t.eq([events(root, s, "hibernate") for s in sessions], [1] * 20, "sweeps at once: each was hibernated once")
    t.eq(int(root.ask("SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.action = 'hibernate_session'"
                      f" AND c.session_id = ANY ('{{{','.join(sessions)}}}');")), 20, "sweeps at once: each by one command")
    end(root, *sessions)
    policy(root, '{"idle_seconds": null, "warn_seconds": null}')


def warned(root, rule):
    """A session that is due at +11 minutes, warned of it already."""
    session = running(root)
    policy(root, json.dumps({rule: 600, "warn_seconds": 300}), session)
    sweep(root, "5 minutes 1 second")
    assert root.ask(f"SELECT s.warning ->> 'rule' FROM streamspace_data.session AS s WHERE s.session_id = '{session}';")
    return session


def first_and_second(t, root, db, name, session, person, due):
    """The person's call in an open transaction while the sweep comes; then the sweep in one while the person calls.
    Yields (what the person got, state) of both orders."""
    with Psql("dba") as user, Psql() as other:
        user.ask("BEGIN;")
        got = []
        user.send(person(session))
        got.append(outcome(user, db))
        done = json.loads(other.ask(tick(due)))
        t.ok("skipped" not in done, f"{name}, then the sweep: it does not wait, nor stop for the one")
        user.ask("COMMIT;")
        return got[0], state(root, session)


def sweep_first(t, root, db, name, session, person, due):
    with Psql() as sweeper, Psql("dba") as user:
        sweeper.ask("BEGIN;")
        sweeper.ask(f"SET LOCAL streamspace.clock_offset = '{due}';")
        sweeper.ask("SELECT streamspace.tick();")
        user.send(person(session))
        wait_for("the person to wait", lambda: blocked_by(root, user, sweeper))
        t.ok(True, f"the sweep, then {name}: the person waits for it")
        sweeper.ask("COMMIT;")
        return outcome(user, db), state(root, session)


def input_at_the_end(t, root, db):
    """Somebody types in the second in which idleness ends the session."""
    def person(session):
        return call("report_activity", session)
    session = warned(root, "idle_seconds")
    got, after = first_and_second(t, root, db, "input", session, person, "11 minutes")
    t.eq((got[0], json.loads(got[1])["warning"], after), ("ok", None, "running"), "input, then the sweep: it runs on, unwarned")
    t.eq(events(root, session, "hibernate"), 0, "input, then the sweep: nothing was done")
    sweep(root, "9 minutes")
    t.eq(state(root, session), "running", "input, then the sweep: nor is it later")
    end(root, session)

    session = warned(root, "idle_seconds")
    got, after = sweep_first(t, root, db, "input", session, person, "11 minutes")
    t.eq((got[0], json.loads(got[1])["state"], after), ("ok", "hibernating", "hibernating"), "the sweep, then input: too late, and told so")
    t.eq(events(root, session, "warning_withdrawn"), 0, "the sweep, then input: nothing says that it was withdrawn")
    end(root, session)

    session = warned(root, "idle_seconds")
    batch = f"SELECT streamspace.record_activity(p_items => '[{{\"session\": \"{session}\"}}]') #>> '{{0,result}}';"
    with Psql("api") as server, Psql() as other:
        server.ask("BEGIN;")
        t.eq(server.ask(batch), "ok", "input of the server, then the sweep")
        other.ask(tick("11 minutes"))
        server.ask("COMMIT;")
    sweep(root, "9 minutes")
    t.eq(state(root, session), "running", "input of the server, then the sweep: it runs on")
    end(root, session)


def extension_at_the_end(t, root, db):
    """Somebody extends the session in the second in which its maximum is reached."""
    def person(session):
        return call("extend_session", session, ", p_seconds => 3600")
    session = warned(root, "max_seconds")
    got, after = first_and_second(t, root, db, "an extension", session, person, "11 minutes")
    t.eq((got[0], after), ("ok", "running"), "an extension, then the sweep: it runs on")
    sweep(root, "30 minutes")
    t.eq(state(root, session), "running", "an extension, then the sweep: as long as was asked for")
    end(root, session)

    session = warned(root, "max_seconds")
    got, after = sweep_first(t, root, db, "an extension", session, person, "11 minutes")
    t.eq((got[0], after), ("session_not_running", "hibernating"), "the sweep, then an extension: too late, and told so")
    end(root, session)


def hibernate_at_the_end(t, root, db):
    """Somebody hibernates the session in the second in which the rule does."""
    def person(session):
        return call("hibernate_session", session)
    session = warned(root, "max_seconds")
    got, after = first_and_second(t, root, db, "hibernate", session, person, "11 minutes")
    t.eq((got[0], after, events(root, session, "hibernate")), ("ok", "hibernating", 1), "hibernate, then the sweep: once")
    sweep(root, "11 minutes")
    t.eq(events(root, session, "hibernate"), 1, "hibernate, then the sweep: and not again")
    end(root, session)

    session = warned(root, "max_seconds")
    got, after = sweep_first(t, root, db, "hibernate", session, person, "11 minutes")
    t.eq((got[0], events(root, session, "hibernate")), ("invalid_transition", 1), "the sweep, then hibernate: once")
    end(root, session)


def schedule_and_wake(t, root, db):
    """The morning's wake by the schedule and by its owner."""
    def due():
        session = running(root)
        root.ask(f"SELECT t.must('dba', $${call('hibernate_session', session)[:-1]}$$);")
        root.ask(f"SELECT t.run_command('agent-1', '{session}', 'hibernated');")
        start = root.ask("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '2 minutes', 'HH24:MI');")
        schedule = json.dumps({"time_zone": "UTC", "days": [1, 2, 3, 4, 5, 6, 7], "start": start})
        root.ask("SELECT t.must('dba', $$SELECT streamspace.put_schedule(p_session => "
                 f"'{session}', p_schedule => '{schedule}')$$);")
        sweep(root)
        return session

    def person(session):
        return call("wake_session", session)
    session = due()
    got, after = first_and_second(t, root, db, "a wake", session, person, "3 minutes")
    t.eq((got[0], after, events(root, session, "wake")), ("ok", "waking", 1), "a wake, then the schedule: once")
    end(root, session)
    session = due()
    got, after = sweep_first(t, root, db, "a wake", session, person, "3 minutes")
    t.eq((got[0], after, events(root, session, "wake")), ("invalid_transition", "waking", 1), "the schedule, then a wake: once")
    end(root, session)


def retry_twice(t, root, db):
    """A retry by hand in the second in which the back-off is over."""
    root.ask("SELECT t.must_as('amy', $$put_template(p_name => 'again', p_spec => '{\"displayName\": \"A\", \"platforms\": [\"process\"],"
             " \"command\": [\"x\"], \"retry\": {\"attempts\": 5, \"backoffSeconds\": 60}}')$$);")

    def failed():
        running_one = root.ask("SELECT t.report('record_heartbeats', 'agent-1', '{\"status\": \"online\"}');")
        assert running_one
        session = root.ask("SELECT t.must_as('ann', $$create_session(p_template => 'again')$$) ->> 'id';")
        root.ask(f"SELECT t.run_command('agent-1', '{session}', 'failed');")
        return session

    def person(session):
        return call("retry_session", session)
    session = failed()
    got, after = first_and_second(t, root, db, "a retry", session, person, "2 minutes")
    t.eq((got[0], events(root, session, "retry")), ("ok", 1), "a retry by hand, then the sweep: once")
    end(root, session)
    session = failed()
    got, after = sweep_first(t, root, db, "a retry", session, person, "2 minutes")
    t.eq((got[0], events(root, session, "retry")), ("invalid_transition", 1), "the sweep, then a retry by hand: once")
    sessions = [failed() for _ in range(5)]
    together([(None, tick("2 minutes"))] * 4 + [("dba", person(s)) for s in sessions], db)
    sweep(root, "2 minutes")
    t.eq([events(root, s, "retry") for s in sessions], [1] * 5, "sweeps and people at once: each was retried once")
    t.eq(world.miscounts(root), "", "retries: usage and load equal the rows")
    end(root, session, *sessions)


def nobody_is_overlooked(t, root, db):
    """A policy comes while sessions are held by others, or are just beginning to run: the sweep finds them all."""
    held, free = running(root, 2)
    root.ask("SELECT t.report('record_heartbeats', 'agent-1', '{\"status\": \"online\"}');")
    young = root.ask("SELECT t.create_session('ann');")
    command = next(c for c in json.loads(root.ask("SELECT t.claim('agent-1');")) if c["message"].get("objectId") == young)
    item = json.dumps([dict(agent="agent-1", epoch=command["epoch"], sessionId=young, state="running", revision=command["message"]["revision"])])
    with Psql() as holder, Psql("api") as agent:
        holder.ask("BEGIN;")
        holder.ask(f"SELECT FROM streamspace_data.session AS s WHERE s.session_id = '{held}' FOR NO KEY UPDATE;")
        agent.ask("BEGIN;")
        agent.ask(f"SELECT streamspace.observe_sessions(p_items => '{item}');")
        policy(root, '{"idle_seconds": 600, "warn_seconds": 0}')
        t.eq(sweep(root)["reviews"], 1, "a new policy: the sweep asks who is free")
        t.eq(root.ask("SELECT count(*) FROM streamspace_data.policy_review;"), "1", "a new policy: and remembers who is not")
        holder.ask("COMMIT;")
        agent.ask("COMMIT;")
    sweep(root)
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.policy_review;"), "0", "a new policy: then nobody is left")
    sweep(root, "11 minutes")
    t.eq([state(root, s) for s in (held, free, young)], ["hibernating"] * 3, "a new policy: it reaches all three")
    end(root, held, free, young)
    policy(root, '{"idle_seconds": null, "warn_seconds": null}')


def input_and_sweeps(t, root, db):
    """Input in batches, sweeps and people at once over the same sessions: no deadlock, and who gives input is never stopped."""
    policy(root, '{"idle_seconds": 60, "warn_seconds": 20}')
    sessions = running(root, 8)
    busy, idle = sessions[:4], sessions[4:]
    items = json.dumps([{"session": s} for s in reversed(busy)])
    more = json.dumps([{"session": s} for s in busy])
    calls = []
    for after in ("10 seconds", "45 seconds", "50 seconds"):
        calls += [(None, tick(after))] * 2 + [("api", f"SELECT streamspace.record_activity(p_items => '{batch}');") for batch in (items, more)] * 2
        calls += [("dba", call("extend_session", s, ", p_seconds => 60")) for s in busy[:2]]
        outcomes = together(calls, db)
        t.eq([o for o in outcomes if o[0] != "ok"], [], f"input and sweeps at {after}: no deadlock, no refusal")
        calls = []
    # The sweep's clock is ahead: input counts from now, so busy ones are not due before a minute from now.
    sweep(root, "58 seconds")
    t.eq([state(root, s) for s in busy], ["running"] * 4, "input and sweeps: who is busy runs")
    sweep(root, "5 minutes")
    sweep(root, "10 minutes")
    t.eq([state(root, s) for s in idle], ["hibernating"] * 4, "input and sweeps: who is idle does not, in the end")
    end(root, *sessions)


def input_is_hot(t, root, db):
    """Input of the same sessions over and over, each batch its own transaction: no index is written."""
    sessions = running(root, 5)
    batch = f"SELECT streamspace.record_activity(p_items => '{json.dumps([{'session': s} for s in sessions])}');"
    counts = ("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
              " WHERE relid = 'streamspace_data.session_activity'::regclass;")
    root.ask("VACUUM FULL streamspace_data.session_activity;")
    with Psql("api") as server:
        server.ask(batch)
        server.ask("SELECT pg_stat_force_next_flush();")
        before = [int(n) for n in root.ask(counts).split("\t")]
        for _ in range(200):
            server.ask(batch)
        server.ask("SELECT pg_stat_force_next_flush();")
        wait_for("the counts", lambda: int(root.ask(counts).split("\t")[0]) >= before[0] + 1000)
        after = [int(n) for n in root.ask(counts).split("\t")]
    t.eq([a - b for a, b in zip(after, before)], [1000, 1000], "input: 1000 updates, all of them HOT")
    end(root, *sessions)


def main(t):
    db = race.Database()
    world.make()
    with Psql() as root:
        root.ask("SELECT t.make_agent('agent-1', 'process', 100);")
        for body in (sweeps_at_once, input_at_the_end, extension_at_the_end, hibernate_at_the_end, schedule_and_wake, retry_twice,
                     nobody_is_overlooked, input_and_sweeps, input_is_hot):
            body(t, root, db)


if __name__ == "__main__":
    harness.main(main)
