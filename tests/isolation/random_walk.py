#!/usr/bin/python3
"""A random walk: clients, the clock, and agents that crash, lose frames, repeat themselves and fail, all by chance.
Then faults end, everybody stays connected, time goes on, and every session must come to rest with the world of its
agent in agreement: running or hibernated where the agent says so, terminated and gone everywhere else.

Time is the clock of a superuser (streamspace.clock_offset); nothing here sleeps. RANDOM_WALK_SEED repeats one walk,
RANDOM_WALK_STEPS makes it longer.
"""

import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from race import Psql, SqlError  # noqa: E402
import harness  # noqa: E402
import world  # noqa: E402

WALKS = 3
STEPS = 700
SECONDS = 40  # all walks together; a slow machine takes shorter ones


class Walk:
    """The database as a superuser, a clock that we move, and who said what to whom."""

    def __init__(self, root, rng):
        self.root = root
        self.rng = rng
        self.log = []
        self.sessions = []
        self.replies = {}

    def note(self, *words):
        self.log.append(" ".join(str(word) for word in words))

    def advance(self, seconds):
        Walk.offset += seconds
        self.root.ask(f"SET streamspace.clock_offset = '{Walk.offset:.3f} seconds';")

    def call(self, function, **arguments):
        def text(value):
            if value is None:
                return "NULL"
            if isinstance(value, bool):
                return str(value).lower()
            if isinstance(value, (dict, list)):
                value = json.dumps(value)
            return "'" + str(value).replace("'", "''") + "'"
        listed = ", ".join(f"p_{name} => {text(value)}" for name, value in arguments.items())
        answer = self.root.ask(f"SELECT streamspace.{function}({listed});")
        return json.loads(answer) if answer else None

    def rows(self, sql):
        return [line.split("\t") for line in self.root.ask(sql + ";").splitlines()]


Walk.offset = 0.0


class Agent:
    """What both protocols share: a connection with frames in flight both ways, and a world that outlives it."""

    version = None

    def __init__(self, walk, name):
        self.walk, self.rng, self.name = walk, walk.rng, name
        self.actor = walk.root.ask(f"SELECT t.actor('{name}');")
        self.world = {}  # session -> [revision, state]
        self.epoch = None
        self.instance = 1
        self.inbox, self.outbox = [], []
        self.stale = []  # (epoch, frames) that an old connection still carries

    def connect(self):
        try:
            answer = self.walk.call("connect_agent", agent=self.name, instance=self.instance_id(), replica="r", address=None,
                                    replace_epoch=self.epoch, actor=self.actor)
        except SqlError as error:
            self.walk.note(self.name, "refused", error)
            return
        if self.epoch is not None:
            if self.rng.random() < 0.5:
                self.stale.append((self.epoch, self.outbox))
            self.outbox = []
        self.inbox = []
        self.seen = set()
        self.sent_at = 0.0
        self.epoch = answer["epoch"]
        self.walk.note(self.name, "connected under", self.epoch)
        self.begin()

    def disconnect(self):
        if self.epoch is None:
            return
        self.walk.call("disconnect_agent", agent=self.name, epoch=self.epoch, reason="walk")
        self.walk.note(self.name, "disconnected; lost", len(self.inbox), "in", len(self.outbox), "out")
        self.epoch = None
        self.inbox, self.outbox = [], []

    def send(self, kind, **payload):
        if self.epoch is not None:
            self.outbox.append((kind, payload))

    def work(self, faults):
        """One frame, if there is one."""
        if self.inbox:
            command = self.inbox.pop(0)
            self.walk.note(self.name, "does", command["action"], command["payload"].get("sessionId"), command.get("revision"))
            self.do(command, faults)

    def heartbeat(self):
        if self.epoch is not None:
            self.walk.call("record_heartbeats", items=[{"agent": self.name, "epoch": self.epoch, "status": "online",
                                                        "activeSessions": len(self.world), "capacity": {"maxSessions": 100}}])


