#!/usr/bin/python3
"""What becomes of process sessions: starts that fail, deaths that nobody asked for, limits.

Each end must be seen by the agent, with a reason, and nothing of the session may stay behind.
"""

import json
import os
import pathlib
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402

wish = agent_alone.wish


def running(link, session, revision=None):
    return link.wait("observed", lambda p: p["sessionId"] == session and p["state"] == "running" and
                     revision in (None, p["revision"]))


def failed(link, session):
    return link.wait("observed", lambda p: p["sessionId"] == session and p["state"] == "failed")


def inventory(link):
    count = link.count("inventory")
    link.send("inventory_request", {})
    harness.wait_for("the inventory", lambda: link.count("inventory") > count)
    objects = [p for kind, p in link.seen if kind == "inventory"][-1]["objects"]
    return {o["id"]: (o["state"], o["revision"]) for o in objects}


def bad_starts(t, link, lone):
    kind, result = link.command("start_session", "s-none", 1, wish("s-none", ["no-such-program"]))
    if kind == "complete":
        result = failed(link, "s-none")
    t.eq(result["reason"], "command_not_found", "a command that is not there: command_not_found")
    t.eq(lone.x_server("s-none"), [], "and no X server is left")

    link.command("start_session", "s-loop", 1, wish("s-loop", ["false"]))
    t.eq(failed(link, "s-loop")["reason"], "command_failed",
         "a command that ends again and again: command_failed")
    t.eq(inventory(link)["s-loop"], ("failed", 1), "the inventory says so too")

    for name, spec in (("a path as program", {"command": "xterm"}),
                       ("a size of nothing", {"command": ["xterm"], "resolution": "0x0"})):
        payload = wish("s-bad")
        payload["templateManifest"]["spec"] = spec
        kind, result = link.command("start_session", "s-bad", 1, payload)
        t.eq((kind, result.get("reason")), ("failed", "template_invalid"), f"{name}: template_invalid")
    kind, result = link.command("start_session", "../../etc", 1, wish("x"))
    t.eq((kind, result.get("reason")), ("failed", "invalid_message"), "an id that is a path is refused")
    kind, result = link.command("start_session", "0-digit", 1, wish("x"))
    t.eq((kind, result.get("reason")), ("failed", "invalid_argument"), "so is one that no session has")


def deaths(t, link, lone):
    link.command("start_session", "s-x", 1, wish("s-x"))
    running(link, "s-x")
    os.kill(lone.x_server("s-x")[0], signal.SIGKILL)
    t.eq(failed(link, "s-x")["reason"], "process_exited", "the X server is killed: process_exited")

    link.command("start_session", "s-init", 1, wish("s-init"))
    running(link, "s-init")
    pids = harness.wait_for("its processes", lambda: five_of(lone, "s-init"))
    os.kill(lone.record("s-init")["pid"], signal.SIGKILL)
    answer = failed(link, "s-init")
    t.eq(answer["reason"], "process_exited", "the sandbox is killed: process_exited")
    t.ok(not [p for p in pids if p in harness.processes()], "and all of its processes are gone")
    t.eq(inventory(link)["s-init"], ("failed", 1), "the inventory says failed")

    kind, result = link.command("start_session", "s-init", 2, wish("s-init"))
    t.eq(kind, "complete", "a failed session can be started again")
    running(link, "s-init", 2)
    kind, result = link.command("stop_session", "s-init", 3, {**wish("s-init"),
                                                              "desiredState": "stopped"})
    t.eq(result, {"state": "failed", "revision": 3}, "stopped: its compute is ended")
    t.eq(lone.x_server("s-init"), [], "nothing of it runs")
    t.eq(inventory(link)["s-init"], ("failed", 3), "it stays in the inventory")


def same_sandbox(pid, first):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(f"/proc/{first}/ns/pid")
    except OSError:
        return False


def five_of(lone, session):
    """The processes of a session, once there are at least five of them."""
    first = lone.record(session)["pid"]
    pids = [pid for pid in harness.processes() if same_sandbox(pid, first)]
    return pids if len(pids) >= 5 else None


