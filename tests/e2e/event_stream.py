#!/usr/bin/python3
"""The stream of events, as server-sent events and as a WebSocket: what comes, to whom, from which server, after which
break, and how a stream ends."""

import json
import os
import re
import subprocess
import time

import event_client
import harness
import ws
from event_client import changes, hello, of


def rename(user, session, name):
    return user.must("PATCH", f"/api/v1/sessions/{session}", {"name": name})


def bye(stream):
    """The reason of the bye; what comes before it is passed over."""
    while True:
        message = stream.recv()
        if message["type"] == "bye":
            return message["reason"]


def walk(t, stack, ada, transport):
    """The story of one subscriber, by one transport."""
    name = transport.kind
    stream = transport(stack.port, ada.token)
    token = hello(stream)
    t.ok(token.startswith("e1-"), f"{name}: hello with a token")
    session = ada.create("terminal")["id"]
    items, _ = changes(stream, of(session))
    item = next(item for item in items if item["id"] == session)
    t.eq((item["kind"], item["session"]), ("session", ada.session(session)), f"{name}: a new session, as it is read")
    rename(ada, session, "one")
    items, seen = changes(stream, of(session, "update"))
    t.eq(items[-1]["session"]["name"], "one", f"{name}: it gets a name")

    # away, and back
    stream.abort()
    rename(ada, session, "two")
    other = ada.create("terminal")["id"]
    stream = transport(stack.port, ada.token, since=seen)
    hello(stream)
    items, seen = changes(stream, of(other))
    t.eq(sorted(item["id"] for item in items), sorted([session, other]), f"{name}: after a break: what was missed, once")
    t.eq(next(item for item in items if item["id"] == session)["session"]["name"], "two", f"{name}: as it is now")
    again = transport(stack.port, ada.token, since=seen)
    hello(again)
    rename(ada, session, "three")
    items, _ = changes(again, of(session))
    t.eq([item["id"] for item in items], [session], f"{name}: nothing of before a token comes again")
    again.abort()
    changes(stream, of(session))
    ada.terminate(other)
    items, _ = changes(stream, lambda item: item["id"] == other and item["session"]["state"] == "terminated")
    t.ok(items, f"{name}: its end is told")

    # gaps
    for since, reason in (("e1-999-0-3-0", "restored"),):
        lost = transport(stack.port, ada.token, since=since)
        hello(lost)
        gap = lost.recv()
        t.eq((gap["type"], gap["reason"]), ("gap", reason), f"{name}: a token of before a restore is a gap")
        rename(ada, session, f"after {since}")
        t.ok(changes(lost, of(session)), f"{name}: and the stream goes on after it")
        lost.abort()
    for query, code in (({"since": "nonsense"}, (422, "invalid_argument")), ({"org": "elsewhere"}, (403, "forbidden"))):
        try:
            transport(stack.port, ada.token, **query)
            t.fail(f"{name}: {query} is refused")
        except ws.Refused as refusal:
            t.eq((refusal.status, refusal.code), code, f"{name}: {query} is refused")
    for token in (None, "0" * 64, "x"):
        try:
            transport(stack.port, token)
            t.fail(f"{name}: without a log-in")
        except ws.Refused as refusal:
            t.eq((refusal.status, refusal.code), (401, "unauthorized"), f"{name}: with the token {token}")
    stream.abort()
    return session