class Agent3(Agent):
    """Protocol 3: knows revisions, remembers what it did last, tells its inventory on every connection."""

    version = 3

    def __init__(self, walk, name):
        super().__init__(walk, name)
        self.last = {}  # session -> [revision, state], in the memory of the process only

    def instance_id(self):
        return f"{self.name}-{self.instance}"

    def begin(self):
        self.inventory()

    def inventory(self):
        objects = [{"kind": "session", "id": session, "revision": revision, "uid": session, "state": state}
                   for session, (revision, state) in sorted(self.world.items())]
        self.send("inventory", objects=objects)

    def restart(self):
        """The process dies: what it was told and had not done is gone; the sessions live."""
        self.disconnect()
        self.instance += 1
        self.last = {}
        self.walk.note(self.name, "restarted")

    def lose(self, session):
        """The compute of a session ends by itself."""
        revision, state = self.world[session]
        if state != "running":
            return
        how = self.rng.choice(["gone", "vague", "failed", "failed"])
        self.walk.note(self.name, "loses", session, how)
        if how == "gone":
            del self.world[session]
            self.last.pop(session, None)
        elif how == "vague":
            self.world[session] = [0, "running"]
        else:
            self.world[session] = [revision, "failed"]
            self.send("observed", sessionId=session, revision=revision, state="failed", reason="ended", message="ended")

    def do(self, command, faults):
        payload, ident = command["payload"], command["commandId"]
        session, revision, action = payload["sessionId"], command["revision"], command["action"]
        have = self.last.get(session) or self.world.get(session)
        if self.rng.random() < 0.8:
            self.send("ack", commandId=ident)
        if have and have[0] > revision:
            self.send("complete", commandId=ident, result={"state": have[1], "revision": have[0]})
            return
        # What it has done it does not fail at when it is told again.
        if faults and have != [revision, "terminated"] and self.rng.random() < 0.12:
            half = self.rng.random()
            if half < 0.3 and session in self.world:
                self.world[session] = [revision, "failed"]
            self.send("failed", commandId=ident, error="it did not work", reason="Chance")
            return
        if faults and action == "start_session" and self.rng.random() < 0.2:
            self.send("progress", commandId=ident, phase="pulling")
        if action == "stop_session":
            state = "terminated"
            if payload["desiredState"] == "stopped":
                self.world[session] = [revision, state]
            else:
                self.world.pop(session, None)
        else:
            state = "hibernated" if action == "hibernate_session" else "running"
            self.world[session] = [revision, state]
        self.last[session] = [revision, state]
        if state == "running" and self.rng.random() < 0.3:
            self.send("complete", commandId=ident, result={"state": "starting", "revision": revision})
            self.send("observed", sessionId=session, revision=revision, state="running")
        else:
            if self.rng.random() < 0.3:
                self.send("observed", sessionId=session, revision=revision, state=state)
            self.send("complete", commandId=ident, result={"state": state, "revision": revision})
        if faults and self.rng.random() < 0.1:  # says it twice
            self.outbox.append(self.outbox[-1])


class Agent20(Agent):
    """2.0: one command at a time, no revision, no inventory; a start of what exists fails, so does any other of what does not."""

    version = 2

    def instance_id(self):
        return None

    def begin(self):
        pass

    def restart(self):
        self.disconnect()
        self.walk.note(self.name, "restarted")

    def do(self, command, faults):
        payload, ident = command["payload"], command["commandId"]
        session, action = payload["sessionId"], command["action"]
        self.send("ack", commandId=ident)
        self.seen.discard(ident)  # what was answered may be tried again
        if (action == "start_session") == (session in self.world):
            self.send("failed", commandId=ident, error="already exists" if session in self.world else "not found")
            return
        if faults and self.rng.random() < 0.05:
            self.send("failed", commandId=ident, error="it did not work")
            return
        if action == "start_session":
            self.world[session] = [None, "running"]
            self.send("status", sessionId=session, state="running")
        elif action == "stop_session":
            del self.world[session]
        else:
            self.world[session] = [None, "hibernated" if action == "hibernate_session" else "running"]
        self.send("complete", commandId=ident, result={"sessionId": session, "status": "running"})


REPORTS = {"ack": "acknowledge_commands", "complete": "complete_commands", "failed": "complete_commands",
           "observed": "observe_sessions", "status": "observe_sessions", "progress": "report_progress"}


