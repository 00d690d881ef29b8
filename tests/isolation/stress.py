#!/usr/bin/python3
"""Everything at once: 20 connections create, hibernate, wake and end sessions, sweep, read, and speak for four agents
that claim, report, list, reconnect and beat, with batches that name each other's sessions. No call may fail in a way
that is not a refusal (no deadlock, no broken constraint), every counter must equal its rows, and when all is done
every session must still have a way on: a deadline, a command, or nothing to wait for.

STRESS_SECONDS makes it longer.
"""

import json
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from race import Psql, SqlError  # noqa: E402
import harness  # noqa: E402
import race  # noqa: E402
import world  # noqa: E402

SECONDS = float(os.environ.get("STRESS_SECONDS", 25))
AGENTS = {"agent-1": ("process", 12), "agent-2": ("process", 6), "agent-3": ("kubernetes", 8), "agent-4": ("kubernetes", 4)}
USERS = ("ann", "art", "bob", "amy", "bea")
REFUSALS = {"quota_exceeded", "invalid_transition", "session_not_found", "agent_already_connected", "request_in_flight", "request_mismatch"}


def literal(value):
    return "'" + json.dumps(value).replace("'", "''") + "'"


class Shared:
    """What the workers know of each other's doings. Guesses are good enough: a wrong one is a refusal."""

    def __init__(self, db):
        self.db = db
        self.sessions = []
        self.commands = []
        self.epochs = {}
        self.done = {}
        self.strange = []
        self.lock = threading.Lock()
        self.until = time.monotonic() + SECONDS

    def count(self, what, code, text):
        with self.lock:
            self.done[what] = self.done.get(what, 0) + (code == "ok")
            if code != "ok" and code not in REFUSALS:
                self.strange.append((what, code, text[:600]))

    def sample(self, rng, n):
        with self.lock:
            recent = self.sessions[-60:]
        return rng.sample(recent, min(n, len(recent)))


class Worker:
    def __init__(self, shared, seed, login="api"):
        self.shared, self.rng = shared, random.Random(seed)
        self.psql = Psql(login)

    def ask(self, what, sql):
        try:
            answer = self.psql.ask(sql)
        except SqlError as error:
            self.shared.count(what, self.shared.db.code_of(error), str(error))
            return None
        self.shared.count(what, "ok", "")
        return json.loads(answer) if answer else None

    def run(self):
        try:
            while time.monotonic() < self.shared.until:
                self.step()
        except Exception as error:  # ends the test, not only this thread
            self.shared.count("worker", "broken", repr(error))
        finally:
            self.psql.close()


class Client(Worker):
    def step(self):
        rng, user = self.rng, self.rng.choice(USERS)
        what = rng.choices(["create", "terminate", "force", "hibernate", "wake", "list", "get", "template", "dry"], [8, 3, 2, 6, 6, 1, 1, 0.3, 1])[0]
        session = (self.shared.sample(rng, 1) or ["s-00000000000000000000000000"])[0]
        actor = f"p_actor => t.actor('{'root' if rng.random() < 0.7 else user}')"
        if what == "create":
            template = rng.choice(["term", "box"])
            one = self.ask(what, f"SELECT streamspace.create_session(p_template => '{template}', p_actor => t.actor('{user}'));")
            if one:
                with self.shared.lock:
                    self.shared.sessions.append(one["id"])
        elif what == "terminate":
            self.ask(what, f"SELECT streamspace.terminate_session(p_session => '{session}', {actor});")
        elif what == "force":
            self.ask(what, f"SELECT streamspace.terminate_session(p_session => '{session}', p_force => true, {actor}, p_request_id => '{session}');")
        elif what in ("hibernate", "wake"):
            self.ask(what, f"SELECT streamspace.{what}_session(p_session => '{session}', {actor});")
        elif what == "list":
            self.ask(what, f"SELECT streamspace.list_sessions(p_actor => t.actor('{user}'));")
        elif what == "get":
            self.ask(what, f"SELECT streamspace.get_session(p_session => '{session}', {actor});")
        elif what == "dry":
            self.ask(what, f"SELECT streamspace.create_session(p_template => 'term', p_actor => t.actor('{user}'), p_dry_run => true);")
        else:
            spec = {"platforms": ["kubernetes"], "baseImage": f"box:{rng.randrange(1000)}"}
            self.ask(what, f"SELECT streamspace.put_template(p_name => 'box', p_spec => {literal(spec)}, p_org => '{rng.choice(['red', 'blue'])}',"
                           " p_actor => t.actor('root'));")


