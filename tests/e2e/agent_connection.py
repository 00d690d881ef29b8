#!/usr/bin/python3
"""The agent's enrolment and connection, against a control plane that is played by hand."""

import hashlib
import json
import os
import pathlib
import re
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402

wish = agent_alone.wish


def settled(link):
    """The connection has lasted long enough that the back-off begins anew after it."""
    link.wait("inventory")
    time.sleep(1.5)


def enrolment(t, plane, lone):
    plane.approval = "pending"
    lone.start()
    harness.wait_for("three registrations", lambda: len(plane.registrations) >= 3)
    key = (lone.state / "agent.key").read_text().strip()
    digest = hashlib.sha256(key.encode()).hexdigest()
    first_key, body = plane.registrations[0]
    t.eq(stat.S_IMODE(lone.state.stat().st_mode), 0o700, "the state directory is made, 0700")
    t.eq(stat.S_IMODE((lone.state / "agent.key").stat().st_mode), 0o600, "the key is 0600")
    t.like(key, r"^[0-9a-f]{64}$", "64 hex digits")
    t.eq(first_key, plane.bootstrap_key, "the first registration has the bootstrap key")
    t.eq((body["keyHash"], body["protocolVersion"]), (digest, 3), "and names the own key's SHA-256")
    t.eq((body["agentId"], body["platform"]), ("host-a", "process"), "id and platform")
    t.eq({k for k, _ in plane.registrations[1:]}, {key}, "after that the own key is used")
    t.ok(plane.links.empty(), "a pending agent does not connect")
    t.like(lone.current.log, f"approval_required .*key_prefix={digest[:8]}",
           "its log shows the first 8 digits to compare")
    plane.approval = "approved"
    link = plane.link()
    t.like(link.query, r"^agent_id=host-a&instance_id=[0-9a-f]{32}$", "approved, it connects")
    t.ok(link.wait("heartbeat") and link.wait("inventory"), "heartbeat and inventory come first")
    t.eq(lone.current.stop(), 0, "it ends well")
    t.eq(link.close_code, 1001, "and says good-bye")
    log = (lone.root / "log").read_text()
    t.ok(key not in log and plane.bootstrap_key not in log, "no key stands in its log")

    plane.registrations.clear()
    lone.start()
    link = plane.link()
    t.eq(plane.registrations[0][0], key, "started again, it comes with its own key at once")
    return link


def messages(t, plane, lone, link):
    link.wait("inventory")
    link.send("nonsense", {})
    t.eq(link.wait("unsupported"), {"type": "nonsense"}, "an unknown type is answered")
    frame = json.dumps({"type": "inventory_request", "payload": {"x": 1}, "extra": [1]}).encode()
    count = link.count("inventory")
    link.send_frame(1, frame[:10], fin=False)
    link.send_frame(0, frame[10:20], fin=False)
    link.send_frame(0, frame[20:])
    harness.wait_for("an inventory", lambda: link.count("inventory") > count)
    t.ok(True, "a message in three pieces is put together, unknown fields are ignored")
    link.send("drain", {})
    t.ok(link.wait("heartbeat", lambda p: p["status"] == "draining"), "drain: it says draining")

    command = link.post("start_session", "s-a", 1, wish("s-a"))
    t.eq(link.result(command)[0], "complete", "a start")
    order = [kind for kind, p in link.seen if p.get("commandId") == command]
    t.ok(order[0] == "ack" and order[-1] == "complete" and "progress" in order,
         f"acknowledged, then progress, then done: {order}")
    link.wait("observed", lambda p: p["state"] == "running")
    pid = lone.record("s-a")["pid"]
    link.post("start_session", "s-a", 1, wish("s-a"), command_id=command)
    harness.wait_for("its result again", lambda: link.count("complete") == 2)
    t.eq(lone.record("s-a")["pid"], pid, "the same command again: its result, no second start")
    kind, result = link.command("start_session", "s-a", 1, wish("s-a"))
    t.eq((kind, lone.record("s-a")["pid"]), ("complete", pid), "another for the same: no second start")
    link.command("hibernate_session", "s-a", 3, wish("s-a"))
    kind, result = link.command("wake_session", "s-a", 2, wish("s-a"))
    t.eq((kind, result), ("complete", {"state": "hibernated", "revision": 3}),
         "an overtaken command changes nothing and says what is")

    old = link.post("wake_session", "s-a", 4, wish("s-a"), command_id="of-an-old-epoch", epoch=99)
    kind, _ = link.command("apply", "t.default", 1, {"name": "t.default", "spec": {}})
    t.ok(kind == "complete" and not [p for _, p in link.seen if p.get("commandId") == old],
         "a command of another epoch is not taken")