class World(Walk):
    def __init__(self, root, rng, number):
        super().__init__(root, rng)
        self.agents = []
        for kind, name in ((Agent3, f"w{number}-a"), (Agent3, f"w{number}-b"), (Agent20, f"w{number}-old")):
            key = f"encode(t.actor('{name}'), 'hex')" if kind.version == 3 else "NULL"
            root.ask(f"""SELECT streamspace.register_agent(p_agent => '{name}', p_platform => 'process', p_capacity => '{{"maxSessions": 100}}',
                p_protocol_version => {kind.version}, p_key_hash => {key}, p_actor => t.actor('bootstrap'));""")
            if kind.version == 3:
                root.ask(f"SELECT t.must('dba', format('SELECT streamspace.approve_agent(p_agent => %L, p_key_prefix => %L)', '{name}',"
                         f" left(encode(t.actor('{name}'), 'hex'), 8)));")
                self.agents.append(kind(self, name))
            else:
                key = json.loads(root.ask(f"SELECT t.must('dba', 'SELECT streamspace.approve_agent(p_agent => ''{name}'')');"))["api_key"]
                self.agents.append(kind(self, name))
                self.agents[-1].actor = root.ask(f"SELECT sha256(convert_to('{key}', 'UTF8'));")

    # --- the server ---

    def claim(self):
        at = {a.name: a for a in self.agents if a.epoch is not None}
        if not at:
            return 0
        sent = self.call("claim_commands", agents=[{"agent": a.name, "epoch": a.epoch} for a in at.values()],
                         limit=self.rng.choice([1, 10, 100]))
        for one in sent:
            assert one["epoch"] == at[one["agent"]].epoch
            agent = at[one["agent"]]
            if agent.version == 2:
                assert Walk.offset - agent.sent_at >= 149 or not agent.inbox, "a 2.0 agent has one command at a time"
                assert one["command_id"] not in agent.seen, "nothing is sent twice on one connection of a 2.0 agent"
                agent.sent_at = Walk.offset
            agent.seen.add(one["command_id"])
            agent.inbox.append(one["message"])
        return len(sent)

    def write(self, function, items):
        answer = self.call(function, items=items)
        for item, outcome in zip(items, answer):
            self.note(function, item.get("agent"), item.get("commandId") or item.get("sessionId"), item.get("state"), item.get("ok"),
                      outcome["result"])

    def deliver(self, agent, epoch, frames):
        """In the order in which they came, each run of one kind in one batch."""
        batch, function = [], None
        for kind, payload in frames:
            if kind == "inventory":
                if batch:
                    self.write(function, batch)
                    batch, function = [], None
                answer = self.call("record_inventory", agent=agent.name, epoch=epoch, objects=payload["objects"], complete=True)
                self.note(agent.name, "inventory", json.dumps(payload["objects"]), answer)
                continue
            item = dict(payload, agent=agent.name, epoch=epoch)
            if kind in ("complete", "failed"):
                item["ok"] = kind == "complete"
            if batch and REPORTS[kind] != function:
                self.write(function, batch)
                batch = []
            function = REPORTS[kind]
            batch.append(item)
        if batch:
            self.write(function, batch)

    def flush(self, agent, part=False):
        if agent.epoch is None:
            return
        n = self.rng.randint(0, len(agent.outbox)) if part else len(agent.outbox)
        frames, agent.outbox = agent.outbox[:n], agent.outbox[n:]
        self.deliver(agent, agent.epoch, frames)

    # --- what happens by chance ---

    def client(self):
        if len(self.sessions) < 6 or self.rng.random() < 0.15:
            user = self.rng.choice(["ann", "art", "bob"])
            try:
                session = json.loads(self.root.ask(f"SELECT t.must_as('{user}', 'create_session(p_template => ''term'')');"))["id"]
            except SqlError:
                return
            self.sessions.append(session)
            self.note("create", session)
            return
        session = self.rng.choice(self.sessions[-12:])
        what = self.rng.choice(["hibernate"] * 3 + ["wake"] * 3 + ["terminate", "force", "retry"])
        # Most of what is asked for fits the state, else few sessions would ever sleep and wake.
        fitting = {"hibernate": "running", "wake": "hibernated", "retry": "failed"}.get(what)
        if fitting and self.rng.random() < 0.8:
            rows = self.rows(f"SELECT s.session_id FROM streamspace_data.session AS s WHERE s.state = '{fitting}' ORDER BY s.session_id")
            fit = [row[0] for row in rows if row[0] in self.sessions]
            session = self.rng.choice(fit) if fit else session
        if what in ("terminate", "force") and self.rng.random() < 0.6:
            return
        call = f"streamspace.{what}_session(p_session => '{session}', p_actor => t.actor('root'))"
        if what == "force":
            call = f"streamspace.terminate_session(p_session => '{session}', p_force => true, p_actor => t.actor('root'))"
        try:
            self.root.ask(f"SELECT {call} ->> 'state';")
            self.note(what, session)
        except SqlError as error:
            if "not allowed" not in str(error) and "SS" not in error.sqlstate:
                raise

    def step(self):
        rng = self.rng
        agent = rng.choice(self.agents)
        what = rng.choices(
            ["client", "claim", "work", "flush", "part", "tick", "time", "connect", "replace", "disconnect", "restart", "lose", "inventory", "stale"],
            [16, 22, 26, 20, 4, 5, 3, 8, 1, 1, 1, 1, 1, 1])[0]
        self.advance(rng.random())
        if what == "client":
            self.client()
        elif what == "claim":
            self.claim()
        elif what == "work":
            for _ in range(rng.randint(1, 4)):
                agent.work(True)
        elif what in ("flush", "part"):
            self.flush(agent, what == "part")
        elif what == "tick":
            self.tick()
        elif what == "time":
            self.advance(rng.choice([1, 2, 5, 20, 40, 200]))
            for one in self.agents:
                one.heartbeat()
        elif what == "connect" and agent.epoch is None:
            agent.connect()
        elif what == "replace":
            agent.connect()
        elif what == "disconnect":
            agent.disconnect()
        elif what == "restart":
            agent.restart()
        elif what == "lose" and agent.version == 3 and agent.world:
            agent.lose(rng.choice(sorted(agent.world)))
        elif what == "inventory" and agent.version == 3 and agent.epoch is not None:
            agent.inventory()
        elif what == "stale" and agent.stale:
            epoch, frames = agent.stale.pop()
            self.deliver(agent, epoch, frames)

    def tick(self):
        answer = self.call("tick")
        busy = {name: n for name, n in answer.items() if n and not name.startswith("partitions")}
        if busy:
            self.note("tick", busy)

    # --- the end ---

    def unrest(self):
        return self.rows("""SELECT s.session_id, s.state, coalesce(s.agent_id, '-'), s.agent_revision FROM streamspace_data.session AS s
            WHERE s.state NOT IN ('running', 'hibernated', 'terminated', 'failed') OR s.cleanup_debt""") + self.rows(
            "SELECT c.command_id, c.state, c.agent_id, c.action, c.object_id FROM streamspace_data.agent_command AS c"
            " WHERE c.state IN ('pending', 'sent', 'acked')") + self.rows(
            # What a retry on another agent left behind, until its grace is over.
            "SELECT o.agent_id, o.object_id FROM streamspace_data.agent_orphan AS o")

    def settle(self, rounds):
        """Rounds until nothing is under way, or None."""
        for n in range(rounds):
            for agent in self.agents:
                if agent.epoch is None:
                    agent.connect()
            self.claim()
            for agent in self.agents:
                while agent.inbox:
                    agent.work(False)
                self.flush(agent)
            if n % 3 == 0:
                for agent in self.agents:
                    agent.heartbeat()
                self.tick()
            if not any(a.inbox or a.outbox for a in self.agents) and not self.unrest():
                return n
            self.advance(5)
        return None

    def differences(self):
        """Sessions whose row and whose agent disagree."""
        found = []
        seen = {agent.name: dict(agent.world) for agent in self.agents}
        for session, state, agent, revision in self.rows(
                "SELECT s.session_id, s.state, s.agent_id, s.agent_revision FROM streamspace_data.session AS s WHERE s.agent_id IS NOT NULL"):
            if agent not in seen:
                continue
            have = seen[agent].pop(session, None)
            want = state if state in ("running", "hibernated") else None
            if (have[1] if have else None) not in (want, "terminated" if state == "failed" else want):
                found.append(f"{session} is {state} at {revision}, on {agent} {have}")
        for agent, rest in seen.items():
            found += [f"{agent} has {session} {have}, which belongs nowhere" for session, have in rest.items()]
        return found


