#!/usr/bin/python3
"""A home outlives its session: what one session writes the next one reads, on a real agent. One session at a time has
it; it is deleted by hand only, and then its directory is gone. Beside it the agent alone, driven over its socket:
removal refused in use and repeated after a kill, homes in the inventory, homes of before ids of their own."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import openapi  # noqa: E402

DESK = {**harness.TERMINAL, "persistentHome": True}


def running(user, **body):
    answer = user.post("/api/v1/sessions", body)
    if answer.status != 201:
        return answer
    session = answer.json["id"]
    harness.wait_for(f"{session} to run", lambda: user.must("GET", f"/api/v1/sessions/{session}")["state"] == "running")
    return session


def terminated(user, session):
    user.must("DELETE", f"/api/v1/sessions/{session}")
    harness.wait_for("its end", lambda: user.must("GET", f"/api/v1/sessions/{session}")["state"] == "terminated")


def outlives(t, stack, user):
    first = running(user, template="desk")
    home = user.must("GET", f"/api/v1/sessions/{first}")["home"]
    t.eq(home["name"], "desk", "the first session makes the home that is called like its template")
    nonce, proof = stack.type_nonce(first)
    t.eq(proof.parent.name, home["id"], "its directory is called by the id of the home")
    refused = running(user, template="desk")
    t.eq((refused.status, refused.code), (409, "home_in_use"), "a second session of it is refused")
    t.eq(user.delete(f"/api/v1/homes/{home['id']}").code, "home_in_use", "and nobody deletes it under the first")
    terminated(user, first)
    t.eq(proof.read_text().strip(), nonce, "terminated: the file is there")
    second = running(user, template="desk")
    t.eq(user.must("GET", f"/api/v1/sessions/{second}")["home"], home, "the next session has the same home")
    t.eq(stack.read_proof(second, "proof", nonce), proof, "and sees the file")
    again, _ = stack.type_nonce(second)
    t.eq(proof.read_text().strip(), again, "and writes it")
    return second, home, proof


def deleted(t, stack, user, session, home, proof):
    terminated(user, session)
    path = f"/api/v1/homes/{home['id']}"
    seen = user.get(path)
    t.eq((seen.json["session"], seen.json["agent"], seen.json["state"]), (None, "agent-1", "ready"), "free, on its agent")
    t.eq(user.delete(path + "?dry_run=true").json["state"], "deleting", "a dry run says what would be")
    t.ok(proof.exists(), "and removes nothing")
    old = user.delete(path, headers={"If-Match": '"1"'})
    t.eq(old.status, 412, "not by whom has not seen its last change")
    t.eq(user.delete(path, headers={"If-Match": seen.headers["ETag"]}).status, 202, "deleted by whom has")
    harness.wait_for("the home to be deleted", lambda: user.must("GET", path)["state"] == "deleted")
    t.ok(not proof.parent.exists(), "its directory is gone")
    t.eq([p.name for p in proof.parent.parent.iterdir()], [], "and nothing else is left of it")


def temporary(t, stack, user):
    session = running(user, template="desk", home="")
    t.eq(user.must("GET", f"/api/v1/sessions/{session}")["home"], None, "an empty home is none")
    _, proof = stack.type_nonce(session)
    terminated(user, session)
    t.ok(not proof.parent.exists(), "what the session wrote goes with it")


def by_hand(t, stack, user):
    made = user.must("POST", "/api/v1/homes", {"name": "work", "size_mib": 100, "retention_seconds": None})
    t.eq((made["state"], made["size_mib"], made["retention_seconds"]), ("new", 100, None), "a home made by hand")
    session = running(user, template="desk", home="work")
    t.eq(user.must("GET", f"/api/v1/sessions/{session}")["home"]["id"], made["id"], "a session that names it has it")
    t.eq(user.must("PATCH", f"/api/v1/homes/{made['id']}", {"name": "later"})["name"], "later", "renamed in use")
    t.eq([h["name"] for h in user.must("GET", "/api/v1/homes?state=ready")["items"]], ["later"], "listed")
    terminated(user, session)


def main(t):
    described = openapi.Watch()
    with harness.Stack() as stack:
        stack.template("desk", DESK)
        user = stack.user("ada")
        stack.start_agent()
        session, home, proof = outlives(t, stack, user)
        deleted(t, stack, user, session, home, proof)
        temporary(t, stack, user)
        by_hand(t, stack, user)
        described.check(t)
        for program in (stack.agents["agent-1"], stack.server):
            t.eq(program.stop(), 0, f"{program.name} ends well")
        t.eq([c for p in stack.programs for c in p.complaints()], [], "no sanitizer complained")


if __name__ == "__main__":
    harness.main(main)
