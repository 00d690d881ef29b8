#!/usr/bin/python3
"""Connections that replace each other. Elsewhere a reconnecting agent unregistered its own new socket and went
offline; here every connection has an epoch, and only the end of the newest one makes its agent offline."""
import threading

import harness
import wire_agent
import ws

MANY = 100


def instances(t, stack, agent):
    """Who may take whose place."""
    first = agent.connect()
    same = agent.open()
    t.ok(same.welcome["epoch"] > first.welcome["epoch"], "the same process connects again: a higher epoch")
    t.eq(wire_agent.closed(first), (1008, "replaced"), "and its old connection is closed")

    # Another process while the first one answers pings.
    stopping = threading.Event()

    def answer_pings():
        while not stopping.is_set():
            try:
                same.recv(0.2)
            except TimeoutError:
                pass

    reader = threading.Thread(target=answer_pings, daemon=True)
    reader.start()
    t.eq(wire_agent.refused(agent.open, "another"), (409, "agent_already_connected"),
         "another process is refused while the connected one answers")
    t.eq(wire_agent.refused(agent.open, ""), (409, "agent_already_connected"), "so is one that does not say who it is")
    several = [harness.Background(wire_agent.refused, agent.open, f"another-{i}") for i in range(6)]
    t.eq({one.result() for one in several}, {(409, "agent_already_connected")}, "so are six at once")
    stopping.set()
    reader.join()

    # Now nobody reads or answers on the old connection.
    other = agent.open("another")
    t.ok(True, "a silent one is replaced")
    t.ok(other.welcome["epoch"] > same.welcome["epoch"], "with a higher epoch")
    t.eq(wire_agent.closed(same), (1008, "replaced"), "and the silent one is closed")

    # A connection that is gone without a word is no obstacle.
    other.abort()
    harness.wait_for("the end to be recorded", lambda: stack.agent_row(agent.name)["state"] == "offline")
    third = agent.open("third")
    t.eq(stack.agent_row(agent.name)["state"], "online", "after a close another process may come at once")
    third.abort()


def fencing(t, stack, user, agent):
    """What arrives on a connection of an older epoch changes nothing."""
    old = agent.connect()
    session = user.create("terminal")["id"]
    command = old.recv_json(kind="command")["payload"]
    agent.send("ack", commandId=command["commandId"])
    new = agent.connect()
    again = new.recv_json(kind="command")["payload"]
    t.eq(again["commandId"], command["commandId"], "an unfinished command comes again on the new connection")
    t.ok(again["epoch"] > command["epoch"], "under the new epoch")
    try:
        old.send_json({"type": "complete", "payload": {"commandId": command["commandId"], "result": {"state": "running",
                       "revision": command["revision"]}}})
    except OSError:
        pass
    t.eq(wire_agent.closed(old), (1008, "replaced"), "the old connection is closed")
    t.eq(stack.db.session(session)["state"], "starting", "and its result changed nothing")
    # The other way round: the database is ahead of the connection that we still hold.
    stack.db.query("""SELECT streamspace.disconnect_agent(p_agent => :'agent', p_epoch => :epoch, p_reason => 'test')""",
                   user="api", agent=agent.name, epoch=agent.epoch())
    stack.db.query("""UPDATE streamspace_data.agent SET last_epoch = last_epoch + 1 WHERE agent_id = :'agent'""",
                   user=None, agent=agent.name)
    agent.send("complete", commandId=command["commandId"], result={"state": "running", "revision": command["revision"]})
    t.eq(wire_agent.closed(new), (1008, "stale epoch"), "a connection whose epoch is over is closed when it reports")
    t.eq(stack.db.session(session)["state"], "starting", "and its result changed nothing either")
    agent.serve()
    wire_agent.wait_state(stack, session, "running")
    t.eq(sum(agent.effects.values()), 1, "the next connection finishes the command, once")
    user.terminate(session)
    wire_agent.wait_state(stack, session, "terminated")
    agent.stop()


def freeze(t, stack, agents):
    """A hundred agents freeze, and come back at once while their old connections still look alive."""
    for agent in agents:
        agent.connect()
    names = {agent.name for agent in agents}

    def online():
        rows = stack.admin.must("GET", "/api/v1/agents?limit=200")["items"]
        return len([1 for row in rows if row["id"] in names and row["state"] == "online"])

    harness.wait_for("all to be online", lambda: online() == MANY)
    frozen = [agent.link for agent in agents]
    lost = wire_agent.metric(stack, "dispatch_connections_lost_total")
    jobs = [harness.Background(agent.connect, timeout=30) for agent in agents]
    for job in jobs:
        job.result(60)
    t.ok(True, f"{MANY} agents reconnect at once")
    t.eq({wire_agent.closed(link)[1] for link in frozen}, {"replaced"}, "their old connections are closed")
    harness.wait_for("the ends of the old ones to be dealt with", lambda: wire_agent.metric(
        stack, "dispatch_connections_lost_total") >= lost + MANY and wire_agent.metric(
        stack, "dispatch_write_queue_length") == 0)
    t.eq(online(), MANY, "all of them are online afterwards")
    t.eq(int(wire_agent.metric(stack, "dispatch_agents_connected")), MANY, "and connected, each once")
    for agent in agents:
        agent.send("ping")
    t.eq(sum(agent.link.recv_json(kind="pong")["type"] == "pong" for agent in agents), MANY, "every new connection works")
    for agent in agents:
        agent.link.abort()
    harness.wait_for("all to be offline", lambda: online() == 0)
    t.ok(True, "when they close they are offline")


def restart(t, stack, agent):
    """Another process of an agent after a restart of the server: nobody here holds the old connection."""
    agent.connect()
    stack.server.kill()
    stack.restart_server(options=OPTIONS)
    other = agent.open("after-the-restart")
    t.ok(other.welcome["epoch"] > agent.epoch(), "a connection that died with the server is replaced at once")
    other.abort()


def keeps_alive(t, stack, agent):
    """Pings come often enough for a 2.0 agent, and who answers none is cut off."""
    silent = wire_agent.metric(stack, "dispatch_agents_silent_total")
    link = agent.open(auto_pong=False)
    t.eq([link.recv(harness.PATIENCE)[0] for _ in range(2)], [ws.PING] * 2, "WebSocket pings come, and come again")
    t.eq(wire_agent.closed(link, timeout=harness.PATIENCE), (1008, "silent"),
         "who sends nothing and answers no ping is cut off")
    t.eq(wire_agent.metric(stack, "dispatch_agents_silent_total"), silent + 1, "for that reason")


OPTIONS = ("--replica", "here", "--dispatch-probe-seconds", "1", "--dispatch-ping-seconds", "1", "--dispatch-silence-seconds", "3")


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=OPTIONS)
        stack.template()
        user = stack.user("ada")
        agent = wire_agent.WireAgent(stack, "one")
        instances(t, stack, agent)
        fencing(t, stack, user, agent)
        keeps_alive(t, stack, agent)
        restart(t, stack, agent)
        stack.server.stop()
        stack.restart_server()
        freeze(t, stack, [wire_agent.WireAgent(stack, f"many-{i}") for i in range(MANY)])
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq([line for server in stack.servers for line in server.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
