#!/usr/bin/python3
"""Viewers at the same moment: a ticket that many use at once opens one viewer, bounds are exact, and nobody looks at what
has been stopped. Where one call must win, it is held in an open transaction until the other one is seen waiting for it."""

import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, together, wait_for  # noqa: E402

PARALLEL = 24


def open_call(session, ticket, replica="replica-1"):
    return (f"SELECT streamspace.open_viewer(p_session => '{session}', p_ticket_hash => sha256('{ticket}'), p_replica => '{replica}',"
            " p_address => '192.0.2.1') ->> 'connection';")


def new_ticket(root, user, session, mode="NULL"):
    return root.ask(f"SELECT t.must_as('{user}', 'create_viewer_ticket(p_session => ''{session}'', p_mode => {mode})') ->> 'ticket';")


def review(root, connection, replica="replica-1"):
    """Why it may not go on; None when it may."""
    cut = json.loads(root.ask(f"SELECT streamspace.review_viewers(p_replica => '{replica}', p_items => '[{{\"connection\": \"{connection}\"}}]');"))["cut"]
    return cut[0]["reason"] if cut else None


def counted(codes, *names):
    return tuple(codes.count(name) for name in names)


def held(root, db, first, second, end):
    """The calls (login, sql): the first in an open transaction until the second waits for it, then `end`. Both outcomes."""
    with Psql(first[0]) as a, Psql(second[0]) as b:
        a.ask("BEGIN;")
        a.send(first[1])
        one = outcome(a, db)
        b.send(second[1])
        wait_for("the second waits for the first", lambda: blocked_by(root, b, a))
        a.ask(end)
        return one, outcome(b, db)


def one_use(t, root, db, session):
    for number in range(3):
        ticket = new_ticket(root, "ann", session)
        codes = [code for code, _ in together([("api", open_call(session, ticket))] * PARALLEL, db)]
        t.eq(counted(codes, "ok", "ticket_invalid"), (1, PARALLEL - 1), f"ticket {number + 1}: {PARALLEL} come with it at once, one viewer opens")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.connection;"), "3", "three rows")
    ticket = new_ticket(root, "ann", session)
    one, two = held(root, db, ("api", open_call(session, ticket)), ("api", open_call(session, ticket)), "COMMIT;")
    t.eq((one[0], two[0]), ("ok", "ticket_invalid"), "the second waits, and finds the ticket used")
    ticket = new_ticket(root, "ann", session)
    one, two = held(root, db, ("api", open_call(session, ticket)), ("api", open_call(session, ticket)), "ROLLBACK;")
    t.eq((one[0], two[0]), ("ok", "ok"), "or, when the first came to nothing, good")


def one_relay(t, root, db, session):
    root.ask("SELECT t.stream('agent-1', 'replica-2');")
    opened = json.loads(root.ask(f"SELECT (t.view('{session}', '{new_ticket(root, 'ann', session)}')).value;"))
    call = f"SELECT streamspace.accept_relay(p_ticket_hash => sha256('{opened['relay']['ticket']}'), p_replica => 'replica-2') ->> 'connection';"
    outcomes = together([("api", call)] * PARALLEL, db)
    codes = [code for code, _ in outcomes]
    t.eq(counted(codes, "ok", "ticket_invalid"), (1, PARALLEL - 1), f"{PARALLEL} servers come with one relay ticket at once, one is let in")
    t.ok(("ok", opened["connection"]) in outcomes, "for that viewer")
    root.ask("SELECT t.stream('agent-1');")


def bounds(t, root, db, session):
    root.ask("DELETE FROM streamspace_data.connection; SELECT t.must_as('root', 'put_settings(p_settings => ''{\"viewers_per_session\": 5}'')');")
    calls = [("api", open_call(session, new_ticket(root, "ann", session))) for _ in range(PARALLEL)]
    codes = [code for code, _ in together(calls, db)]
    t.eq(counted(codes, "ok", "too_many_viewers"), (5, PARALLEL - 5), f"{PARALLEL} viewers of a session at once, of 5 that it may have")
    root.ask("DELETE FROM streamspace_data.connection; DELETE FROM streamspace_data.viewer_ticket;"
             " SELECT t.must_as('root', 'put_settings(p_settings => ''{\"viewers_per_session\": 200, \"viewer_tickets_per_user\": 5}'')');")
    call = f"SELECT streamspace.create_viewer_ticket(p_session => '{session}', p_actor => {world.actor('ann')}) ->> 'mode';"
    codes = [code for code, _ in together([("api", call)] * PARALLEL, db)]
    t.eq(counted(codes, "ok", "limit_reached"), (5, PARALLEL - 5), f"{PARALLEL} tickets of a user at once, of 5 that he may hold")
    root.ask("DELETE FROM streamspace_data.viewer_ticket; SELECT t.must_as('root', 'put_settings(p_settings => ''{\"viewer_tickets_per_user\": 200}'')');")


