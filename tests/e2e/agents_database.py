#!/usr/bin/python3
"""PostgreSQL goes away and comes back: agents stay connected, what they said meanwhile is written afterwards, LISTEN
is up again, and a stop of the server while the database is away does not hang."""
import os
import subprocess

import harness
import wire_agent

PG_CTL = str(harness.ROOT / "tests" / "bin" / "pg-ctl")
# With polls this rare, a command that arrives at all was rung for.
RARE_POLLS = ("--dispatch-poll-seconds", "600")


def postgres(action):
    subprocess.run([PG_CTL, action], check=True, capture_output=True, timeout=60, env=os.environ)


def ring_works(t, stack, user, agent, name):
    session = user.create("terminal")["id"]
    command = agent.link.recv_json(timeout=harness.PATIENCE, kind="command")["payload"]
    t.eq(command["objectId"], session, f"{name}: a ring brings a command")
    return session, command


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=RARE_POLLS)
        stack.template()
        user = stack.user("ada")
        agent = wire_agent.WireAgent(stack, "one")
        link = agent.connect()
        session, command = ring_works(t, stack, user, agent, "before")
        connected = wire_agent.metric(stack, "dispatch_agents_connected")

        postgres("stop")
        harness.wait_for("LISTEN to be lost", lambda: wire_agent.metric(stack, "dispatch_listening") == 0)
        agent.send("ack", commandId=command["commandId"])
        agent.send("observed", sessionId=session, revision=command["revision"], state="starting")
        agent.send("progress", commandId=command["commandId"], phase="starting", percent=50)
        agent.send("observed", sessionId=session, revision=command["revision"], state="running")
        agent.send("complete", commandId=command["commandId"], result={"state": "running", "revision": command["revision"]})
        for _ in range(200):
            agent.send("heartbeat", status="online", activeSessions=1, capacity={})
        agent.send("ping")
        t.eq(link.recv_json(kind="pong")["type"], "pong", "an agent is served while the database is away")
        harness.wait_for("its words to wait", lambda: wire_agent.metric(stack, "dispatch_write_queue_length") >= 4)
        t.ok(wire_agent.metric(stack, "dispatch_write_queue_length") <= 8, "heartbeats do not pile up: the last one counts")
        late = wire_agent.refused(agent.open)
        t.eq(late, (503, "database_unavailable"), "a new connection is told to come back later")
        t.eq(wire_agent.metric(stack, "dispatch_agents_connected"), connected, "and the one that is there stays")

        postgres("start")
        wire_agent.wait_state(stack, session, "running")
        t.ok(True, "after the return what it said is written: running")
        t.eq(wire_agent.metric(stack, "dispatch_items_dropped_total"), 0, "nothing was dropped")
        harness.wait_for("LISTEN to be back", lambda: wire_agent.metric(stack, "dispatch_listening") == 1)
        second, other = ring_works(t, stack, user, agent, "afterwards")
        agent.send("complete", commandId=other["commandId"], result={"state": "running", "revision": other["revision"]})
        wire_agent.wait_state(stack, second, "running")

        # Killed backends alone, without an end of the server: LISTEN comes back too.
        stack.db.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api'", user=None)
        harness.wait_for("LISTEN to be back", lambda: stack.db.query(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'api' AND application_name = 'streamspaced listener'",
            user=None) == "1")
        harness.wait_for("LISTEN to be back", lambda: wire_agent.metric(stack, "dispatch_listening") == 1)
        ring_works(t, stack, user, agent, "after all backends were terminated")

        postgres("stop")
        agent.send("complete", commandId=command["commandId"], result={"state": "running", "revision": command["revision"]})
        t.eq(stack.server.stop(timeout=30), 0, "without a database the server ends too")
        t.eq(link.recv_json(kind="goaway", timeout=5)["payload"]["reason"], "shutdown", "and says goaway")
        t.eq(wire_agent.closed(link)[0], 1001, "before it closes")
        postgres("start")
        t.eq(stack.server.complaints(), [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