def graceful_end(t, link, lone):
    """Programs are asked first; one that does not listen is killed; the home stays."""
    saver = "trap 'echo saved > ~/saved; exit' TERM; : > ~/ready; while :; do sleep 0.1; done"
    link.command("start_session", "s-save", 1, wish("s-save", ["sh", "-c", saver]))
    running(link, "s-save")
    harness.wait_for("its program", (lone.home("s-save") / "ready").exists)
    link.command("hibernate_session", "s-save", 2, wish("s-save"))
    t.ok((lone.home("s-save") / "saved").exists(), "a program can save before hibernation")
    t.eq(inventory(link)["s-save"], ("hibernated", 2), "it is hibernated")

    stubborn = "trap '' TERM; : > ~/ready; while :; do sleep 100; done"
    link.command("start_session", "s-stub", 1, wish("s-stub", ["sh", "-c", stubborn]))
    running(link, "s-stub")
    harness.wait_for("its program", (lone.home("s-stub") / "ready").exists)
    kind, _ = link.command("hibernate_session", "s-stub", 2, wish("s-stub"))
    t.eq((kind, lone.x_server("s-stub")), ("complete", []), "one that ignores TERM is killed")
    kind, result = link.command("hibernate_session", "s-stub", 2, wish("s-stub"))
    t.eq((kind, result), ("complete", {"state": "hibernated", "revision": 2}), "twice is once")

    forks = "for i in 1 2 3 4 5; do (setsid sh -c 'trap \"\" TERM HUP; sleep 1000' &) ; done; " \
            ": > ~/ready; sleep 1000"
    link.command("start_session", "s-fork", 1, wish("s-fork", ["sh", "-c", forks]))
    running(link, "s-fork")
    harness.wait_for("its program", (lone.home("s-fork") / "ready").exists)
    pids = harness.wait_for("its processes", lambda: five_of(lone, "s-fork"))
    link.command("stop_session", "s-fork", 2, wish("s-fork"))
    t.ok(len(pids) > 8 and not [p for p in pids if p in harness.processes()],
         "daemons that left their parents end with the session")
    t.ok(lone.home("s-fork").exists() and not (lone.state / "sessions" / "s-fork").exists(),
         "terminated: the home is kept, the record is gone")
    link.command("start_session", "s-gone", 1, wish("s-gone"))
    kind, _ = link.command("stop_session", "s-gone", 2, {**wish("s-gone"), "deletePVC": True})
    t.ok(kind == "complete" and not lone.home("s-gone").exists(), "deletePVC removes the home")
    kind, result = link.command("stop_session", "s-never", 7, {})
    t.eq((kind, result), ("complete", {"state": "terminated", "revision": 7}),
         "ending what is not there is done at once")


def hostile_home(t, link, lone):
    """A home whose owner left links and a socket of another in it."""
    trap = f"ln -s {lone.state}/agent.key ~/key; ln -s {lone.state} ~/state; mkdir -p ~/a/b/c; " \
           "rm -f /run/vnc/rfb.sock; ln -s /run/other /run/vnc/rfb.sock; : > ~/ready; sleep 1000"
    link.command("start_session", "s-evil", 1, wish("s-evil", ["sh", "-c", trap]))
    harness.wait_for("its program", (lone.home("s-evil") / "ready").exists)
    key = (lone.state / "agent.key").read_text()
    link.command("hibernate_session", "s-evil", 2, wish("s-evil"))
    link.command("wake_session", "s-evil", 3, wish("s-evil"))
    running(link, "s-evil", 3)
    kind, _ = link.command("stop_session", "s-evil", 4, {**wish("s-evil"), "deletePVC": True})
    t.eq(kind, "complete", "a home with links out of it is removed")
    t.ok((lone.state / "agent.key").read_text() == key and lone.state.is_dir(),
         "and what they point to is still there")
    if os.getuid() == 0:
        t.eq((lone.state / "agent.key").stat().st_uid, 0, "with its owner")


