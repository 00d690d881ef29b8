#!/usr/bin/python3
"""Two calls at the same moment, each race with its story. The winner is held in an open transaction until the
other one is seen waiting for it (pg_blocking_pids), so that the order is known and no run is lucky."""

import json
import pathlib
import random
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, together, wait_for  # noqa: E402

CREATE = "SELECT streamspace.create_session(p_template => 'term', p_owner => 'ann', p_org => 'red') ->> 'id';"


def call(function, session, more=""):
    return f"SELECT streamspace.{function}(p_session => '{session}'{more}) ->> 'state';"


def report(root, function, agent, **item):
    """SQL text of one report under the agent's present epoch."""
    epoch = int(root.ask(f"SELECT t.epoch('{agent}');"))
    return f"SELECT streamspace.{function}(p_items => '{json.dumps([dict(agent=agent, epoch=epoch, **item)])}') #>> '{{0,result}}';"


def state(root, session):
    return root.ask(f"SELECT s.state FROM streamspace_data.session AS s WHERE s.session_id = '{session}';")


def events(root, session, event):
    return int(root.ask("SELECT count(*) FROM streamspace_data.session_event AS e"
                        f" WHERE e.session_id = '{session}' AND e.event = '{event}';"))


def starting(root, agent="agent-1"):
    """A new session of ann whose start command was claimed: its id and the command."""
    session = root.ask("SELECT t.create_session('ann');")
    for command in json.loads(root.ask(f"SELECT t.claim('{agent}');")):
        if command["message"].get("objectId") == session:
            return session, command
    raise AssertionError(f"no command for {session}")


def running(root, agent="agent-1"):
    session = root.ask("SELECT t.create_session('ann');")
    root.ask(f"SELECT t.run_command('{agent}', '{session}', 'running');")
    return session


def hold(t, root, db, first, second, name):
    """Runs first=(login, sql) in an open transaction, second until it waits for it, commits; both outcomes."""
    with Psql(first[0]) as a, Psql(second[0]) as b:
        a.ask("BEGIN;")
        a.send(first[1])
        one = outcome(a, db)
        b.send(second[1])
        wait_for("the second to wait", lambda: blocked_by(root, b, a))
        t.ok(True, f"{name}: the second waits for the first")
        a.ask("COMMIT;")
        return one, outcome(b, db)


def last_place(t, root, db):
    """20 creates for an agent's last place: one gets it, nobody is placed beyond what the agent bears."""
    root.ask("SELECT t.make_agent('agent-tiny', 'kubernetes', 1);")
    root.ask("SELECT t.must_as('amy', $$put_template(p_name => 'kube', p_spec =>"
             " '{\"displayName\": \"K\", \"platforms\": [\"kubernetes\"], \"baseImage\": \"registry.test/k:1\"}')$$);")
    create = CREATE.replace("'term'", "'kube'").replace("->> 'id'", "->> 'state'")
    outcomes = together([("dba", create)] * 20, db)
    t.eq(sorted(set(outcomes)), [("ok", "pending"), ("ok", "starting")], "last place: each is starting or pending")
    t.eq(outcomes.count(("ok", "starting")), 1, "last place: one got it")
    t.eq(world.miscounts(root), "", "last place: the load equals the rows")


