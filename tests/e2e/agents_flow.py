#!/usr/bin/python3
"""Agents that send too much or read too little. A flood is slowed down by TCP and loses nothing; nobody else waits
for it. A slow reader is sent no more than it takes, and one that reads nothing at all is cut off."""
import threading
import time

import harness
import wire_agent


def flood(agent, count, done):
    """`count` reports of a session that is not the agent's, as fast as the server takes them."""
    part = b"".join(wire_agent.text_frame({"type": "observed", "payload": {
        "sessionId": "s-" + "b" * 26, "state": "running", "revision": n}}) for n in range(100))
    link = agent.open(timeout=120)
    try:
        for _ in range(count // 100):
            link.sock.sendall(part)
        link.sock.sendall(wire_agent.text_frame({"type": "ping", "payload": {}}))
        link.recv_json(kind="pong", timeout=120)
        done.append(count)
    finally:
        link.abort()


def floods(t, stack, user, good):
    written = wire_agent.metric(stack, "dispatch_items_refused_total")
    done = []
    agents = [wire_agent.WireAgent(stack, f"flood-{n}", max_sessions=0) for n in range(3)]
    threads = [threading.Thread(target=flood, args=(agent, 6000, done), daemon=True) for agent in agents]
    for thread in threads:
        thread.start()
    harness.wait_for("the flood to be held", lambda: wire_agent.metric(stack, "dispatch_reads_held_total") > 0)
    times, longest = [], 0
    for _ in range(5):
        begin = time.monotonic()
        session = user.create("terminal")["id"]
        wire_agent.wait_state(stack, session, "running")
        user.terminate(session)
        wire_agent.wait_state(stack, session, "terminated")
        times.append(time.monotonic() - begin)
        longest = max(longest, wire_agent.metric(stack, "dispatch_write_queue_length"))
    t.ok(True, f"beside three floods sessions go through their lives (slowest {max(times):.2f} s)")
    t.ok(longest < 3 * 1024 + 64, f"what waits to be written is bounded ({longest:.0f})")
    for thread in threads:
        thread.join(120)
    t.eq(done, [6000] * 3, "the floods are read to their end")
    harness.wait_for("the last of them", lambda: wire_agent.metric(stack, "dispatch_items_refused_total") - written >= 18000)
    t.ok(True, "and nothing of them was lost")
    t.eq(wire_agent.metric(stack, "dispatch_items_dropped_total"), 0, "or dropped")


def queue_commands(stack, agent, count, size):
    """Commands of a made-up kind, straight into the queue: more than an agent would ever have."""
    stack.db.query("""
        INSERT INTO streamspace_data.agent_command (command_id, agent_id, action, object_kind, object_id, revision, payload)
        SELECT 'c-' || left(md5(:'agent' || n), 26), :'agent', 'apply', 'template', 't' || n, 1, jsonb_build_object('filler', repeat('x', :size))
        FROM generate_series(1, :count) AS n;
        NOTIFY streamspace_agent, :'agent'""", user=None, agent=agent.name, count=count, size=size)


def command_states(stack, agent):
    rows = stack.db.query("SELECT state, count(*) FROM streamspace_data.agent_command WHERE agent_id = :'a' GROUP BY 1",
                          user=None, a=agent.name)
    return {line.split("\t")[0]: int(line.split("\t")[1]) for line in rows.splitlines()}


def slow_reader(t, stack):
    agent = wire_agent.WireAgent(stack, "slow", max_sessions=1)
    link = agent.connect(receive_buffer=65536)
    queue_commands(stack, agent, 1500, 20000)
    harness.wait_for("some to be claimed", lambda: command_states(stack, agent).get("sent", 0) > 0)
    claims = wire_agent.metric(stack, "dispatch_claims_total")
    harness.wait_for("two more claims", lambda: wire_agent.metric(stack, "dispatch_claims_total") >= claims + 2)
    states = command_states(stack, agent)
    t.ok(states.get("pending", 0) > 500, f"who does not read is sent no more ({states})")
    got = set()
    while len(got) < 1500:
        got.add(link.recv_json(timeout=20, kind="command")["payload"]["commandId"])
    t.eq(len(got), 1500, "when it reads, everything comes")
    link.abort()


def stalled_reader(t, stack):
    agent = wire_agent.WireAgent(stack, "stalled", max_sessions=1)
    link = agent.connect(receive_buffer=16384)
    queue_commands(stack, agent, 600, 20000)
    slow = wire_agent.metric(stack, "dispatch_agents_slow_total")
    stopping = threading.Event()

    def speak():  # it sends, so it is not silent: it only never reads
        while not stopping.is_set():
            try:
                agent.send("heartbeat", status="online", activeSessions=0, capacity={})
            except OSError:
                return
            time.sleep(0.2)

    threading.Thread(target=speak, daemon=True).start()
    harness.wait_for("it to be cut off", lambda: wire_agent.metric(stack, "dispatch_agents_slow_total") > slow)
    stopping.set()
    t.ok(True, "who reads nothing while something waits is cut off after stall_seconds")
    link.abort()
    link = agent.connect()
    t.eq(link.recv_json(kind="command", timeout=20)["type"], "command", "and gets its commands when it comes back")
    link.abort()


def answers_not_read(t, stack):
    """A peer that makes us answer and never reads cannot make us keep the answers."""
    agent = wire_agent.WireAgent(stack, "asker", max_sessions=1)
    link = agent.connect(receive_buffer=16384)
    slow = wire_agent.metric(stack, "dispatch_agents_slow_total")
    part = b"".join(wire_agent.text_frame({"type": "x" * 60, "payload": {}}) for _ in range(1000))
    link.sock.settimeout(30)
    try:
        for _ in range(100):
            link.sock.sendall(part)
    except OSError:
        pass
    harness.wait_for("it to be cut off", lambda: wire_agent.metric(stack, "dispatch_agents_slow_total") > slow,
                     timeout=2 * harness.PATIENCE)
    t.ok(True, "who asks and does not listen is cut off")
    link.abort()


def inventories(t, stack):
    agent = wire_agent.WireAgent(stack, "inventory", max_sessions=1)
    link = agent.connect()

    def chunk(number, first, count, complete):
        agent.send("inventory", chunk=number, complete=complete, objects=[
            {"kind": "session", "id": f"s-{n:026d}", "revision": 1, "uid": f"u{n}", "state": "running"}
            for n in range(first, first + count)])

    def orphans():
        return int(stack.db.query("SELECT count(*) FROM streamspace_data.agent_orphan WHERE agent_id = 'inventory'", user=None))

    chunk(0, 0, 200, False)
    chunk(1, 200, 200, False)
    chunk(2, 400, 100, True)
    harness.wait_for("the inventory", lambda: orphans() == 500)
    t.ok(True, "an inventory in three chunks is one: 500 unknown sessions")
    chunk(0, 0, 100, False)
    chunk(2, 100, 100, True)
    t.eq(link.recv_json(kind="inventory_request")["type"], "inventory_request", "one with a gap is asked for again")
    t.eq(orphans(), 500, "and nothing is concluded from it")
    chunk(1, 0, 3, True)
    harness.wait_for("the next inventory", lambda: orphans() == 3)
    t.ok(True, "the next whole one counts, numbered from 1 as well")
    chunk(0, 0, 200, False)
    lost = wire_agent.metric(stack, "dispatch_connections_lost_total")
    link.abort()
    harness.wait_for("its end", lambda: wire_agent.metric(stack, "dispatch_connections_lost_total") > lost
                     and wire_agent.metric(stack, "dispatch_write_queue_length") == 0)
    t.eq(orphans(), 3, "half of one, and gone: nothing is concluded")
    link = agent.connect()
    for number in range(20):
        try:
            chunk(number, number * 1000, 1000, False)
        except OSError:
            break
    t.eq(wire_agent.closed(link), (1009, "inventory too large"), "one beyond the bound closes the connection")


def main(t):
    with harness.Stack(server=False) as stack:
        stack.start_server(options=("--dispatch-stall-seconds", "4", "--dispatch-max-inventory-objects", "10000",
                                    "--dispatch-max-send-frames", "256", "--dispatch-agent-rate", "100000"))
        stack.template()
        user = stack.user("ada")
        good = wire_agent.WireAgent(stack, "good").serve()
        stack.wait_online("good")
        floods(t, stack, user, good)
        slow_reader(t, stack)
        stalled_reader(t, stack)
        answers_not_read(t, stack)
        inventories(t, stack)
        good.stop()
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq(stack.server.complaints(), [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