def limits(t, link, lone):
    """The room on this host, and what a process may use."""
    report = "ulimit -a > ~/limits; exec sleep 1000"
    link.command("start_session", "s-lim", 1, wish("s-lim", ["bash", "-c", report]))
    details = running(link, "s-lim")["details"]
    t.like(details["limits"], "rlimits|cgroup v2", f"observed says how it is limited: {details}")
    limit = lone.home("s-lim") / "limits"
    harness.wait_for("its limits", lambda: limit.exists() and "processes" in limit.read_text())
    text = limit.read_text()
    if "rlimits" in details["limits"]:
        t.like(text, r"data seg size .* 1048576\b", "1Gi of memory is the data limit")
        t.like(text, r"max user processes .* 512\b", "one processor is 512 processes")
    t.like(text, r"open files .* (8192|[1-7]\d{3}|\d{1,3})\b", "open files are bounded")
    t.like(text, r"core file size .* 0\b", "no cores")
    uids = {json.loads(p.read_text())["uid"] for p in lone.state.glob("sessions/*/record.json")
            if json.loads(p.read_text())["uid"]}
    t.ok(len(uids) >= 2 if os.getuid() == 0 else len(uids) == 1, f"uids in use: {sorted(uids)}")
    for number in range(1, 5):
        kind, result = link.command("start_session", f"s-full-{number}", 1, wish("s-full"))
        if kind == "failed":
            break
    t.eq(result.get("reason"), "capacity_exhausted", "at --max-sessions the next start is refused")


def while_away(t, plane):
    """What happened while no agent ran, and what a killed one left half done."""
    with agent_alone.Lone(plane, name="host-c") as lone:
        lone.start(env={"STREAMSPACE_FAULT": "effect-middle:3"})  # two starts, then in a hibernation
        link = plane.link()
        for session in ("s-half", "s-dead"):
            link.command("start_session", session, 1, wish(session))
            running(link, session)
        half = lone.record("s-half")
        link.post("hibernate_session", "s-half", 2, wish("s-half"))
        lone.current.wait()
        t.like(lone.current.log, "fault point=effect-middle", "killed within a hibernation")
        t.eq(lone.record("s-half")["state"], "hibernating", "which its record says")
        os.kill(lone.record("s-dead")["pid"], signal.SIGKILL)
        lone.start()
        link = plane.link()
        t.eq(failed(link, "s-dead")["reason"], "process_exited", "a death while no agent ran is told")
        first = link.wait("inventory")["objects"]
        t.eq({o["id"]: o["revision"] for o in first if o["kind"] == "session"}, {"s-half": 0, "s-dead": 1},
             "what was half done is not vouched for")
        kind, result = link.command("wake_session", "s-half", 3, wish("s-half"))
        running(link, "s-half", 3)
        t.ok(kind == "complete" and result["uid"] != half["instance"] and
             len(lone.x_server("s-half")) == 1, "a wake ends what is left of it and starts anew, once")
        t.eq(lone.current.stop(), 0, "the agent ends well")
        t.eq(lone.current.complaints(), [], "no sanitizer complained")


def two_agents(t, lone):
    other = harness.Program("other", lone.arguments(), lone.root / "other.log")
    t.eq(other.wait(), 1, "a second agent with the same state directory ends")
    t.like(other.log, "state_dir_in_use", "and says why")


def main(t):
    with control_plane.ControlPlane() as plane:
        with agent_alone.Lone(plane, max_sessions=4, stop_timeout=2) as lone:
            lone.start()
            link = plane.link()
            for part in (bad_starts, deaths, graceful_end, hostile_home, limits):
                part(t, link, lone)
            two_agents(t, lone)
            t.eq(lone.current.stop(), 0, "the agent ends well")
            t.eq(lone.current.complaints(), [], "no sanitizer complained")
            t.ok(pathlib.Path(f"/proc/{lone.record('s-lim')['pid']}").exists(),
                 "its sessions run on")
    with control_plane.ControlPlane() as plane:
        while_away(t, plane)


if __name__ == "__main__":
    tap.run(main)
