#!/usr/bin/python3
"""session_as_of() against what was seen: sessions live at random, each step is looked at when it is done, and afterwards the
whole life is asked for again. Every field that get_session() shows and that is the session's own must be what it was.
"""

import json
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

STEPS = 120
OWN = ("id", "org", "owner", "name", "notes", "tags", "template", "template_revision", "parameters", "home", "platform", "agent", "state",
       "desired_state", "observed_state", "message", "progress", "deadline_at", "revision", "created_at")


def main(t):
    seed = int(os.environ.get("STREAMSPACE_SEED", random.SystemRandom().randrange(1 << 32)))
    dice = random.Random(seed)
    t.diag(f"STREAMSPACE_SEED={seed}")
    world.make("world")
    with race.Psql() as root, race.Psql("dba") as dba:
        root.ask("SELECT t.make_agent('agent-1');")

        def get(session):
            return json.loads(dba.ask(f"SELECT streamspace.get_session(p_session => '{session}');"))

        def as_of(session, at):
            return json.loads(dba.ask(f"SELECT streamspace.session_as_of(p_session => '{session}', p_at => '{at}');"))

        def create(template="term"):
            return dba.ask(f"SELECT streamspace.create_session(p_template => '{template}', p_owner => 'ann', p_org => 'red',"
                           " p_tags => ARRAY['first'], p_name => 'one') ->> 'id';")

        def call(session, function, more=""):
            return lambda: dba.ask(f"SELECT streamspace.{function}(p_session => '{session}'{more});")

        def agent(session, state):
            return lambda: root.ask(f"SELECT t.run_command('agent-1', '{session}', '{state}');")

        def report(session, state, revision=""):
            return lambda: root.ask(f"SELECT t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', '{session}', 'state', '{state}',"
                                    f" 'revision', (SELECT s.agent_revision FROM streamspace_data.session AS s WHERE s.session_id = '{session}'),"
                                    " 'reason', 'Because', 'message', 'it says so'));")

        def progress(session):
            return lambda: root.ask(f"SELECT t.report('report_progress', 'agent-1', jsonb_build_object('sessionId', '{session}', 'progress',"
                                    f" jsonb_build_object('percent', {dice.randrange(100)})));")

        words = ["red", "green", "blue", "exam", "first"]

        def step(session, state):
            tags = ", ".join(f"'{w}'" for w in dice.sample(words, dice.randrange(4)))
            any_time = [call(session, "update_session", f", p_name => 'name {dice.randrange(100)}'"), call(session, "update_session", ", p_name => ''"),
                        call(session, "update_session", f", p_notes => 'note {dice.randrange(100)}'"),
                        call(session, "update_session", f", p_tags => ARRAY[{tags}]::text[]")]
            there = {
                "starting": [agent(session, "running")] * 3 + [report(session, "failed")],
                "running": [call(session, "hibernate_session")] * 2 + [report(session, "failed"), report(session, "running")],
                "hibernating": [agent(session, "hibernated")], "hibernated": [call(session, "wake_session")],
                "waking": [agent(session, "running")], "failed": [call(session, "terminate_session")],
                "terminating": [agent(session, "terminated")],
            }
            dice.choice(any_time + there.get(state, []) * 2)()

        sessions = [create() for _ in range(3)]
        born = {s: get(s) for s in sessions}
        seen = []

        def look(session):
            seen.append((root.ask("SELECT clock_timestamp();"), session, get(session)))

        for _ in range(STEPS):
            session = dice.choice(sessions)
            step(session, get(session)["state"])
            look(session)
        wrong = 0
        for at, session, then in seen:
            now = as_of(session, at)
            differs = {k: (now.get(k), then[k]) for k in OWN if k in then and now.get(k, "absent") != then[k]}
            if differs:
                wrong += 1
                if wrong < 4:
                    t.diag(f"{session} at {at}: {differs}")
        t.eq(wrong, 0, f"{STEPS} steps of {len(sessions)} sessions are remembered")
        states = {then["state"] for _, _, then in seen}
        t.ok(len(states) >= 4 and len({then["revision"] for _, _, then in seen}) > 20, f"control: they were lively: {sorted(states)}")
        tagged = {tuple(then["tags"]) for _, _, then in seen}
        t.ok(len(tagged) > 4 and len({then["name"] for _, _, then in seen}) > 4, "control: and had many names and tags")

        # the beginning and the end
        for session in sessions:
            first = as_of(session, born[session]["created_at"])
            t.eq((first["state"], first["revision"], first["agent"], first["tags"], first["name"]), ("starting", 1, "agent-1", ["first"], "one"),
                 "at its birth a session has its name, its tags and its place")
        now = get(sessions[0])
        t.eq({k: v for k, v in as_of(sessions[0], "infinity").items() if k in OWN}, {k: v for k, v in now.items() if k in OWN}, "at the end of time it is as it is now")
        db = race.Database()

        def refused(sql):
            dba.send(sql)
            return race.outcome(dba, db)[0]

        t.eq(refused(f"SELECT streamspace.session_as_of(p_session => '{sessions[0]}', p_at => timestamptz '{born[sessions[0]]['created_at']}' - interval '1 second');"),
             "session_not_yet_there", "before its birth it was not there")
        t.eq(refused(f"SELECT streamspace.session_as_of(p_session => '{sessions[0]}', p_at => NULL);"), "invalid_argument", "a time is needed")
        t.eq(refused("SELECT streamspace.session_as_of(p_session => 's-00000000000000000000000000', p_at => now());"), "session_not_found", "an unknown session")
        root.ask("UPDATE streamspace_data.session SET created_at = created_at - interval '3 years';")
        t.eq(refused(f"SELECT streamspace.session_as_of(p_session => '{sessions[0]}', p_at => now() - interval '500 days');"), "history_not_kept",
             "beyond retention nothing is known")
        for who, want in (("ann", "ok"), ("amy", "ok"), ("root", "ok"), ("art", "session_not_found"), ("bob", "session_not_found"), ("bea", "session_not_found")):
            t.eq(root.ask(f"SELECT t.code_as('{who}', $$ session_as_of(p_session => '{sessions[0]}', p_at => now())$$);"), want, f"{who}: {want}")


if __name__ == "__main__":
    harness.main(main)