def walk(t, root, seed, steps, until, number):
    rng = random.Random(seed)
    w = World(root, rng, number)
    done = 0
    for agent in w.agents:
        agent.connect()
    for done in range(1, steps + 1):
        w.step()
        if time.monotonic() > until:
            break
    for agent in w.agents:
        agent.stale = []
        w.flush(agent)
        agent.disconnect()
    rested = w.settle(400)
    name = f"walk {seed}, {done} steps, {len(w.sessions)} sessions"
    good = t.ok(rested is not None, f"{name}: comes to rest")
    if not good:
        t.diag(f"unrest: {w.unrest()[:5]}")
    wrong = w.differences()
    good &= t.eq(wrong, [], f"{name}: the database and the agents agree")
    good &= t.eq(world.miscounts(root), "", f"{name}: counters equal the rows")
    w.advance(25 * 3600)
    rested = w.settle(400)
    good &= t.ok(rested is not None, f"{name}: a day later too")
    good &= t.eq(w.rows("SELECT s.session_id, s.state FROM streamspace_data.session AS s"
                        " WHERE s.state NOT IN ('running', 'hibernated', 'terminated')"), [], f"{name}: what had failed has ended")
    good &= t.eq(w.differences(), [], f"{name}: and still they agree")
    t.eq(w.rows("SELECT s.session_id FROM streamspace_data.session AS s WHERE (s.deadline_at IS NULL)"
                " <> (s.state IN ('running', 'hibernated', 'terminated'))"), [], f"{name}: whoever waits has a deadline")
    names = wrong + w.differences() + [" ".join(row) for row in w.unrest()]
    for session in [] if good else w.sessions:
        if any(session in text for text in names[:2]):
            t.diag("\n".join(line[:300] for line in w.log if session in line)[-3000:])
    reached = dict(w.rows("SELECT e.to_state, count(*) FROM streamspace_data.session_event AS e GROUP BY e.to_state"))
    t.diag(f"states entered: {reached}")
    t.diag(f"reasons: {w.rows('SELECT e.to_state, e.reason, count(*) FROM streamspace_data.session_event AS e GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 12')}")
    # The next walk begins with nobody about.
    for agent in w.agents:
        agent.disconnect()
    root.ask("SELECT count(t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', s.session_id)))"
             " FROM streamspace_data.session AS s WHERE s.state <> 'terminated';")
    root.ask("UPDATE streamspace_data.session SET cleanup_debt = false WHERE cleanup_debt;")
    root.ask("UPDATE streamspace_data.agent_command SET state = 'superseded', finished_at = now(), lease_until = NULL"
             " WHERE state IN ('pending', 'sent', 'acked');")
    return reached


def main(t):
    world.make()
    seed = os.environ.get("RANDOM_WALK_SEED")
    seeds = [int(seed)] if seed else [random.randrange(1 << 30) for _ in range(WALKS)]
    steps = int(os.environ.get("RANDOM_WALK_STEPS", STEPS))
    seconds = float(os.environ.get("RANDOM_WALK_SECONDS", SECONDS))
    begin = time.monotonic()
    with Psql() as root:
        # Log-ins last 12 hours, and a walk lasts days.
        root.ask("UPDATE streamspace_data.credential SET expires_at = 'infinity' WHERE kind = 'login';")
        root.ask("SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_max_sessions => 10000, p_max_sessions_per_user => 10000)');")
        root.ask("SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''blue'', p_max_sessions => 10000, p_max_sessions_per_user => 10000)');")
        reached = {}
        for number, one in enumerate(seeds):
            reached = walk(t, root, one, steps, begin + seconds * (number + 1) / len(seeds), number)
        for state in ("starting", "running", "hibernating", "hibernated", "waking", "terminating", "terminated", "failed"):
            t.ok(int(reached.get(state, 0)) > 0, f"sessions were {state}")


if __name__ == "__main__":
    harness.main(main)