class Reporter(Worker):
    """Speaks for all agents, as a server does: batches across agents, some of it late, wrong or twice."""

    def item(self, agent, **more):
        epoch = self.shared.epochs.get(agent, 0)
        return dict(agent=agent, epoch=epoch - (self.rng.random() < 0.03), **more)

    def step(self):
        what = self.rng.choices(["claim", "complete", "acknowledge", "observe", "progress", "heartbeat", "inventory", "connect", "disconnect"],
                                [10, 12, 5, 5, 2, 3, 2, 0.4, 0.2])[0]
        getattr(self, what)()

    def claim(self):
        agents = [{"agent": a, "epoch": e} for a, e in self.shared.epochs.items()]
        self.rng.shuffle(agents)
        sent = self.ask("claim", f"SELECT streamspace.claim_commands(p_agents => {literal(agents)}, p_limit => {self.rng.choice([5, 100])});")
        with self.shared.lock:
            self.shared.commands += [(c["agent"], c["message"]) for c in sent or []]
            del self.shared.commands[:-300]

    def some_commands(self, take):
        with self.shared.lock:
            some = self.rng.sample(self.shared.commands, min(len(self.shared.commands), self.rng.randint(1, 12)))
            if take:
                for one in some:
                    self.shared.commands.remove(one)
        return some

    def complete(self):
        items = []
        for agent, message in self.some_commands(self.rng.random() < 0.9):
            state = {"start_session": "running", "wake_session": "running", "hibernate_session": "hibernated"}.get(message["action"], "terminated")
            if self.rng.random() < 0.1:
                items.append(self.item(agent, commandId=message["commandId"], ok=False, error="by chance"))
            else:
                items.append(self.item(agent, commandId=message["commandId"], ok=True, result={"state": state, "revision": message["revision"]}))
        self.ask("complete", f"SELECT streamspace.complete_commands(p_items => {literal(items)});")

    def acknowledge(self):
        items = [self.item(agent, commandId=message["commandId"]) for agent, message in self.some_commands(False)]
        self.ask("acknowledge", f"SELECT streamspace.acknowledge_commands(p_items => {literal(items)});")

    def progress(self):
        items = [self.item(agent, commandId=message["commandId"], phase="x", percent=3) for agent, message in self.some_commands(False)]
        self.ask("progress", f"SELECT streamspace.report_progress(p_items => {literal(items)});")

    def observe(self):
        items = [self.item(self.rng.choice(list(AGENTS)), sessionId=session, revision=self.rng.randint(1, 4),
                           state=self.rng.choice(["running", "hibernated", "failed", "terminated", "starting"]))
                 for session in self.shared.sample(self.rng, 6)]
        self.ask("observe", f"SELECT streamspace.observe_sessions(p_items => {literal(items)});")

    def heartbeat(self):
        items = [self.item(agent, status="online", activeSessions=1) for agent in AGENTS]
        self.rng.shuffle(items)
        self.ask("heartbeat", f"SELECT streamspace.record_heartbeats(p_items => {literal(items)});")

    def inventory(self):
        agent = self.rng.choice(list(AGENTS))
        objects = [{"kind": "session", "id": session, "revision": self.rng.randint(0, 4), "uid": "u",
                    "state": self.rng.choice(["running", "hibernated"])} for session in self.shared.sample(self.rng, 40)]
        objects += [{"kind": "template", "id": name, "revision": self.rng.randint(0, 3), "uid": "u", "state": "ready"}
                    for name in ("box.red", "box.blue", "gone.red")]
        self.ask("inventory", f"SELECT streamspace.record_inventory(p_agent => '{agent}', p_epoch => {self.shared.epochs.get(agent, 0)},"
                              f" p_objects => {literal(objects)}, p_complete => true);")

    def connect(self):
        agent = self.rng.choice(list(AGENTS))
        one = self.ask("connect", f"SELECT streamspace.connect_agent(p_agent => '{agent}', p_instance => 'instance-1', p_replica => 'r',"
                                  f" p_actor => t.actor('{agent}'));")
        if one:
            self.shared.epochs[agent] = max(one["epoch"], self.shared.epochs.get(agent, 0))

    def disconnect(self):
        agent = self.rng.choice(list(AGENTS))
        self.ask("disconnect", f"SELECT streamspace.disconnect_agent(p_agent => '{agent}', p_epoch => {self.shared.epochs.get(agent, 0)}, p_reason => 'x');")
        self.connect()


