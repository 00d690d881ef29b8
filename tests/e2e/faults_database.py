#!/usr/bin/python3
"""kill -9 of PostgreSQL, between the request and the effect and while nothing happens.

Server and agent stay up, say that they are not ready, and go on by themselves when the database is back.
"""
import subprocess

import faults
import harness


def control(word):
    subprocess.run([harness.ROOT / "tests" / "bin" / "pg-ctl", word], check=True, timeout=90,
                   stdout=subprocess.DEVNULL)


def main(t):
    with harness.Stack() as stack:
        stack.template("counting", faults.COUNTING)
        user = stack.user("ada")
        agent = stack.start_agent()
        first = user.create("counting")["id"]
        user.wait_state(first, "running")

        control("kill9")
        harness.wait_for("/readyz to say no", lambda: stack.anonymous().get("/readyz").status == 503)
        t.ok(stack.server.running() and agent.running(), "without PostgreSQL server and agent stay up")
        t.eq(stack.anonymous().get("/livez").status, 200, "/livez still says 200")
        answer = user.get("/api/v1/me")
        t.eq((answer.status, answer.code), (503, "database_unavailable"), "a request is answered 503 database_unavailable")
        t.eq(len(stack.vnc_processes(first)), 1, "the session runs on")
        control("start")
        harness.wait_for("/readyz to say yes", lambda: stack.anonymous().get("/readyz").status == 200)
        stack.wait_online("agent-1")
        t.eq(user.session(first)["state"], "running", "the session is still running afterwards")

        # In the middle of a start: committed, killed, started again.
        second = user.create("counting")["id"]
        control("kill9")
        control("start")
        harness.wait_for("/readyz to say yes", lambda: stack.anonymous().get("/readyz").status == 200)
        for session in (first, second):
            user.wait_state(session, "running", timeout=harness.PATIENCE * 2)
            harness.wait_for("no open command", lambda: faults.world_settled(stack, session))
            faults.world_agrees(t, stack, "after kill -9 of PostgreSQL", "create", session)
        for step in ("hibernate", "wake", "terminate"):
            faults.call(user, step, first)
            user.wait_state(first, faults.FINAL[step])
            harness.wait_for("no open command", lambda: faults.world_settled(stack, first))
            faults.world_agrees(t, stack, f"{step} afterwards", step, first)
        t.eq(user.must("GET", "/api/v1/me")["usage"]["sessions"], 1, "usage counts the other one")
        t.eq((agent.stop(), stack.server.stop()), (0, 0), "both end well")
        t.eq([c for p in stack.programs for c in p.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
