#!/usr/bin/python3
"""A desktop gets the parameters of its template, and keeps its revision: through a new one, sleep and a new server."""

import pathlib
import signal

import harness

SPEC = {**harness.TERMINAL, "parameters": [
    {"name": "title", "type": "string", "required": True, "minLength": 2, "env": "WORK_TITLE"},
    {"name": "scale", "type": "integer", "min": 1, "max": 4, "default": 2},
    {"name": "dark", "type": "boolean"}]}


def environments(stack, session):
    """The variables of the processes of a session that have the title."""
    found = []
    for pid in stack.session_processes(session):
        try:
            text = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        variables = dict(v.split("=", 1) for v in text.split("\0") if "=" in v)
        if "WORK_TITLE" in variables:
            found.append(variables)
    return found


def seen(t, stack, session, name):
    found = harness.wait_for(f"the environment, {name}", lambda: environments(stack, session))
    t.eq({(v["WORK_TITLE"], v.get("SCALE"), v.get("DARK")) for v in found}, {("Minutes, of <today>", "2", None)}, name)


def main(t):
    with harness.Stack() as stack:
        user = stack.user("ada")
        stack.template("editor", SPEC)
        stack.start_agent()
        answer = user.post("/api/v1/sessions", {"template": "editor", "parameters": {"title": "x"}})
        t.eq((answer.status, answer.code, answer.json["pointer"]), (422, "invalid_argument", "/parameters/title"), "too short a title")
        answer = user.post("/api/v1/sessions", {"template": "editor", "parameters": {"title": "xy", "scale": 5}})
        t.eq((answer.status, answer.json["pointer"]), (422, "/parameters/scale"), "too large a scale")
        made = user.create("editor", parameters={"title": "Minutes, of <today>"})
        t.eq(made["parameters"], {"title": "Minutes, of <today>", "scale": 2}, "the session says its parameters")
        session = made["id"]
        user.wait_state(session, "running")
        seen(t, stack, session, "the desktop has them as environment")
        stack.template("editor", {**SPEC, "parameters": [{"name": "title", "type": "string", "default": "Other", "env": "WORK_TITLE"}]})
        user.hibernate(session)
        user.wait_state(session, "hibernated")
        stack.server.signal(signal.SIGKILL)
        stack.server.wait()
        stack.restart_server()
        user.port = stack.port
        stack.wait_online("agent-1")
        user.wake(session)
        user.wait_state(session, "running")
        seen(t, stack, session, "and after a new revision, sleep and another server the same")
        t.eq(user.session(session)["template_revision"], 1, "which is the revision that it was made from")
        user.terminate(session)
        user.wait_state(session, "terminated")
        t.eq(stack.server.stop(), 0, "stops cleanly")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