class Sweeper(Worker):
    """Sweeps, with a clock that is sometimes ahead of everybody's, so that leases and deadlines are over."""

    def __init__(self, shared, seed):
        super().__init__(shared, seed, None)

    def step(self):
        ahead = self.rng.choice(["", "", "40 seconds", "11 minutes", "25 hours"])
        self.ask("sweep", f"SET streamspace.clock_offset = '{ahead}'; SELECT streamspace.tick();")
        time.sleep(self.rng.random() * 0.3)


def main(t):
    db = race.Database()
    world.make()
    shared = Shared(db)
    with Psql() as root:
        for agent, (platform, places) in AGENTS.items():
            shared.epochs[agent] = int(root.ask(f"SELECT t.make_agent('{agent}', '{platform}', {places});"))
        # A session may cost a user's limit: the counters at the limit are what is to be proven.
        root.ask("SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_max_sessions => 40, p_max_sessions_per_user => 18)');")
        root.ask("SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''blue'', p_max_sessions => 30, p_max_sessions_per_user => 18)');")
        for org in ("red", "blue"):
            root.ask("SELECT t.must('dba', $q$SELECT streamspace.put_template(p_name => 'box', p_org => '" + org + "',"
                     " p_spec => '{\"platforms\": [\"kubernetes\"], \"baseImage\": \"box\"}')$q$);")
        workers = [Client(shared, seed) for seed in range(10)] + [Reporter(shared, seed) for seed in range(20, 28)] \
            + [Sweeper(shared, seed) for seed in range(40, 42)]
        shared.until = time.monotonic() + SECONDS
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for what in ("create", "terminate", "force", "hibernate", "wake", "template", "dry", "claim", "complete", "acknowledge", "observe", "progress",
                     "heartbeat", "inventory", "connect", "sweep"):
            t.ok(shared.done.get(what, 0) > 0, f"{what} happened {shared.done.get(what, 0)} times")
        t.eq(shared.strange[:3], [], "nothing failed but by a refusal")
        t.eq(world.miscounts(root), "", "every counter equals its rows")
        t.eq(root.ask("SELECT s.session_id FROM streamspace_data.session AS s WHERE (s.deadline_at IS NULL)"
                      " <> (s.state IN ('running', 'hibernated', 'terminated'));"), "", "whoever waits has a deadline")
        t.eq(root.ask("""SELECT s.session_id, s.state FROM streamspace_data.session AS s
            WHERE s.state IN ('hibernating', 'waking', 'terminating') AND NOT EXISTS (SELECT FROM streamspace_data.agent_command AS c
                WHERE c.session_id = s.session_id AND (c.revision = s.agent_revision OR c.state IN ('pending', 'sent', 'acked')));"""),
             "", "whoever changes has had a command")
        t.eq(root.ask("SELECT c.command_id FROM streamspace_data.agent_command AS c WHERE c.state IN ('sent', 'acked') AND c.lease_until IS NULL;"),
             "", "what is under way has a lease")
        t.eq(root.ask("SELECT e.session_id FROM streamspace_data.session_event AS e WHERE e.from_state <> e.to_state AND NOT EXISTS"
                      " (SELECT FROM streamspace_data.session_transition AS x WHERE x.from_state = e.from_state AND x.event = e.event"
                      " AND x.to_state = e.to_state);"), "", "every change that was written down is one of the table")
        t.eq(root.ask("SELECT e.session_id, count(*) FROM streamspace_data.session_event AS e WHERE e.to_state = 'terminated' AND"
                      " e.from_state <> 'terminated' GROUP BY 1 HAVING count(*) > 1;"), "", "nobody ended twice")


if __name__ == "__main__":
    harness.main(main)
