#!/usr/bin/python3
"""A desktop through the whole path: ticket, streamspaced, agent, Xtigervnc, and back."""

import os
import secrets
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402
import viewer  # noqa: E402
from harness import wait_for  # noqa: E402


def types(stack, session, screen, name, patience=None):
    """Types a command into the terminal until its file stands in the session's home; its path."""
    nonce = secrets.token_hex(8)

    def typed():
        screen.click(200, 200)
        screen.type(f"\necho {nonce} > ~/{name}\n")
        try:
            return wait_for("the file", lambda: stack.read_proof(session, name, nonce), timeout=2)
        except harness.Timeout:
            return None

    return wait_for(f"{nonce} in ~/{name}", typed, timeout=patience)


def looks(t, stack, ada, session):
    """Several viewers of one desktop; keys of one, pixels of all."""
    first = viewer.open_viewer(ada, session)
    t.eq((first.version, first.name, first.width, first.height), (b"RFB 003.008\n", session, 1024, 768),
         "a viewer shakes hands with the session's own VNC server")
    others = [viewer.open_viewer(ada, session) for _ in range(3)]
    t.eq([s.name for s in others], [session] * 3, "so do three more of the same session")
    before = [s.frame() for s in others]
    t.ok(types(stack, session, first, "typed"), "keys of the first reach the terminal: the file stands on the host")
    for number, screen in enumerate(others):
        t.ok(wait_for("other pixels", lambda s=screen, b=before[number]: s.frame() != b), f"the pixels of viewer {number + 2} change")
    rows = ada.must("GET", f"/api/v1/connections?session={session}&limit=200")["items"]
    t.eq(len(rows), 4, "each is a connection that can be listed")
    others[0].close()
    t.ok(others[1].frame() and first.frame(), "one that goes leaves the others where they are")
    return [first, *others[1:]]


def view_only(t, stack, ada, session, control):
    screen = viewer.open_viewer(ada, session, "view")
    before = screen.frame()
    screen.click(200, 200)
    screen.type("\necho no > ~/view-only\n")
    t.ok(types(stack, session, control, "after"), "control: a viewer who may control types")
    t.ok(not (stack.home(session) / "view-only").exists(), "the keys of a viewer who may only look never arrive")
    t.ok(wait_for("other pixels", lambda: screen.frame() != before), "but he sees what the other does")
    screen.close()


def agent_killed(t, stack, ada, session, screens):
    servers = sorted(stack.vnc_processes(session))
    agent = stack.agents["agent-1"]
    agent.kill()
    t.eq([viewer.closed(s) for s in screens], [(4003, "agent_lost")] * len(screens),
         "the agent is killed: every viewer hears 4003 agent_lost")
    stack.start_agent()
    screen = wait_for("a viewer", lambda: try_open(ada, session))
    t.eq(screen.name, session, "the agent is back: a viewer again")
    t.eq(sorted(stack.vnc_processes(session)), servers, "of the very desktop that ran before")
    t.ok(types(stack, session, screen, "again"), "and its keys arrive")
    return screen


def try_open(user, session):
    """A viewer, or None while there can be none."""
    made = user.post(f"/api/v1/sessions/{session}/viewer-tickets", {})
    if made.status == 503:
        return None
    if made.status != 201:
        raise AssertionError(repr(made))
    try:
        return viewer.open_viewer(user, session)
    except viewer.ws.Refused as refused:
        if refused.status != 503:
            raise
        return None


def sleeps(t, stack, ada, session, screen):
    ada.hibernate(session)
    t.eq(viewer.closed(screen), (4001, "session_hibernated"), "hibernated: 4001 session_hibernated")
    ada.wait_state(session, "hibernated")
    refused = ada.post(f"/api/v1/sessions/{session}/viewer-tickets", {})
    t.eq((refused.status, refused.code), (409, "session_not_running"), "no ticket for one that sleeps")
    ada.wake(session)
    ada.wait_state(session, "running")
    screen = wait_for("a viewer", lambda: try_open(ada, session))
    t.ok(types(stack, session, screen, "woken"), "awake: a viewer again, and his keys arrive")
    t.ok((stack.home(session) / "typed").exists(), "in the same home")
    return screen


def main(t):
    with harness.Stack() as stack:
        ada = stack.user("ada")
        stack.template()
        stack.start_agent()
        session = ada.create("terminal")["id"]
        ada.wait_state(session, "running")
        wait_for("the agent's stream socket", lambda: ada.post(f"/api/v1/sessions/{session}/viewer-tickets", {}).status == 201)
        screens = looks(t, stack, ada, session)
        view_only(t, stack, ada, session, screens[0])
        screen = agent_killed(t, stack, ada, session, screens)
        screen = sleeps(t, stack, ada, session, screen)
        other = ada.create("terminal")["id"]
        ada.wait_state(other, "running")
        beside = viewer.open_viewer(ada, other)
        t.ok(types(stack, other, beside, "beside"), "a second session has a desktop of its own")
        t.ok(not (stack.home(session) / "beside").exists() or stack.home(session) == stack.home(other),
             "and its keys go nowhere else")
        ada.terminate(session)
        t.eq(viewer.closed(screen), (4000, "session_terminated"), "terminated: 4000 session_terminated")
        t.ok(beside.frame(), "viewers of the other session stay")
        beside.close()
        wait_for("no viewer to be left", lambda: not ada.must("GET", "/api/v1/connections?limit=200")["items"])
        t.ok(True, "all are gone from the list")
        ada.terminate(other)
        ada.wait_state(other, "terminated")
        for program in (stack.agents["agent-1"], stack.server):
            t.eq((program.stop(), program.complaints()), (0, []), f"{program.name} ends well, and no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