def while_disconnected(t, plane, link):
    stubborn = "trap '' TERM; : > ~/ready; while :; do sleep 100; done"
    link.command("start_session", "s-slow", 1, wish("s-slow", ["sh", "-c", stubborn]))
    link.wait("observed", lambda p: p["sessionId"] == "s-slow" and p["state"] == "running")
    command = link.post("hibernate_session", "s-slow", 2, wish("s-slow"))
    link.wait("ack", lambda p: p["commandId"] == command)
    link.drop()
    link = plane.link()
    t.eq(link.result(command), ("complete", {"state": "hibernated", "revision": 2}),
         "a result that came without a connection is sent by the next")
    t.ok(link.wait("inventory"), "with an inventory")
    return link


def ends(t, plane, lone, link):
    for label, opcode, data, code in (
            ("no JSON", 1, b"{", 1008), ("bad UTF-8", 1, b'{"type":"\xff"}', 1007),
            ("no type", 1, b"{}", 1008), ("a binary frame", 2, b"x", 1003)):
        link.send_frame(opcode, data)
        link.closed.wait(10)
        t.eq(link.close_code, code, f"{label}: closed with {code}")
        link = plane.link()
        settled(link)
    begin = time.monotonic()
    link.send("goaway", {"reason": "restart", "retryAfterSeconds": 2})
    link.closed.wait(10)
    t.eq(link.close_code, 1000, "goaway: it closes")
    link = plane.link()
    t.ok(time.monotonic() - begin >= 2, "and comes back when it was told to")
    settled(link)
    plane.auto_welcome = False
    link.send("shutdown", {})
    link = plane.link()
    time.sleep(0.5)
    t.eq(link.seen, [], "nothing is said before the welcome")
    link.post("start_session", "s-early", 1, wish("s-early"))
    link.closed.wait(10)
    t.eq((link.close_code, lone.home("s-early").exists()), (1008, False),
         "a command before the welcome is a breach")
    link = plane.link()
    link.welcome(installation="22222222-2222-2222-2222-222222222222")
    link.closed.wait(10)
    t.eq(link.close_code, 1008, "the control plane of another installation is refused")
    t.like(lone.current.log, "installation_changed", "with a word in the log")
    plane.auto_welcome = True
    return plane.link()


def lost_and_found(t, plane, lone, link):
    """The control plane forgot the key; then it rejects the agent."""
    settled(link)
    plane.registrations.clear()
    plane.key_hash = None
    link.drop()
    link = plane.link()
    t.ok([k for k, _ in plane.registrations if k == plane.bootstrap_key],
         "a key that is no longer known is registered again under the bootstrap key")
    settled(link)
    plane.approval, plane.refuse = "rejected", "403 Forbidden"
    link.drop()
    harness.wait_for("the log", lambda: "agent_rejected" in lone.current.log)
    t.ok(lone.current.running(), "a rejected agent says so and waits")
    began = time.monotonic()
    t.eq(lone.current.stop(), 0, "it still ends when it is told to")
    t.ok(time.monotonic() - began < 3, "at once")


