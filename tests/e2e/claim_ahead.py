#!/usr/bin/python3
"""A command for an agent that is rung for alone leaves before its claim is written, and is the same message; the agent's
answer waits for the claim. A claim that fails or takes nothing costs nothing: the command arrives, and is done once."""
import subprocess
import threading

import harness
import wire_agent

FIELDS = ("commandId", "action", "objectKind", "objectId", "revision", "deadline", "payload")


def ahead(stack):
    return wire_agent.metric(stack, "dispatch_commands_ahead_total")


def asleep(stack):
    harness.wait_for("the server to sleep", lambda: wire_agent.metric(stack, "dispatch_asleep") == 1)


def command(stack, command_id):
    return stack.db.json("SELECT to_jsonb(c) FROM streamspace_data.agent_command AS c WHERE c.command_id = :'id'", user=None, id=command_id)


def same_message(t, stack, user):
    agent = wire_agent.WireAgent(stack, "first", max_sessions=10)
    link = agent.connect()
    agent.send("inventory", objects=[], complete=True, chunk=0)
    stack.wait_online("first")
    asleep(stack)
    before = ahead(stack)
    session = user.create("terminal")["id"]
    sent = link.recv_json(kind="command", timeout=10)["payload"]
    harness.wait_for("its claim", lambda: ahead(stack) == before + 1)
    row = command(stack, sent["commandId"])
    t.eq((row["state"], row["epoch"], row["attempts"]), ("sent", agent.epoch(), 1), "a command that was sent ahead is marked as sent, once")
    t.eq((sent["objectId"], sent["epoch"]), (session, agent.epoch()), "under the epoch of its connection")
    link.abort()
    link = agent.connect()
    agent.send("inventory", objects=[], complete=True, chunk=0)
    again = link.recv_json(kind="command", timeout=10)["payload"]
    t.eq({name: sent[name] for name in FIELDS}, {name: again[name] for name in FIELDS}, "claim_commands makes the same message of it")
    t.eq(sorted(sent), sorted(again), "of the same fields")
    t.eq(ahead(stack), before + 1, "a command that is sent again was claimed first")
    agent.send("ack", commandId=again["commandId"])
    agent.send("complete", commandId=again["commandId"], result={"state": "running", "revision": again["revision"]})
    wire_agent.wait_state(stack, session, "running")
    link.abort()
    stack.db.query("SELECT streamspace.set_agent(p_agent => 'first', p_draining => true)")


def answers(t, stack, user, agent):
    asleep(stack)
    before = ahead(stack)
    sessions = []
    for _ in range(20):
        asleep(stack)
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        sessions.append(session)
    t.ok(ahead(stack) - before >= 15, "one after the other they are sent ahead")
    rows = stack.db.query("SELECT count(*) FROM streamspace_data.agent_command WHERE agent_id = :'a' AND acked_at IS NULL",
                          user=None, a=agent.name)
    t.eq(rows, "0", "no acknowledgement came before its claim and was lost")
    return sessions


def crowd(t, stack, user, agent):
    made = []

    def create():
        for _ in range(10):
            made.append(user.create("terminal")["id"])

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for session in made:
        wire_agent.wait_state(stack, session, "running", 60)
    t.eq([agent.effects[(s, 1, "start_session")] for s in made], [1] * 80, "80 at once: each is started, once")


def nothing_claimed(t, stack, user, agent):
    """The row of the connection is locked by somebody else: the claim takes nothing."""
    asleep(stack)
    before = wire_agent.metric(stack, "dispatch_claims_total")
    with subprocess.Popen(["psql", "-XqAt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=stack.db.environment(None), text=True) as other:
        other.stdin.write("BEGIN; SELECT 'locked' FROM streamspace_data.agent_connection WHERE agent_id = 'good'"
                          " AND disconnected_at IS NULL FOR UPDATE;\n")
        other.stdin.flush()
        t.eq(other.stdout.readline(), "locked\n", "the connection's row is locked")
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        harness.wait_for("the claim", lambda: wire_agent.metric(stack, "dispatch_claims_total") > before)
        other.stdin.close()
    t.eq(agent.effects[(session, 1, "start_session")], 1, "a claim that takes nothing: the command was sent all the same, and done once")


def claim_fails(t, stack, user, agent):
    asleep(stack)
    failures = wire_agent.metric(stack, "dispatch_errors_total")
    stack.db.query("REVOKE EXECUTE ON FUNCTION streamspace.claim_commands FROM streamspace_api", user=None)
    session = user.create("terminal")["id"]
    wire_agent.wait_state(stack, session, "running")
    harness.wait_for("the failure", lambda: wire_agent.metric(stack, "dispatch_errors_total") > failures)
    stack.db.query("GRANT EXECUTE ON FUNCTION streamspace.claim_commands TO streamspace_api", user=None)
    t.eq(agent.effects[(session, 1, "start_session")], 1, "a claim that fails: the same")
    user.terminate(session)
    wire_agent.wait_state(stack, session, "terminated")
    t.ok(True, "and the next command finds its way")


def old_agent(t, stack, user):
    old = wire_agent.WireAgent(stack, "old", protocol=2)
    link = old.connect()
    stack.wait_online("old")
    asleep(stack)
    before, claimed = ahead(stack), wire_agent.metric(stack, "dispatch_commands_claimed_total")
    user.create("terminal")
    sent = link.recv_json(kind="command", timeout=10)["payload"]
    t.eq(sent["action"], "start_session", "an agent before protocol 3 gets its command")
    t.eq((ahead(stack), wire_agent.metric(stack, "dispatch_commands_claimed_total")), (before, claimed + 1), "but not before its claim is durable")
    link.abort()


def main(t):
    with harness.Stack() as stack:
        stack.template()
        user = stack.user("ada", max_sessions=1000)
        same_message(t, stack, user)
        agent = wire_agent.WireAgent(stack, "good", max_sessions=1000).serve()
        stack.wait_online("good")
        answers(t, stack, user, agent)
        crowd(t, stack, user, agent)
        nothing_claimed(t, stack, user, agent)
        claim_fails(t, stack, user, agent)
        stack.db.query("SELECT streamspace.set_agent(p_agent => 'good', p_draining => true)")
        agent.stop()
        old_agent(t, stack, stack.user("olga"))  # whose home is at no other agent
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq(stack.server.complaints(), [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