def twins_of_a_key(t, root, db):
    """The same request twice at once: the second is refused at once, not awaited, and gets the answer later."""
    sql = CREATE.replace("p_org => 'red'", "p_org => 'red', p_request_id => 'twin'")
    # Of another user and for no agent: a create holds the rows of its user, its organisation and its agent.
    root.ask("SELECT t.must_as('bea', $$put_template(p_name => 'nowhere', p_spec =>"
             " '{\"displayName\": \"N\", \"platforms\": [\"docker\"], \"baseImage\": \"registry.test/n:1\"}')$$);")
    with Psql("dba") as a, Psql("dba") as b:
        a.ask("BEGIN;")
        made = a.ask(sql)
        b.send(sql)
        t.eq(outcome(b, db)[0], "request_in_flight", "twins: the second hears request_in_flight while the first works")
        b.send(sql.replace("twin", "other").replace("'ann'", "'bob'").replace("'red'", "'blue'").replace("'term'", "'nowhere'"))
        t.eq(outcome(b, db)[0], "ok", "twins: another key is free")
        a.ask("COMMIT;")
        t.eq(b.ask(sql), made, "twins: then it gets the answer of the first")

        sql = sql.replace("twin", "broken")
        a.ask("BEGIN;")
        made = a.ask(sql)
        a.ask("ROLLBACK;")
        other = b.ask(sql)
        t.ok(other != made, "twins: after a rollback the second does the work itself")
        t.eq(a.ask(sql), other, "twins: and its answer is the one that is kept")

    before = int(root.ask("SELECT count(*) FROM streamspace_data.session;"))
    outcomes = together([("dba", sql.replace("broken", "many"))] * 30, db)
    made = {text for code, text in outcomes if code == "ok"}
    t.eq(len(made), 1, "twins: of 30 at once all who are answered hear of one session")
    t.ok(all(code in ("ok", "request_in_flight") for code, _ in outcomes), "twins: the others hear request_in_flight")
    t.eq(int(root.ask("SELECT count(*) FROM streamspace_data.session;")), before + 1, "twins: there is one session more")


def two_ticks(t, root, db):
    """Two sweepers at once: every deadline happens once."""
    sessions = [starting(root)[0] for _ in range(20)]
    tick = "SET streamspace.clock_offset = '11 minutes'; SELECT streamspace.tick();"
    outcomes = together([(None, tick)] * 4, db)
    t.eq({code for code, _ in outcomes}, {"ok"}, "two ticks: all return")
    root.ask("SET streamspace.clock_offset = '11 minutes'; SELECT streamspace.tick(); RESET streamspace.clock_offset;")
    t.eq([events(root, s, "start_timeout") for s in sessions], [1] * 20, "two ticks: each start timed out once")
    t.eq({state(root, s) for s in sessions}, {"failed"}, "two ticks: and failed")
    t.eq(world.miscounts(root), "", "two ticks: usage and load equal the rows")
    for session in sessions:
        root.ask(f"SELECT t.must('dba', $$SELECT streamspace.terminate_session(p_session => '{session}', p_force => true)$$);")
    root.ask("SELECT t.report('record_heartbeats', 'agent-1', '{\"status\": \"online\", \"activeSessions\": 0}');")


def terminate_and_complete(t, root, db):
    """A user terminates in the moment in which the agent reports the start: the session ends, whoever was first."""
    session, command = starting(root)
    revision = command["message"]["revision"]
    observe = report(root, "observe_sessions", "agent-1", sessionId=session, state="running", revision=revision)
    one, two = hold(t, root, db, ("dba", call("terminate_session", session)), ("api", observe), "terminate, then the report")
    t.eq(one, ("ok", "terminating"), "terminate, then the report: terminating")
    t.eq(two, ("ok", "stale_revision"), "terminate, then the report: the report is about a revision that is over")
    complete = report(root, "complete_commands", "agent-1", commandId=command["command_id"], ok=True,
                      result={"state": "running", "revision": revision})
    t.ok(root.ask(complete) in ("ok", "stale_revision", "ignored"), "terminate, then the report: its completion is heard")
    t.eq(state(root, session), "terminating", "terminate, then the report: and changes nothing")
    t.eq(root.ask(f"SELECT t.run_command('agent-1', '{session}', 'terminated');"), "stop_session", "terminate, then the report: it is stopped")
    t.eq(state(root, session), "terminated", "terminate, then the report: it ends")

    session, command = starting(root)
    observe = report(root, "observe_sessions", "agent-1", sessionId=session, state="running",
                     revision=command["message"]["revision"])
    one, two = hold(t, root, db, ("api", observe), ("dba", call("terminate_session", session)), "the report, then terminate")
    t.eq((one, two), (("ok", "ok"), ("ok", "terminating")), "the report, then terminate: both happen")
    t.eq((events(root, session, "report_running"), events(root, session, "terminate")), (1, 1), "the report, then terminate: in the history, too")
    root.ask(f"SELECT t.run_command('agent-1', '{session}', 'terminated');")
    t.eq(world.miscounts(root), "", "terminate and complete: usage equals the rows")


