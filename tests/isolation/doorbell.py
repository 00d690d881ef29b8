#!/usr/bin/python3
"""The doorbell: a commit rings only for a server that sleeps, and yet no command is left lying.

The story: a writer reads "the server is awake, it polls" and does not ring; before the writer commits, the server stops
polling and sleeps. Nobody would ever tell it. So a server that goes to sleep looks on until every transaction has ended
that had begun to write by then. The servers of this test look by themselves every ten minutes only: what arrives was
rung for, or found in that way.
"""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import wire_agent  # noqa: E402
from harness import wait_for  # noqa: E402
from race import Psql  # noqa: E402

RARE = ("--dispatch-poll-seconds", "600")
PATIENT = RARE + ("--dispatch-settle-seconds", "600")
CHANNEL = "streamspace_agent"
ROWS = "SELECT string_agg(d.replica || ' ' || (d.awake_until > clock_timestamp()), ',' ORDER BY d.replica) FROM streamspace_data.doorbell AS d;"


def create(owner):
    return f"SELECT streamspace.create_session(p_template => 'terminal', p_owner => '{owner}', p_org => 'default') ->> 'id';"


def asleep(stack, server):
    stack.internal_port = server.internal_port
    return wire_agent.metric(stack, "dispatch_asleep") == 1


def sleeps(stack, server):
    wait_for("the server to sleep", lambda: asleep(stack, server))


def gets(link, session):
    """The command for a session, among those that come."""
    while True:
        command = link.recv_json(kind="command", timeout=harness.PATIENCE)["payload"]
        if command["objectId"] == session:
            return command


class Writer:
    """A transaction of a DBA; what it writes is seen when it commits."""

    def __init__(self, root, isolation="READ COMMITTED"):
        self.root = root
        self.psql = Psql("dba")
        self.psql.ask(f"BEGIN ISOLATION LEVEL {isolation};")

    def create(self, owner="ada"):
        return self.psql.ask(create(owner))

    def end(self, how="COMMIT"):
        self.psql.ask(f"{how};")
        self.psql.close()


def written_while_awake(stack, root, server, name):
    """A writer that has created a session while the row of the server said awake, and has not committed."""
    def try_once():
        root.ask("\n".join([f"NOTIFY {CHANNEL}, '{name}';"] * 50))  # fast rings make it poll
        writer = Writer(root)
        if "true" in root.ask(ROWS):
            session = writer.create()
            if "true" in root.ask(ROWS):
                return writer, session
        writer.end("ROLLBACK")
        return None

    return wait_for("a writer that finds the server awake", try_once)


def a_writer_is_overtaken(t, stack, root):
    server = stack.start_server(options=PATIENT)
    agent = wire_agent.WireAgent(stack, "one")
    link = agent.connect()
    sleeps(stack, server)
    t.ok(True, "a server begins asleep")
    writer, session = written_while_awake(stack, root, server, "one")
    wait_for("the server to say that it sleeps", lambda: root.ask(ROWS) == "")
    before = wire_agent.metric(stack, "dispatch_polls_total")
    wait_for("it to look on", lambda: wire_agent.metric(stack, "dispatch_polls_total") > before + 3)
    t.ok(not asleep(stack, server), "while a writer may count on it, the server does not sleep")
    writer.end()
    t.eq(gets(link, session)["objectId"], session, "and finds what the writer commits without a ring")
    sleeps(stack, server)
    t.ok(True, "then it sleeps")
    session = stack.db.query(create("ada"))
    t.eq(gets(link, session)["objectId"], session, "and is rung for the next one")
    agent.link.abort()
    t.eq(server.stop(), 0, "the server ends")


def a_writer_holds_on(t, stack, root):
    with Psql() as writer:
        writer.ask("BEGIN; SELECT pg_current_xact_id();")
        server = stack.start_server(options=RARE)
        agent = wire_agent.WireAgent(stack, "two")
        link = agent.connect()
        sleeps(stack, server)
        t.ok(True, "a writer that does not end keeps the server from its sleep for a second only")
        session = stack.db.query(create("ada"))
        t.eq(gets(link, session)["objectId"], session, "the others ring")
        writer.ask("ROLLBACK;")
    agent.link.abort()
    t.eq(server.stop(), 0, "the server ends")


def an_agent_moves(t, stack, root):
    """A writer saw the agent at a server that is awake; it commits when the agent is at one that sleeps."""
    first = stack.start_server(port=harness.free_port(), options=PATIENT + ("--replica", "first"))
    agent = wire_agent.WireAgent(stack, "three")
    agent.connect()
    sleeps(stack, first)
    second = stack.start_server(port=harness.free_port(), options=PATIENT + ("--replica", "second"))
    sleeps(stack, second)
    root.ask("INSERT INTO streamspace_data.doorbell VALUES ('first', clock_timestamp() + interval '1 hour');")
    writer = Writer(root)
    session = writer.create()
    stack.port = second.port
    moved = agent.open()
    wait_for("the server to look again", lambda: not asleep(stack, second))
    t.ok(True, "a server that is joined by an agent looks until older writers have ended")
    writer.end()
    t.eq(gets(moved, session)["objectId"], session, "so what was written for it at the other server arrives")
    sleeps(stack, second)
    moved.abort()
    root.ask("DELETE FROM streamspace_data.doorbell;")
    for server in (first, second):
        t.eq(server.stop(), 0, "a server ends")