def stopped(t, root, db):
    """Nobody looks at a session that was stopped while he came."""
    ann = world.actor("ann")
    session = root.ask("SELECT t.running('ann');")
    terminate = ("api", f"SELECT streamspace.terminate_session(p_session => '{session}', p_actor => {ann}) ->> 'state';")
    one, two = held(root, db, terminate, ("api", open_call(session, new_ticket(root, "ann", session))), "COMMIT;")
    t.eq((one[0], two[0]), ("ok", "session_not_running"), "who comes while it is terminated is refused")
    session = root.ask("SELECT t.running('ann');")
    terminate = ("api", f"SELECT streamspace.terminate_session(p_session => '{session}', p_actor => {ann}) ->> 'state';")
    one, two = held(root, db, ("api", open_call(session, new_ticket(root, "ann", session))), terminate, "COMMIT;")
    t.eq((one[0], two[0], review(root, one[1])), ("ok", "ok", "session_terminated"), "who was a moment earlier is cut")

    session = root.ask("SELECT t.running('ann');")
    connection = root.ask(f"SELECT t.open_viewer('ann', '{session}');")
    t.eq(review(root, connection), None, "a viewer goes on")
    root.ask(f"SELECT t.must_as('ann', 'hibernate_session(p_session => ''{session}'')');")
    t.eq(review(root, connection), "session_hibernated", "while it hibernates it may not")
    root.ask(f"SELECT t.run_command('agent-1', '{session}', 'hibernated');")
    root.ask(f"SELECT t.must_as('ann', 'wake_session(p_session => ''{session}'')');")
    t.eq(review(root, connection), "session_hibernated", "nor while it wakes")
    root.ask(f"SELECT t.run_command('agent-1', '{session}', 'running');")
    t.eq(root.ask(f"SELECT t.state('{session}');"), "running", "it runs again")
    t.eq(review(root, connection), "session_restarted", "but that is another run, whoever looked away meanwhile")
    t.eq(review(root, root.ask(f"SELECT t.open_viewer('ann', '{session}');")), None, "which has its own viewers")

    # A share that is being revoked: whoever is let in before is cut after.
    share = root.ask(f"SELECT t.must_as('ann', 'share_session(p_session => ''{session}'', p_user => ''art'')') ->> 'id';")
    ticket = new_ticket(root, "art", session)
    with Psql("api") as owner, Psql("api") as art:
        owner.ask("BEGIN;")
        owner.ask(f"SELECT streamspace.revoke_share(p_session => '{session}', p_share => '{share}', p_actor => {ann}) ->> 'id';")
        connection = art.ask(open_call(session, ticket))
        t.eq(review(root, connection), None, "until the end of a share is committed, it counts")
        owner.ask("COMMIT;")
    t.eq(review(root, connection), "access_revoked", "from then on it does not")


def batches(t, root, db, session):
    """Servers that tell of the same viewers, and those who put them out, do not wait for each other in a circle."""
    root.ask("SELECT t.must_as('ann', 'put_session_policy(p_session => ''" + session + "'', p_policy => ''{\"idle_seconds\": 600, \"warn_seconds\": 590}'')');")
    viewers = [root.ask(f"SELECT t.open_viewer('ann', '{session}');") for _ in range(40)]
    root.ask("UPDATE streamspace_data.connection SET opened_at = opened_at - interval '30 seconds', reviewed_at = reviewed_at - interval '30 seconds';")
    ann = world.actor("ann")

    def items(seed, **more):
        found = [{"connection": c, **more} for c in viewers]
        random.Random(seed).shuffle(found)
        return json.dumps(found)

    calls = []
    for seed in range(6):
        calls += [("api", f"SELECT length(streamspace.review_viewers(p_replica => 'replica-1', p_items => '{items(seed, input_ago_ms=0, received=seed)}')::text);"),
                  ("api", f"SELECT length(streamspace.close_viewers(p_items => '{items(seed + 100, reason='closed', sent=seed)}')::text);"),
                  ("api", f"SELECT streamspace.close_connection(p_connection => '{viewers[seed]}', p_actor => {ann}) ->> 'id';")]
    calls.append(("api", "SELECT streamspace.tick() ->> 'viewers_lost';"))
    codes = [code for code, _ in together(calls, db)]
    t.eq(sorted(set(codes) - {"ok", "connection_not_found"}), [], "6 servers tell and end 40 viewers while 6 are put out and the sweep runs")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.connection AS c WHERE c.connection_id = ANY ('{" + ",".join(viewers) + "}') AND c.closed_at IS NULL;"), "0",
         "none is left")


def main(t):
    world.make()
    db = race.Database()
    with Psql() as root:
        root.ask("SELECT t.make_agent('agent-1');")
        session = root.ask("SELECT t.running('ann');")
        one_use(t, root, db, session)
        one_relay(t, root, db, session)
        bounds(t, root, db, session)
        stopped(t, root, db)
        batches(t, root, db, session)


if __name__ == "__main__":
    harness.main(main)
