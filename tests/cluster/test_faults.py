#!/usr/bin/python3
"""kill -9 of the agent at its fault points, and of the API server, in every step of a session's life.

Afterwards database and cluster agree, and the Deployment was created exactly once.
"""

import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import world  # noqa: E402
from cluster import control, wait_for  # noqa: E402

POINTS = ("effect-before", "effect-middle", "effect-after")
FINAL = {"create": "running", "hibernate": "hibernated", "wake": "running", "terminate": "terminated"}


def call(w, step, session):
    if step == "create":
        return w.ada.create("editor")["id"]
    getattr(w.ada, step)(session)
    return session


def created(w, session):
    """How often the API server made a Deployment of that name."""
    count = 0
    for line in (cluster.folder() / "audit.log").read_text().splitlines():
        if session not in line:
            continue
        event = json.loads(line)
        what = event["objectRef"]
        count += (what["resource"] == "deployments" and what.get("name") == session
                  and what["namespace"] == w.space and event.get("responseStatus", {}).get("code") == 201)
    return count


def agent_is_killed(t, w, point):
    once = w.dir / f"fired-{point}"
    once.touch()  # not armed

    def start():
        w.run_agent(fault=point, env={"STREAMSPACE_FAULT_ONCE": str(once)})

    w.stop_agent()
    start()
    session = None
    for step, state in FINAL.items():
        once.unlink()
        session = call(w, step, session)
        code = w.agent.wait(60)
        t.eq([code, f"fault point={point}" in w.agent.log], [-signal.SIGKILL, True],
             f"{point} of {step}: the agent died there")
        start()
        w.ada.wait_state(session, state, timeout=90)
        w.agree(t, f"after a kill at {point} of {step}")
        if step != "terminate":
            t.eq(len(w.of("deployments", session)), 1, "  there is one Deployment")
    t.eq(created(w, session), 1, f"{point}: the Deployment was created once")
    w.stop_agent()
    w.run_agent()


def api_server_is_killed(t, w):
    """At each step, while commands are at work."""
    sessions = []
    for step, state in FINAL.items():
        if step == "create":
            sessions = [call(w, step, None) for _ in range(4)]
        else:
            for session in sessions:
                call(w, step, session)
        control("kill", "apiserver")
        wait_for("the agent to notice", lambda: "watch_interrupted" in w.agent.log)
        control("start", "apiserver")
        for session in sessions:
            w.ada.wait_state(session, state, timeout=120)
        w.agree(t, f"after the API server was killed during {step}", timeout=90)
    t.eq([created(w, s) for s in sessions], [1] * 4, "every Deployment was created once")


def api_server_is_frozen(t, w):
    session = w.ada.create("editor")["id"]
    w.ada.wait_state(session, "running", timeout=60)
    control("freeze", "apiserver")
    try:
        w.ada.hibernate(session)
        row = w.agent_row(world.AGENT)
        t.eq(row["state"], "online", "with a frozen API server the agent stays connected")
    finally:
        control("thaw", "apiserver")
    w.ada.wait_state(session, "hibernated", timeout=90)
    w.ada.terminate(session)
    w.ada.wait_state(session, "terminated", timeout=90)
    w.agree(t, "after the API server was frozen for a while")


def main(t):
    with world.World() as w:
        for point in POINTS:
            t.note(point)
            agent_is_killed(t, w, point)
        for part in (api_server_is_killed, api_server_is_frozen):
            t.note(part.__name__)
            part(t, w)
        w.stop_agent()
        t.eq(w.server.stop(), 0, "the server ends well")


if __name__ == "__main__":
    cluster.main(main, database=True)
