#!/usr/bin/python3
"""The API server killed in every step of a session's life, and frozen; etcd killed."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402
import kills  # noqa: E402
import world  # noqa: E402
from cluster import control, kubectl, wait_for  # noqa: E402

def api_server_is_killed(t, w):
    """At each step, while commands are at work."""
    sessions = []
    for step, state in kills.FINAL.items():
        if step == "create":
            sessions = [kills.call(w, step, None) for _ in range(4)]
        else:
            for session in sessions:
                kills.call(w, step, session)
        control("kill", "apiserver")
        wait_for("the agent to notice", lambda: "watch_interrupted" in w.agent.log)
        control("start", "apiserver")
        for session in sessions:
            w.ada.wait_state(session, state, timeout=120)
        w.agree(t, f"after the API server was killed during {step}", timeout=90)
    t.eq([kills.created(w, s) for s in sessions], [1] * 4, "every Deployment was created once")


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


def etcd_is_killed(t, w):
    """The API server stays and answers 5xx, or nothing, until etcd is back."""
    session = w.ada.create("editor")["id"]
    control("kill", "etcd")
    wait_for("the API server to say it", lambda: kubectl(
        "get", "--raw", "/readyz", "--request-timeout=5s", check=False).returncode != 0)
    control("start", "etcd")
    control("wait")
    w.ada.wait_state(session, "running", timeout=120)
    w.agree(t, "after etcd was killed during a start", timeout=90)
    w.ada.terminate(session)
    w.ada.wait_state(session, "terminated", timeout=90)


def main(t):
    with world.World() as w:
        for part in (api_server_is_killed, api_server_is_frozen, etcd_is_killed):
            t.note(part.__name__)
            part(t, w)
        w.stop_agent()
        t.eq(w.server.stop(), 0, "the server ends well")


if __name__ == "__main__":
    cluster.main(main, database=True)
