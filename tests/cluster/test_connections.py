#!/usr/bin/python3
"""Viewers as Connection resources: what the database says, bounded in writes, and never a hindrance for sessions."""

import collections
import datetime
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cluster  # noqa: E402  (first: it knows where harness is)
import test_streams  # noqa: E402
import viewer  # noqa: E402
import world  # noqa: E402
from cluster import get, kubectl, wait_for  # noqa: E402

WRITES = 5  # a second, of the agent


def connections(w):
    return {c["metadata"]["name"]: c for c in get("connections", namespace=w.space)}


def states(w):
    return sorted(c.get("status", {}).get("state", "") for c in connections(w).values())


def real(t, w, session):
    """Viewers that look through the server and the agent."""
    screens = [viewer.open_viewer(w.ada, session) for _ in range(3)]
    wait_for("three Connections", lambda: states(w) == ["active"] * 3)
    w.agree(t, "with three viewers")
    one = next(iter(connections(w).values()))
    t.eq(sorted(one["spec"]), ["clientIP", "sessionID", "userID"], "a Connection says who looks at what, and no secret")
    t.eq(one["metadata"]["labels"]["app.kubernetes.io/managed-by"], "streamspace-agent", "it says who wrote it")
    shown = kubectl("get", "conn", "-n", w.space).stdout
    t.like(shown, r"NAME +STATE +READY +REASON +AGE\nc-\w+ +active +True +Connected ", "kubectl get shows it")

    pods = w.pods(session)
    kubectl("delete", "connections,sessions", "--all", "-n", w.space)
    wait_for("all of them again", lambda: states(w) == ["active"] * 3 and len(get("sessions", namespace=w.space)) == 1)
    w.agree(t, "after all projections were deleted")
    t.eq(w.pods(session), pods, "no session restarted")
    t.ok(all(s.frame() for s in screens), "and every viewer is still there")

    name = one["metadata"]["name"]
    kubectl("patch", "connection", name, "-n", w.space, "--subresource=status", "--type=merge", "-p",
            json.dumps({"status": {"state": "stale"}}))
    w.agree(t, "after somebody edited a status")
    kubectl("delete", "connection", name, "-n", w.space)
    cluster.apply({"apiVersion": "stream.space/v1alpha1", "kind": "Connection",
                   "metadata": {"name": name, "namespace": w.space, "labels": one["metadata"]["labels"]},
                   "spec": {"sessionID": session, "userID": "mallory"}}, check=False)
    w.agree(t, "after somebody put another in its place")

    screens.pop().close()
    wait_for("the end of its Connection", lambda: states(w) == ["active"] * 2)
    screens[0].pointer(1, 1)
    wait_for("the last input", lambda: get("session", session, w.space)["status"].get("lastActivity"))
    t.ok(True, "the last input of the session stands in its status")
    for screen in screens:
        screen.close()
    wait_for("no Connections", lambda: not connections(w))
    w.agree(t, "with nobody looking")


def churn(t, w, session):
    """500 viewers, opened and closed again and again in the database, while sessions start and end."""
    kubectl("get", "connections", "-n", w.space)
    since = len((cluster.folder() / "audit.log").read_text().splitlines())
    row = """INSERT INTO streamspace_data.connection (org_id, connection_id, session_id, owner_id, user_org_id, user_id, credential_id, viewer,
            mode, agent_id, run_at, replica, address, opened_at, reviewed_at)
        SELECT s.org_id, streamspace_rules.new_id('c-'), s.session_id, s.user_id, s.org_id, s.user_id, 'l-0', 'user:default/ada', 'view',
            s.agent_id, s.state_at, 'elsewhere', '192.0.2.7', now(), now() + interval '1 hour'
        FROM streamspace_data.session AS s, generate_series(1, 500) WHERE s.session_id = '%s'""" % session
    close = "UPDATE streamspace_data.connection SET closed_at = now(), reason = 'closed' WHERE replica = 'elsewhere' AND closed_at IS NULL"
    made = []
    for _ in range(4):
        w.db.query(row, user=None)
        wait_for("some of them", lambda: len(connections(w)) > 5)
        made.append(w.ada.create("editor")["id"])
        w.ada.wait_state(made[-1], "running", timeout=60)
        w.db.query(close, user=None)
    t.ok(True, "sessions start while 500 viewers open and close again and again")
    for other in made:
        w.ada.terminate(other)
        w.ada.wait_state(other, "terminated", timeout=60)
    wait_for("no Connections", lambda: not connections(w), timeout=cluster.PATIENCE * 3)
    t.ok("viewers_behind" in w.agent.log and "viewers_shown" in w.agent.log, "the agent says that it was behind, and that it is not any more")
    w.agree(t, "after the storm")
    agent = f"system:serviceaccount:{w.space}:streamspace-agent"
    times, of_one, used = [], collections.Counter(), set()
    for line in (cluster.folder() / "audit.log").read_text().splitlines()[since:]:
        event = json.loads(line)
        what = event.get("objectRef", {})
        if event["user"].get("username") == agent and what.get("resource") == "connections":
            used.add((what.get("subresource", ""), event["verb"]))
        if event["user"].get("username") == agent and what.get("resource") == "connections" and event["verb"] in ("patch", "delete"):
            times.append(datetime.datetime.fromisoformat(event["requestReceivedTimestamp"].replace("Z", "+00:00")).timestamp())
            of_one[what["name"]] += 1
    t.ok({("", "patch"), ("status", "patch"), ("", "delete")} <= used, "it used what its Role allows of Connections")
    times.sort()
    most = max(sum(1 for x in times if at <= x < at + 1) for at in times)
    t.ok(most <= 2 * WRITES, f"never more than the budget of two seconds in one (at most {most}, {len(times)} in all)")
    t.ok(len(of_one) < 1000, f"who came and went unseen was never written ({len(of_one)} of 2000 were)")


def main(t):
    port = test_streams.free_port()
    with world.World() as w, test_streams.Desktops(port):
        w.template("desk", dict(world.TEMPLATE, displayName="Desk", vnc={"enabled": True, "port": port}))
        session = w.ada.create("desk")["id"]
        w.ada.wait_state(session, "running", timeout=60)
        test_streams.give_address(w, session, test_streams.ADDRESSES["first"])
        wait_for("the desktop", lambda: test_streams.sees(w, session) == "first")
        wait_for("no Connections", lambda: not connections(w))
        real(t, w, session)
        churn(t, w, session)
        w.stop_agent()


if __name__ == "__main__":
    cluster.main(main, database=True)