def shares(t, stack, ada, ben, transport):
    name = transport.kind
    session = ada.create("terminal")["id"]
    stream = transport(stack.port, ben.token)
    hello(stream)
    rename(ada, session, "unseen")
    mine = ben.create("terminal")["id"]
    t.eq([item["id"] for item in changes(stream, of(mine))[0] if item["id"] != mine], [], f"{name}: nothing of others")
    share = ada.must("POST", f"/api/v1/sessions/{session}/shares", {"user": ben.name})
    items, _ = changes(stream, of(session))
    t.eq((items[-1]["event"], items[-1]["session"]["name"]), ("share", "unseen"), f"{name}: a share is told with what it shows")
    rename(ada, session, "seen")
    t.eq(changes(stream, of(session))[0][-1]["session"]["name"], "seen", f"{name}: and what comes of it")
    ada.must("DELETE", f"/api/v1/sessions/{session}/shares/{share['id']}")
    items, _ = changes(stream, of(session))
    t.eq((items[-1]["event"], items[-1]["session"]), ("revoke_share", None), f"{name}: revoked: it is gone")
    rename(ada, session, "unseen again")
    ben.must("PATCH", f"/api/v1/sessions/{mine}", {"name": "x"})
    t.eq([item["id"] for item in changes(stream, of(mine))[0] if item["id"] != mine], [], f"{name}: and stays so")
    stream.abort()


def orgs(t, stack, ada, transport):
    """Two organisations see nothing of each other; a platform administrator asks for one."""
    name = transport.kind
    zoe = stack.zoe
    boss = transport(stack.port, stack.blue_admin.token)
    theirs = transport(stack.port, zoe.token)
    root = transport(stack.port, stack.admin.token, org="blue")
    for stream in (boss, theirs, root):
        hello(stream)
    ours = ada.create("terminal")["id"]
    session = zoe.create("terminal")["id"]
    for who, stream in (("a user", theirs), ("an administrator", boss), ("a platform administrator who asks for it", root)):
        items, _ = changes(stream, of(session))
        t.eq({item["id"] for item in items}, {session}, f"{name}: {who} of the other organisation: theirs alone")
        t.ok(ours not in str(items), f"{name}: control: not ours")
        stream.abort()


def ends(t, stack, ada, transport):
    name = transport.kind
    guest = stack.anonymous().login(ada.name, ada.password)
    stream, other = transport(stack.port, guest.token), transport(stack.port, ada.token)
    hello(stream)
    hello(other)
    began = time.monotonic()
    guest.must("POST", "/api/v1/logout")
    t.eq(bye(stream), "logged_out", f"{name}: who logs out is told so")
    t.ok(time.monotonic() - began < 10, f"{name}: within a second (ten times that are asserted)")
    t.ok(stream.ended(), f"{name}: and the stream ends")
    session = ada.create("terminal")["id"]
    t.ok(changes(other, of(session)), f"{name}: another log-in of his goes on")
    other.abort()
    gone = stack.user(f"gone-{name}")
    stream = transport(stack.port, gone.token)
    hello(stream)
    stack.admin.must("PATCH", f"/api/v1/users/{gone.name}", {"active": False})
    t.eq(bye(stream), "logged_out", f"{name}: who is deactivated is told so")
    promoted = stack.user(f"more-{name}")
    stream = transport(stack.port, promoted.token)
    hello(stream)
    stack.admin.must("PATCH", f"/api/v1/users/{promoted.name}", {"role": "operator"})
    message = stream.recv()
    if message["type"] == "gap":
        t.eq(message["reason"], "access_changed", f"{name}: another role: read your lists again")
        rename(ada, session, "for operators")
        t.ok(changes(stream, of(session)), f"{name}: and from then on what the role sees")
    else:
        t.eq(message, {"type": "bye", "reason": "logged_out"}, f"{name}: another role ends the log-in")
    stream.abort()