def two_calls(t, root, db):
    """Two people change one session: the second acts on what the first made of it."""
    session = running(root)
    one, two = hold(t, root, db, ("dba", call("hibernate_session", session)), ("dba", call("hibernate_session", session)), "hibernate twice")
    t.eq((one[0], two[0]), ("ok", "invalid_transition"), "hibernate twice: the second is refused")
    one, two = hold(t, root, db, ("dba", call("terminate_session", session, ", p_force => true")),
                    ("dba", call("terminate_session", session, ", p_force => true")), "terminate by force twice")
    t.eq((one[0], two[0]), ("ok", "invalid_transition"), "terminate by force twice: the second is refused")
    t.eq(events(root, session, "force_terminate"), 1, "terminate by force twice: it happened once")
    t.eq(world.miscounts(root), "", "terminate by force twice: given back once")


def two_claimers(t, root, db):
    """Two dispatchers claim at once (a replica that lost its agent and does not know it yet): no command twice."""
    for _ in range(10):
        root.ask("SELECT t.create_session('ann');")
    epoch = root.ask("SELECT t.epoch('agent-1');")
    claim = (f"SELECT string_agg(c ->> 'command_id', ' ') FROM jsonb_array_elements(streamspace.claim_commands("
             f"p_agents => '[{{\"agent\": \"agent-1\", \"epoch\": {epoch}}}]', p_limit => 5)) AS c;")
    outcomes = together([("api", claim)] * 6, db)
    t.eq({code for code, _ in outcomes}, {"ok"}, "two claimers: all return")
    claimed = " ".join(text for _, text in outcomes).split()
    rest = json.loads(root.ask("SELECT t.claim('agent-1');"))
    claimed += [command["command_id"] for command in rest]
    t.ok(len(claimed) >= 10, "two claimers: all commands were claimed")
    t.eq(len(claimed), len(set(claimed)), "two claimers: each once")


def two_instances(t, root, db):
    """Two processes with one key connect at once: one is connected, the other hears so."""
    root.ask("SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-1'', p_epoch => %s,"
             " p_reason => ''test'')', t.epoch('agent-1')));")
    actor = world.actor("agent-1")

    def connect(instance):
        return "api", (f"SELECT streamspace.connect_agent(p_agent => 'agent-1', p_instance => '{instance}', p_replica => 'r',"
                       f" p_address => NULL, p_replace_epoch => NULL, p_actor => {actor}) ->> 'epoch';")

    outcomes = together([connect(f"instance-{at}") for at in range(10)], db)
    t.eq(sorted(code for code, _ in outcomes), ["agent_already_connected"] * 9 + ["ok"], "two instances: one of ten is connected")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.agent_connection AS c WHERE c.agent_id = 'agent-1' AND c.disconnected_at IS NULL;"),
         "1", "two instances: there is one open connection")
    winner = next(text for code, text in outcomes if code == "ok")
    t.eq(root.ask("SELECT t.epoch('agent-1');"), winner, "two instances: with the winner's epoch")


