#!/usr/bin/python3
"""kill -9 of the server between the database and an agent: a command that was claimed, sent, or whose result was
about to be written is delivered again after the restart, and takes effect once.

The agent is made of frames and answers at once, so that the kill hits a moment that a slow one would not show.
"""
import signal

import faults
import harness
import wire_agent

POINTS = ("claim-after-commit", "command-after-send", "result-before-write", "result-after-write")
STEPS = (("create", "running"), ("hibernate", "hibernated"), ("wake", "running"), ("terminate", "terminated"))


def start(stack, point):
    """A server whose fault point is armed while the file is not there."""
    once = stack.dir / f"fired-{point}"
    stack.start_server(fault=point, env={"STREAMSPACE_FAULT_ONCE": str(once)}, options=("--replica", "here"))
    return once


def one_step(t, stack, user, agent, point, step, session, state):
    what = f"{point}, {step}"
    once = stack.dir / f"fired-{point}"
    before = sum(agent.effects.values())
    victim = stack.server
    once.unlink()
    known = {row["id"] for row in stack.db.json("SELECT streamspace.list_sessions(p_limit => 200);")["items"]}
    try:
        user.create("terminal") if step == "create" else getattr(user, step)(session)
    except OSError:
        pass  # the server may be dead before it answers
    session = faults.newest(stack, known) if step == "create" else session
    status = harness.wait_for(f"the server to be killed at {point}", lambda: not victim.running() and [victim.wait()])
    t.eq(status, [-signal.SIGKILL], f"{what}: killed")
    t.ok(f"fault point={point}" in victim.log, f"{what}: at that point")
    start(stack, point)
    wire_agent.wait_state(stack, session, state)
    harness.wait_for("no open command", lambda: stack.db.query(
        "SELECT count(*) FROM streamspace_data.agent_command WHERE state IN ('pending', 'sent', 'acked')",
        user=None) == "0")
    t.ok(True, f"{what}: {state} after the restart")
    t.eq(sum(agent.effects.values()) - before, 1, f"{what}: one effect")
    return session


def main(t):
    with harness.Stack(server=False) as stack:
        for point in POINTS:
            (stack.dir / f"fired-{point}").touch()
        start(stack, POINTS[0])
        stack.template()
        for number, point in enumerate(POINTS):
            if number:
                stack.server.stop()
                start(stack, point)
            agent = wire_agent.WireAgent(stack, f"agent-{number}").serve()
            stack.wait_online(agent.name)
            # each agent has its user: a home stays where it lies
            user = stack.user(f"ada-{number}")
            session = None
            for step, state in STEPS:
                session = one_step(t, stack, user, agent, point, step, session, state)
            again = [count for count in agent.deliveries.values() if count > 1]
            if point in ("command-after-send", "result-before-write"):
                t.ok(again, f"{point}: commands came more than once ({len(again)})")
            t.eq(len(agent.effects), len(STEPS), f"{point}: {len(STEPS)} effects in all")
            t.eq(max(agent.effects.values()), 1, f"{point}: none of them twice")
            agent.stop()
            harness.wait_for("it to be offline", lambda: stack.agent_row(agent.name)["state"] == "offline")
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq([line for server in stack.servers for line in server.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
