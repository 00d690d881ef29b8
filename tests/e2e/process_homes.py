#!/usr/bin/python3
"""Homes on a host, driven over the agent's own socket: one session at a time, kept over its end, removed by command only and
never in use, also when the agent is killed in the middle of it; and homes of before they had ids of their own."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent_alone  # noqa: E402
import control_plane  # noqa: E402
import harness  # noqa: E402
import tap  # noqa: E402

WRITE = ["sh", "-c", "echo $STREAMSPACE_SESSION >> ~/seen; sleep 100000"]


def wish(session, home):
    payload = agent_alone.wish(session, WRITE)
    return {**payload, "home": {"id": home, "sizeMib": 10}} if home else payload


def start(link, lone, session, home, revision=1):
    """Starts a session; the lines that those who had its home wrote into it."""
    kind, result = link.command("start_session", session, revision, wish(session, home))
    if kind != "complete":
        return result["reason"]
    link.wait("observed", lambda p: p["sessionId"] == session and p["state"] == "running" and p["revision"] == revision)
    path = lone.home(home or session) / "seen"
    harness.wait_for("its line", lambda: path.exists() and session in path.read_text().split())
    return path.read_text().split()


def remove(link, home):
    kind, result = link.command("remove", home, 1, {"homeId": home}, objectKind="home")
    return result["state"] if kind == "complete" else result["reason"]


def homes(link):
    """Those of the inventory."""
    count = link.count("inventory")
    link.send("inventory_request", {})
    harness.wait_for("the inventory", lambda: link.count("inventory") > count)
    return sorted(o["id"] for o in [p for kind, p in link.seen if kind == "inventory"][-1]["objects"] if o["kind"] == "home")


def one_at_a_time(t, link, lone):
    t.eq(start(link, lone, "s-a", "h-one"), ["s-a"], "a session with a home")
    t.eq(start(link, lone, "s-b", "h-one"), "home_in_use", "another session does not get it")
    t.eq(remove(link, "h-one"), "home_in_use", "it is not removed while a session runs")
    link.command("hibernate_session", "s-a", 2, wish("s-a", "h-one"))
    t.eq((start(link, lone, "s-b", "h-one", 2), remove(link, "h-one")), ("home_in_use", "home_in_use"), "nor while it sleeps")
    t.eq(homes(link), ["h-one"], "the inventory names it")
    kind, _ = link.command("stop_session", "s-a", 3, {**wish("s-a", "h-one"), "desiredState": "terminated", "deletePVC": True})
    t.eq((kind, (lone.home("h-one") / "seen").exists()), ("complete", True), "the end of a session never takes its home along")
    t.eq(start(link, lone, "s-b", "h-one", 3), ["s-a", "s-b"], "the next session has it, with all that is in it")
    t.eq(start(link, lone, "s-c", None), ["s-c"], "a session without one has a directory")
    link.command("stop_session", "s-c", 2, {**wish("s-c", None), "persistentHome": False})
    t.ok(not lone.home("s-c").exists(), "that goes with it")


def restarted(t, plane, lone):
    t.eq(lone.current.stop(), 0, "the agent ends")
    lone.start()
    link = plane.link()
    t.eq((start(link, lone, "s-d", "h-one"), remove(link, "h-one")), ("home_in_use", "home_in_use"),
         "started anew, it knows who uses it")
    link.command("stop_session", "s-b", 4, wish("s-b", "h-one"))
    t.eq(remove(link, "h-one"), "removed", "nobody does: it is removed")
    t.ok(not lone.home("h-one").exists(), "with its directory")
    t.eq(remove(link, "h-one"), "removed", "twice is once")
    t.eq(remove(link, "h-never"), "removed", "so is what never was")
    t.eq(remove(link, "s-d"), "invalid_argument", "what is no home is not removed")
    return link


def of_before(t, link, lone):
    t.eq(start(link, lone, "s-old", None), ["s-old"], "a session of before, whose home is called like it")
    t.eq(remove(link, "h-old"), "home_in_use", "its home has its number, and is in use")
    t.eq(start(link, lone, "s-new", "h-old"), "home_in_use", "by nobody else")
    link.command("hibernate_session", "s-old", 2, wish("s-old", "h-old"))
    kind, _ = link.command("wake_session", "s-old", 3, wish("s-old", "h-old"))
    harness.wait_for("its line", lambda: (lone.home("h-old") / "seen").exists())
    t.eq((kind, lone.home("s-old").exists()), ("complete", False), "woken with its home, the directory is called by its id")
    link.command("stop_session", "s-old", 4, wish("s-old", "h-old"))
    lines = start(link, lone, "s-new", "h-old", 2)
    t.eq((lines[0], lines[-1]), ("s-old", "s-new"), "and the next session has it")
    os.mkdir(lone.home("s-left"), 0o700)
    t.eq(homes(link), ["h-left", "h-old"], "the inventory names both kinds")
    t.eq((remove(link, "h-left"), lone.home("s-left").exists()), ("removed", False), "one that nobody ever had again is removed, too")


def killed(t, plane):
    """Killed between putting a home aside and removing it: the next command finishes it."""
    with agent_alone.Lone(plane, name="host-k") as lone:
        lone.start(env={"STREAMSPACE_FAULT": "effect-middle"})
        link = plane.link()
        place = lone.home("h-half")
        place.mkdir(mode=0o700)
        (place / "file").write_text("x")
        link.post("remove", "h-half", 1, {"homeId": "h-half"}, objectKind="home")
        lone.current.wait()
        t.like(lone.current.log, "fault point=effect-middle", "killed within a removal")
        t.eq([p.name for p in place.parent.iterdir()], [".gone-h-half"], "it was put aside")
        lone.start()
        link = plane.link()
        t.eq(homes(link), [], "and is nobody's any more")
        t.eq((remove(link, "h-half"), list(place.parent.iterdir())), ("removed", []), "the command again removes it")
        t.eq(lone.current.stop(), 0, "the agent ends well")
        t.eq(lone.current.complaints(), [], "no sanitizer complained")


def main(t):
    with control_plane.ControlPlane() as plane:
        with agent_alone.Lone(plane, stop_timeout=2) as lone:
            lone.start()
            one_at_a_time(t, plane.link(), lone)
            of_before(t, restarted(t, plane, lone), lone)
            t.eq(lone.current.stop(), 0, "the agent ends well")
            t.eq(lone.current.complaints(), [], "no sanitizer complained")
    with control_plane.ControlPlane() as plane:
        killed(t, plane)


if __name__ == "__main__":
    tap.run(main)