def examples(t, stack, ada):
    """The commands of docs/events.md, as they stand there."""
    blocks = re.findall(r"```\n(curl .*?)\n```", (harness.ROOT / "docs" / "events.md").read_text(), re.S)
    t.eq(len(blocks), 2, "two examples")
    env = {**os.environ, "TOKEN": ada.token, "URL": f"http://127.0.0.1:{stack.port}"}
    with subprocess.Popen(["bash", "-c", "exec " + blocks[0]], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as curl:
        lines = [curl.stdout.readline() for _ in range(3)]
        curl.terminate()
    t.eq((lines[0], lines[1][:6], lines[2][:22]), ("event: hello\n", "id: e1", 'data: {"type":"hello",'), "by curl: a stream")
    done = subprocess.run(["bash", "-c", blocks[1]], env=env, text=True, capture_output=True, timeout=harness.PATIENCE)
    t.eq(sorted(json.loads(done.stdout)), ["gap", "items", "token"], "by curl: one answer")


def main(t):
    with harness.Stack(server=False) as stack:
        first = stack.start_server()
        second = stack.start_server(port=harness.free_port())
        stack.port = stack.admin.port = first.port
        stack.internal_port = first.internal_port
        stack.template()
        ada, ben = stack.user("ada"), stack.user("ben")
        stack.db.query("SELECT streamspace.put_org(p_name => 'default', p_max_sessions => 1000, p_max_sessions_per_user => 1000)")
        stack.db.query("SELECT streamspace.put_org(p_name => 'blue')")
        stack.admin.must("PUT", "/api/v1/templates/terminal?org=blue", harness.TERMINAL)

        def in_blue(name, role="user"):
            made = stack.admin.must("POST", "/api/v1/users", {"name": name, "role": role, "org": "blue"}, status=201)
            stack.anonymous().must("POST", "/api/v1/set-password", {"token": made["set_password_token"], "password": "password of " + name})
            token = stack.anonymous().must("POST", "/api/v1/login", {"user": name, "password": "password of " + name, "org": "blue"})["token"]
            return harness.Rest(stack.port, token, name)

        stack.zoe, stack.blue_admin = in_blue("zoe"), in_blue("zed", "org_admin")
        for transport in event_client.TRANSPORTS:
            walk(t, stack, ada, transport)
            shares(t, stack, ada, ben, transport)
            orgs(t, stack, ada, transport)
            ends(t, stack, ada, transport)

        # once, by a question
        now = ada.must("GET", "/api/v1/events")
        t.eq((now["gap"], now["items"], sorted(now)), (None, [], ["gap", "items", "token"]), "without a stream: the token of now")
        session = ada.create("terminal")["id"]
        t.eq([item["id"] for item in ada.must("GET", event_client.path(since=now["token"]))["items"]], [session], "and what came since")
        head = ada.call("HEAD", "/api/v1/events", headers={"Accept": "text/event-stream"})
        t.eq(head.status, 200, "HEAD begins no stream")

        examples(t, stack, ada)

        # what a browser sends when it comes back
        stream = event_client.Sse(stack.port, ada.token, since="nonsense", last_event=now["token"])
        hello(stream)
        t.eq([item["id"] for item in changes(stream, of(session))[0]], [session], "Last-Event-ID counts, not since")
        stream.abort()
        stream = event_client.Sse(stack.port, ada.token)
        t.eq((stream.answer.headers["Content-Type"], stream.answer.headers["Cache-Control"]), ("text/event-stream", "no-store"), "server-sent events")
        stream.abort()

        # from the other server
        away = harness.Rest(second.port, ada.token, ada.name)
        for transport in event_client.TRANSPORTS:
            stream = transport(first.port, ada.token)
            hello(stream)
            made = away.create("terminal")["id"]
            t.ok(changes(stream, of(made)), f"{transport.kind}: what is done at another server is told")
            stream.abort()
            stream = transport(second.port, ada.token, since=ada.must("GET", "/api/v1/events")["token"])
            token = hello(stream)
            stream.abort()
            made = ada.create("terminal")["id"]
            stream = transport(first.port, ada.token, since=token)
            hello(stream)
            t.ok(changes(stream, of(made)), f"{transport.kind}: the token of one server counts at the other")
            stream.abort()

        # the server goes
        streams = [transport(second.port, ada.token) for transport in event_client.TRANSPORTS for _ in range(5)]
        for stream in streams:
            hello(stream)
        second.signal(15)
        t.eq([bye(stream) for stream in streams], ["shutting_down"] * len(streams), "a server that stops says so")
        t.eq(second.wait(), 0, "and stops")


if __name__ == "__main__":
    harness.main(main)
