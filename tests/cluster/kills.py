"""What the kill tests of the cluster share: a session is taken through its life, and at every step the
agent or the server ends itself (SIGKILL) at a named fault point. Afterwards database and cluster
agree, and the Deployment was created exactly once.
"""

import http.client
import json
import signal

import cluster
import world

FINAL = {"create": "running", "hibernate": "hibernated", "wake": "running", "terminate": "terminated"}


def call(w, step, session):
    """Make the request; a server that dies in the middle of it gives no answer."""
    try:
        if step == "create":
            return w.ada.create("editor")["id"]
        getattr(w.ada, step)(session)
        return session
    except (OSError, http.client.HTTPException):
        return session


def sessions(w):
    rows = w.db.json("SELECT streamspace.list_sessions(p_limit => 200);")["items"]
    return {row["id"] for row in rows}


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


def one_point(t, w, kind, point, only_create=False):
    once = w.dir / f"fired-{point}"
    env = {"STREAMSPACE_FAULT_ONCE": str(once)}
    once.touch()  # not armed

    def victim():
        return w.agent if kind == "agent" else w.server

    def start():
        if kind == "agent":
            w.run_agent(fault=point, env=env)
        else:
            w.restart_server(fault=point, env=env)
            w.ada.port = w.port
            w.wait_online(world.AGENT)

    t.eq(victim().stop(), 0, f"the {kind} ends well before {point} is set")
    start()
    session = None
    for step, state in FINAL.items():
        what = f"{kind} {point}, {step}"
        if only_create and step != "create":
            call(w, step, session)
        else:
            known = sessions(w)
            once.unlink()
            session = call(w, step, session)
            code = victim().wait(60)
            t.eq([code, f"fault point={point}" in victim().log], [-signal.SIGKILL, True], f"{what}: it died there")
            start()
            if session is None:
                session = next(iter(cluster.wait_for("the session", lambda: sessions(w) - known)))
        w.ada.wait_state(session, state, timeout=90)
        w.agree(t, f"after {what}")
    t.eq(created(w, session), 1, f"{kind} {point}: the Deployment was created once")


def run(t, kind, points, only_create=(), after=None):
    with world.World() as w:
        for point in points:
            t.note(point)
            one_point(t, w, kind, point, point in only_create)
        if after:
            after(t, w)
        w.agent.stop()
        w.server.stop()
        t.eq([c for p in w.programs for c in p.complaints()], [], "no sanitizer complained")