def a_server_dies_awake(t, stack, root):
    server = stack.start_server(options=RARE + ("--replica", "mortal"))
    agent = wire_agent.WireAgent(stack, "four")
    agent.connect()
    sleeps(stack, server)

    def frozen_awake():
        writer, session = written_while_awake(stack, root, server, "four")
        server.signal(signal.SIGSTOP)
        if root.ask(ROWS) == "mortal true":
            return writer, session
        server.signal(signal.SIGCONT)
        writer.end("ROLLBACK")
        return None

    writer, session = wait_for("a server stopped while awake", frozen_awake)
    server.kill()
    t.eq(root.ask(ROWS), "mortal true", "the row of a killed server stays behind")
    t.eq(root.ask("SELECT max(d.awake_until) < clock_timestamp() + interval '11 seconds' FROM streamspace_data.doorbell AS d;"), "t",
         "with a lease that ends soon")
    writer.end()
    server = stack.restart_server(options=RARE + ("--replica", "mortal"))
    sleeps(stack, server)
    t.eq(root.ask(ROWS), "", "the next server of that name takes it away")
    link = agent.connect()
    t.eq(gets(link, session)["objectId"], session, "what was written meanwhile arrives with the agent")
    session = stack.db.query(create("ada"))
    t.eq(gets(link, session)["objectId"], session, "and what is written then is rung for")
    t.eq(server.stop(), 0, "the server ends")


def who_rings(t, root):
    """At the SQL level: a listener, an agent connected to replica r, and what its row says."""
    root.ask("UPDATE streamspace_data.agent_connection SET disconnected_at = now() WHERE disconnected_at IS NULL;")
    root.ask("INSERT INTO streamspace_data.agent_connection (agent_id, epoch, replica, connected_at)"
             " SELECT a.agent_id, a.last_epoch + 1, 'r', now() FROM streamspace_data.agent AS a WHERE a.agent_id = 'one';")
    with Psql() as listener:
        listener.ask(f"LISTEN {CHANNEL};")

        def rings(isolation, row=None, before=""):
            root.ask("DELETE FROM streamspace_data.doorbell;")
            if row:
                root.ask(f"INSERT INTO streamspace_data.doorbell VALUES ('r', clock_timestamp() + interval '{row}');")
            root.ask(f"{before}\nBEGIN ISOLATION LEVEL {isolation}; SELECT streamspace_rules.ring('one'); COMMIT;"
                     f" SELECT pg_notify('{CHANNEL}', 'sentinel');")
            lines = []

            def arrived():
                lines.extend(listener.ask("SELECT NULL;").splitlines())
                return any('"sentinel"' in line for line in lines)

            wait_for("the sentinel", arrived)
            return any('"one"' in line for line in lines)

        t.ok(not rings("READ COMMITTED", "1 minute"), "who reads that the server is awake does not ring")
        t.ok(rings("READ COMMITTED"), "without a row: rings")
        t.ok(rings("READ COMMITTED", "-1 second"), "with a lease that is over: rings")
        t.ok(rings("REPEATABLE READ", "1 minute"), "above READ COMMITTED: rings, whatever the row says")
        t.ok(rings("SERIALIZABLE", "1 minute"), "SERIALIZABLE too")
        t.ok(rings("READ COMMITTED", "1 minute", "REVOKE SELECT ON streamspace_data.doorbell FROM streamspace_system;"),
             "who cannot read the row rings")
        root.ask("GRANT SELECT ON streamspace_data.doorbell TO streamspace_system;")
        root.ask("UPDATE streamspace_data.agent_connection SET disconnected_at = now() WHERE disconnected_at IS NULL;")
        t.ok(rings("READ COMMITTED", "1 minute"), "for an agent without a connection: rings")


def a_younger_writer(t, root):
    """The one that reads the row before it goes, with an id that is younger than that of who takes it away. The
    snapshot's own upper bound would not count it."""
    horizon = "SELECT streamspace.take_horizon();"
    oldest = "SELECT (streamspace.find_waiting_agents('r') ->> 'oldest')::bigint;"
    root.ask("DELETE FROM streamspace_data.doorbell;")
    root.ask("INSERT INTO streamspace_data.doorbell VALUES ('r', clock_timestamp() + interval '1 minute');")
    with Psql() as server, Psql() as writer, Psql("api") as api:
        server.ask("BEGIN; SELECT streamspace.set_doorbell('r', 0);")
        writer.ask("BEGIN;")
        t.ok(int(writer.ask("SELECT pg_current_xact_id();")) > int(server.ask("SELECT pg_current_xact_id();")),
             "a writer is younger than the transaction that takes the row away")
        t.eq(writer.ask(ROWS), "r true", "and still sees it")
        server.ask("COMMIT;")
        limit = int(api.ask(horizon))
        t.ok(int(api.ask(oldest)) <= limit, "the horizon counts it while it runs")
        writer.ask("COMMIT;")
        t.ok(int(api.ask(oldest)) > limit, "and is passed when it has ended")


def main(t):
    with harness.Stack() as stack, Psql() as root:
        stack.template()
        stack.user("ada")
        stack.db.query("SELECT streamspace.put_org(p_name => 'default', p_max_sessions => 1000, p_max_sessions_per_user => 1000);")
        t.eq(stack.server.stop(), 0, "the first server ends")
        a_writer_is_overtaken(t, stack, root)
        a_writer_holds_on(t, stack, root)
        an_agent_moves(t, stack, root)
        a_server_dies_awake(t, stack, root)
        who_rings(t, root)
        a_younger_writer(t, root)


if __name__ == "__main__":
    harness.main(main)