def many_objects(t, plane, lone):
    for number in range(450):
        place = lone.state / "sessions" / f"s-many-{number}"
        place.mkdir(mode=0o700)
        (place / "record.json").write_text(json.dumps({
            "version": 1, "id": place.name, "revision": 7, "state": "hibernated", "pid": 0}))
    plane.approval, plane.refuse = "approved", None
    lone.start()
    link = plane.link()
    link.wait("inventory", lambda p: p["complete"])
    chunks = [p for kind, p in link.seen if kind == "inventory"]
    names = {o["id"] for chunk in chunks for o in chunk["objects"]}
    t.eq([chunk["complete"] for chunk in chunks], [False] * (len(chunks) - 1) + [True],
         "only the last piece of an inventory is complete")
    t.ok(len(chunks) >= 3 and max(len(c["objects"]) for c in chunks) <= 200, "200 objects a piece")
    t.ok(len([n for n in names if n.startswith("s-many-")]) == 450, "none is missing")
    command = link.post("start_session", "s-last", 1, wish("s-last"))
    link.wait("ack", lambda p: p["commandId"] == command)
    t.eq(lone.current.stop(), 0, "ended while it worked")
    t.eq(link.result(command)[0], "complete", "it sent the result before")
    pid = lone.record("s-last")["pid"]
    t.ok(pathlib.Path(f"/proc/{pid}").exists(), "and the session runs on")


def command_line(t, lone):
    def run(*args):
        return subprocess.run([str(lone.program), *args], capture_output=True, text=True, timeout=20)

    good = ["--control-plane-url=http://127.0.0.1:1", "--agent-id=abc", f"--state-dir={lone.state}"]
    t.like(run("--help").stdout, r"(?s)run\|doctor.*--session-uids", "--help")
    t.like(run("--version").stdout, r"\d+\.\d+", "--version")
    t.like(run("--print-config", *good).stdout, r"agent_id = abc", "--print-config")
    for wrong in (["--agent-id=A"], ["--control-plane-url=ftp://x"], ["--platform=moon"],
                  ["--executors=0"], ["--nonsense=1"], ["--state-dir=relative"], ["dance"]):
        t.eq(run(*good, *wrong).returncode, 2, f"{wrong[0]}: exit status 2")
    if os.getuid() == 0:
        answer = run(*good, f"--state-dir={lone.root}/new")
        t.eq(answer.returncode, 2, "root without --session-uids: exit status 2")
        t.like(answer.stderr, "session_uids is needed", "and it says what to do")
    longer = lone.root / ("long-" * 20)
    answer = run(*good, f"--state-dir={longer}", "--session-uids=261000-261099")
    t.eq(answer.returncode, 2, "a state directory too long for a socket: exit status 2")
    t.like(answer.stderr, "state_dir is too long", "and says why")
    doctor = run("doctor", *good, "--session-uids=261000-261099")
    t.eq(doctor.returncode, 7, "doctor: no control plane there")
    t.like(doctor.stdout, r"(?s)lacking +control-plane.*ok +bubblewrap.*ok +sandbox", "line by line")
    t.ok(all(re.match(r"(ok|lacking) +[a-z-]+ ", line) for line in doctor.stdout.splitlines()),
         "each with its state and name")


def main(t):
    with control_plane.ControlPlane() as plane, \
            agent_alone.Lone(plane, stop_timeout=2, max_sessions=20) as lone:
        link = enrolment(t, plane, lone)
        messages(t, plane, lone, link)
        link = while_disconnected(t, plane, link)
        link = ends(t, plane, lone, link)
        lost_and_found(t, plane, lone, link)
        many_objects(t, plane, lone)
        command_line(t, lone)
        log = (lone.root / "log").read_text()
        t.ok("Sanitizer" not in log and "runtime error" not in log, "no sanitizer complained")


if __name__ == "__main__":
    tap.run(main)