def storm(t, root, db):
    """Everything at once: no deadlock, no strange error, and all counters right at the end."""
    legal = {"ok", "quota_exceeded", "invalid_transition", "session_not_found"}
    strange, done = [], {}
    lock = threading.Lock()
    start = threading.Event()

    def reports(commands):
        """What an agent says that does at once what it is told: SQL of a batch of reports and one of results."""
        reached = {"running": "running", "hibernated": "hibernated"}
        mine = [c for c in commands if c["message"]["objectKind"] == "session"]
        if not mine:
            return []
        base = [dict(agent="agent-1", epoch=c["epoch"], revision=c["message"]["revision"],
                     state=reached.get(c["message"]["payload"]["desiredState"], "terminated")) for c in mine]
        seen = [dict(b, sessionId=c["message"]["objectId"]) for b, c in zip(base, mine)]
        done = [dict(b, commandId=c["command_id"], ok=True, result={"state": b["state"], "revision": b["revision"]})
                for b, c in zip(base, mine)]
        return [(name, f"SELECT streamspace.{name}(p_items => '{json.dumps(items)}');")
                for name, items in (("observe_sessions", seen), ("complete_commands", done))]

    def worker(seed):
        dice = random.Random(seed)
        with Psql("dba") as dba, Psql() as psql, Psql("api") as api:
            start.wait()
            for _ in range(25):
                kind = dice.choice(["create", "create", "terminate", "force", "hibernate", "wake", "tick", "agent", "agent"])
                wanted = {"hibernate": "running", "wake": "hibernated"}.get(kind)
                pick = ("(SELECT s.session_id FROM streamspace_data.session AS s WHERE s.state " +
                        (f"= '{wanted}'" if wanted else "<> 'terminated'") + " ORDER BY random() LIMIT 1)")
                if kind == "create":
                    user = dice.choice([("ann", "red"), ("art", "red"), ("bob", "blue")])
                    dba.send(f"SELECT streamspace.create_session(p_template => 'term', p_owner => '{user[0]}', p_org => '{user[1]}') ->> 'id';")
                elif kind == "tick":
                    psql.send("SELECT streamspace.tick();")
                elif kind == "agent":
                    # Three calls, each its own transaction, as the server makes them.
                    psql.send("SELECT t.claim('agent-1');")
                    code, text = outcome(psql, db)
                    for function, sql in reports(json.loads(text) if code == "ok" else []):
                        api.send(sql)
                        answer = outcome(api, db)
                        if answer[0] != "ok":
                            strange.append((function, *answer))
                    psql.send("SELECT 'done';")
                else:
                    session = psql.ask("SELECT" + pick + ";")
                    if not session:
                        continue
                    dba.send(call({"force": "terminate_session"}.get(kind, f"{kind}_session"), session,
                                  ", p_force => true" if kind == "force" else ""))
                code, text = outcome(psql if kind in ("tick", "agent") else dba, db)
                with lock:
                    done[kind, code] = done.get((kind, code), 0) + 1
                    if code not in legal:
                        strange.append((kind, code, text))

    workers = [threading.Thread(target=worker, args=(seed,)) for seed in range(12)]
    for one in workers:
        one.start()
    start.set()
    for one in workers:
        one.join()
    t.eq(strange[:3], [], "storm: no deadlock and no strange error")
    for kind in ("create", "terminate", "force", "hibernate", "tick", "agent"):
        t.ok(done.get((kind, "ok"), 0) > 0, f"storm: {kind} happened ({done.get((kind, 'ok'), 0)} times)")
    t.eq(world.miscounts(root), "", "storm: usage and load equal the rows")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.session AS s WHERE (s.state IN ('running', 'hibernated', 'terminated'))"
                  " <> (s.deadline_at IS NULL);"), "0", "storm: whoever waits has a deadline")


def main(t):
    db = race.Database()
    world.make()
    with Psql() as root:
        root.ask("SELECT t.make_agent('agent-1', 'process', 100);")
        for body in (last_place, twins_of_a_key, two_ticks, terminate_and_complete, two_calls, two_claimers, two_instances, storm):
            body(t, root, db)


if __name__ == "__main__":
    harness.main(main)
