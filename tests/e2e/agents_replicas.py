#!/usr/bin/python3
"""Two servers on one database: a command is sent by the one that holds the agent, whoever committed it, and an
agent that moves from one to the other is fenced off behind itself."""
import threading

import harness
import wire_agent


def main(t):
    with harness.Stack(server=False) as stack:
        # Polls this rare: what arrives at all was rung for.
        second = stack.start_server(options=("--dispatch-poll-seconds", "600"))
        second_port, second_internal = stack.port, stack.internal_port
        first = stack.start_server(port=harness.free_port(), options=("--dispatch-poll-seconds", "600"))
        stack.template()
        user = stack.user("ada")
        agent = wire_agent.WireAgent(stack, "one")
        link = agent.connect()

        def at(port, internal):
            stack.port, stack.internal_port = port, internal

        there = harness.Rest(second_port, user.token, user.name)
        session = there.create("terminal")["id"]
        command = link.recv_json(kind="command", timeout=harness.PATIENCE)["payload"]
        t.eq(command["objectId"], session, "a session made at one replica reaches the agent of the other")

        at(second_port, second_internal)
        t.eq(wire_agent.refused(agent.open, "another"), (409, "agent_already_connected"),
             "another process is refused at the other replica too")
        moved = agent.open()
        again = moved.recv_json(kind="command", timeout=10)["payload"]
        t.eq(again["commandId"], command["commandId"], "the same process may move: its open command follows")
        result = {"type": "complete", "payload": {"commandId": command["commandId"],
                                                  "result": {"state": "running", "revision": command["revision"]}}}
        link.send_json(result)
        t.eq(wire_agent.closed(link), (1008, "stale epoch"), "the connection left behind is closed when it reports")
        t.eq(stack.db.session(session)["state"], "starting", "and changes nothing")
        agent.link = moved
        moved.send_json(result)
        wire_agent.wait_state(stack, session, "running")
        t.ok(True, "the new one counts")
        user.port = first.port
        user.terminate(session)
        command = moved.recv_json(kind="command", timeout=10)["payload"]
        t.eq(command["payload"]["desiredState"], "terminated", "and gets what the first replica commits")

        # Each agent of a crowd at either replica: nobody's command goes astray or comes twice.
        crowd = []
        for number in range(20):
            at(*((first.port, first.internal_port), (second_port, second_internal))[number % 2])
            crowd.append(wire_agent.WireAgent(stack, f"crowd-{number}", max_sessions=3))
            crowd[-1].link = crowd[-1].open()
        moved.abort()
        for member in crowd:
            threading.Thread(target=member._serve, args=(False,), daemon=True).start()
        harness.wait_for("the crowd", lambda: all(member.link for member in crowd))
        stack.admin.must("PUT", "/api/v1/templates/terminal", harness.TERMINAL)
        stack.db.query("SELECT streamspace.put_org(p_name => 'default', p_max_sessions => 1000, p_max_sessions_per_user => 1000)")
        made = []
        for number in range(40):
            client = harness.Rest((first.port, second_port)[number % 2], user.token, user.name)
            made.append(client.create("terminal")["id"])
        for session in made:
            wire_agent.wait_state(stack, session, "running")
        t.ok(True, "40 sessions on 20 agents at two replicas run")
        t.eq(max(count for member in crowd for count in member.deliveries.values()), 1, "no command came twice")
        t.eq(sum(len(member.effects) for member in crowd), 40, "40 effects")
        for member in crowd:
            member.stop()
        for server in (first, second):
            t.eq(server.stop(), 0, "a server ends well")
            t.eq(server.complaints(), [], "without a complaint of a sanitizer")


if __name__ == "__main__":
    harness.main(main)
