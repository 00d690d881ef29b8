#!/usr/bin/python3
"""A 2.0 agent registers, is approved, and runs sessions through their life against our control plane.

The first start takes the real 20 s (STREAMSPACE_START_SECONDS changes it), so that the lease, the serial read
loop and the late first heartbeat (30 s) are met in earnest. The connection is kept for longer than the 60 s after
which such an agent gives up a server that does not ping.
"""
import os
import re
import time

import agent20
import harness
import ws

START_SECONDS = float(os.environ.get("STREAMSPACE_START_SECONDS", "20"))
TEMPLATE = {
    "displayName": "Firefox",
    "description": "A browser",
    "platforms": ["kubernetes"],
    "baseImage": "registry.example/firefox:1",
    "defaultResources": {"memory": "2Gi", "cpu": "1000m"},
    "vnc": {"enabled": True, "port": 5900},
}


def enrol(t, stack):
    """Registration with the bootstrap key, refusal, approval, the key shown once."""
    agent = agent20.Agent20(stack.port, "k8s-old-1", stack.bootstrap_key, START_SECONDS)
    answer = agent.register(key="0" * 64)
    t.eq((answer.status, answer.code), (401, "unauthorized"), "a wrong key is answered with 401")
    answer = agent.register()
    t.eq(answer.status, 202, "registration with the bootstrap key: 202")
    body = answer.json or {}
    t.eq(body.get("approvalStatus"), "pending", "approvalStatus is pending")
    t.ok(isinstance(body.get("agent"), dict) and isinstance(body.get("message"), str), "agent and message are there")
    t.eq(agent.register().status, 202, "registering again changes nothing: 202")
    try:
        agent.connect()
        t.fail("connect before approval is refused")
    except ws.Refused as refused:
        t.eq((refused.status, refused.code), (403, "approval_required"), "connect before approval: 403 approval_required")
    approved = stack.admin.must("POST", "/api/v1/agents/k8s-old-1:approve", {})
    t.like(approved.get("api_key"), r"^[0-9a-f]{64}$", "approval shows a key")
    lost = approved["api_key"]
    approved = stack.admin.must("POST", "/api/v1/agents/k8s-old-1:approve", {})
    t.ok(lost != approved["api_key"], "a second approval does not show it again: it makes a new one")
    t.ok(approved["api_key"] not in stack.admin.get("/api/v1/agents").text, "the list does not show it")
    try:
        agent.connect()
        t.fail("the bootstrap key opens no connection, approval or not")
    except ws.Refused as refused:
        t.ok(refused.status in (401, 403), f"the bootstrap key opens no connection, approval or not ({refused.status})")
    agent.key = lost
    t.eq(agent.register().status, 401, "the lost key opens nothing any more")
    agent.key = approved["api_key"]
    answer = agent.register()
    t.eq(answer.status, 200, "restarted with its own key it registers: 200")
    agent.connect()
    stack.wait_online("k8s-old-1")
    t.ok(agent.connected(), "and connects")
    return agent


def start_payload(t, command, session):
    t.eq(sorted(command), ["action", "commandId", "payload"], "a command has commandId, action and payload, no more")
    payload = command["payload"]
    want = {"sessionId": str, "user": str, "template": str, "templateManifest": dict, "namespace": str, "memory": str,
            "cpu": str, "persistentHome": bool, "idleTimeout": str, "maxSessionDuration": str, "tags": list}
    wrong = {k: payload.get(k) for k, kind in want.items() if not isinstance(payload.get(k), kind)}
    t.eq(wrong, {}, "start_session carries every field that a 2.0 agent reads, in its type")
    t.eq(payload["sessionId"], session, "the session id is the one of the API")
    t.ok(re.fullmatch(r"[a-z][a-z0-9-]{0,62}", payload["sessionId"]), "and may name a Deployment, a Service and a label")
    t.eq((payload["user"], payload["template"]), ("ada", "firefox"), "user and template are names")
    t.eq((payload["memory"], payload["cpu"]), ("2Gi", "1000m"), "memory and cpu are Kubernetes quantities")
    manifest = payload["templateManifest"] or {}
    t.eq((manifest.get("kind"), manifest.get("metadata", {}).get("name"), manifest.get("spec", {}).get("baseImage")),
         ("Template", "firefox.default", TEMPLATE["baseImage"]), "templateManifest is the whole Template resource")
    t.like(manifest.get("apiVersion"), r"^stream\.space/", "with its apiVersion")


def wait_command(agent, session, action):
    return harness.wait_for(f"{action} for {session}", lambda: next(
        (c for c in reversed(agent.commands(session)) if c["action"] == action), None))


def life(t, stack, agent, user):
    """The first session: 20 s to start, then through every state."""
    states = []
    session = user.create("firefox")["id"]
    command = wait_command(agent, session, "start_session")
    start_payload(t, command, session)
    begun = time.monotonic()
    seen = lambda state, _: states.append(state)  # noqa: E731
    user.wait_state(session, "starting", seen=seen)
    t.eq(user.session(session)["state"], "starting", "acknowledged, it is starting")
    # A second session while the agent is deaf: nothing of the first one may suffer.
    second = user.create("firefox")["id"]
    user.wait_state(session, "running", timeout=START_SECONDS + 40, seen=seen)
    took = time.monotonic() - begun
    t.ok(took >= START_SECONDS - 1, f"running only when the agent said so, after {took:.1f} s")
    t.eq(len([c for c in agent.commands(session) if c["action"] == "start_session"]), 1, "the start was sent once")
    agent.start_seconds = 0.2
    user.wait_state(second, "running", timeout=START_SECONDS + 40)
    t.ok(True, "the second session runs too")
    for action, call, passing, final in (
            ("hibernate_session", user.hibernate, "hibernating", "hibernated"),
            ("wake_session", user.wake, "waking", "running"),
            ("stop_session", user.terminate, "terminating", "terminated")):
        answer = call(session)
        t.eq(answer["state"], passing, f"{action}: the answer says {passing}")
        user.wait_state(session, final)
        t.eq(agent.commands(session)[-1]["action"], action, f"{action} was sent, and its complete made it {final}")
        payload = agent.commands(session)[-1]["payload"]
        t.ok(payload.get("sessionId") == session and isinstance(payload.get("namespace"), str),
             f"{action} carries sessionId and namespace")
    t.ok(session not in agent.sessions, "it is gone on the agent")
    return second


def broken_connection(t, stack, agent, user):
    """The connection breaks between status and complete; the repeated start is answered with failed."""
    agent.status_first = True

    def cut(moment, command):
        if moment == "sent status" and command["action"] == "start_session":
            agent.link.abort()

    agent.hook = cut
    session = user.create("firefox")["id"]
    harness.wait_for("the connection to break", lambda: not agent.connected())
    agent.hook = None
    user.wait_state(session, "running")
    t.ok(True, "status alone made it running")

    def reconnect():
        try:
            return agent.connect()
        except ws.Refused:
            return None  # the old connection is still being pinged

    harness.wait_for("the agent to get in again", reconnect, every=0.5)
    stack.wait_online("k8s-old-1")
    user.hibernate(session)
    user.wait_state(session, "hibernated")
    failed = [m for m in agent.sent if m["type"] == "failed"]
    t.diag(f"{len(failed)} repeated start(s) were answered with failed")
    events = stack.db.query("SELECT count(*) FROM streamspace.v_sessions s WHERE s.state = 'failed';", user=None)
    t.eq(events, "0", "no session failed by a repeated start")
    user.terminate(session)
    user.wait_state(session, "terminated")
    # The other order: complete before status.
    agent.status_first = False
    session = user.create("firefox")["id"]
    user.wait_state(session, "running")
    t.ok(True, "complete before status works as well")
    return session


def quiet(t, stack, agent):
    """The connection outlives the 60 s without which the agent would close it."""
    harness.wait_for("65 s of one connection", lambda: agent.closed_by_us or agent.ended
                     or time.monotonic() - agent.connected_at > 65, timeout=90, every=0.5)
    t.eq((agent.closed_by_us, agent.ended), (None, None), "the connection lives longer than 65 s")
    t.ok(agent.pings, f"{len(agent.pings)} WebSocket pings came")
    t.eq(stack.agent_row("k8s-old-1")["state"], "online", "and the agent is still online")


def main(t):
    with harness.Stack() as stack:
        stack.template("firefox", TEMPLATE)
        user = stack.user("ada")
        agent = enrol(t, stack)
        try:
            second = life(t, stack, agent, user)
            third = broken_connection(t, stack, agent, user)
            quiet(t, stack, agent)
            for session in (second, third):
                user.terminate(session)
                user.wait_state(session, "terminated")
            t.eq(agent.sessions, {}, "after all terminations the agent holds nothing")
            t.eq(agent.dropped, [], "no frame held two messages")
            kinds = {m.get("type") for _, m, _ in agent.frames if m}
            t.ok(kinds <= {"command", "ping", "shutdown"}, f"no type that a 2.0 agent does not know: {sorted(kinds)}")
            envelopes = {tuple(sorted(m)) for _, m, _ in agent.frames if m}
            t.eq(envelopes, {("payload", "timestamp", "type")}, "every envelope is type, timestamp, payload")
            t.ok(not agent.opcodes & {ws.BINARY, ws.CONTINUATION}, "text frames only, unfragmented")
            stamps = [m["timestamp"] for _, m, _ in agent.frames if m]
            t.ok(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", s) for s in stamps),
                 "timestamps are RFC 3339")
        finally:
            agent.close()
        t.eq(stack.server.stop(), 0, "the server ends well")
        t.eq(stack.server.complaints(), [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
