#!/usr/bin/python3
"""Creates that arrive together share a transaction, and nobody notices: each is answered as if it had been alone,
whatever became of the others."""

import json
import socket

import harness
from rest_drain import Lock, receive, waits_in_database


def send(port, token, body, key=None):
    link = socket.create_connection(("127.0.0.1", port), timeout=harness.PATIENCE)
    data = json.dumps(body).encode()
    head = (f"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n")
    link.sendall((head + (f"Idempotency-Key: {key}\r\n" if key else "") + "\r\n").encode() + data)
    return link


def suspended(stack, number):
    text = harness.Rest(stack.internal_port).get("/metrics").text
    return f"streamspace_http_requests_suspended {number}\n" in text


def together(stack, first, requests, during=None):
    """The answers to requests that wait while the call of `first` is held: they are the next batch."""
    lock = Lock(stack.db)
    links = [send(stack.port, *first)]
    harness.wait_for("the first call to wait", lambda: waits_in_database(stack.db, 1))
    for number, request in enumerate(requests):
        links.append(send(stack.port, *request))
        harness.wait_for("it to be suspended", lambda number=number: suspended(stack, number + 2))
    if during:
        during()
    lock.release()
    return [receive(link) for link in links]


def transactions(stack):
    return int(stack.db.query("SELECT count(DISTINCT s.xmin::text) FROM streamspace_data.session AS s;", user=None))


def rows(stack):
    return int(stack.db.query("SELECT count(*) FROM streamspace_data.session;", user=None))


def each_his_own(t, stack, ada, bob):
    plain = {"template": "terminal"}
    requests = [
        ((ada.token, plain), (201, None)),
        ((ada.token, {"template": "nothing"}), (404, "template_not_found")),
        ((bob.token, plain), (201, None)),
        ((bob.token, plain), (409, "quota_exceeded")),
        ((ada.token, {"template": "terminal", "owner": "bob"}), (403, "forbidden")),
        (("0" * 64, plain), (401, "unauthorized")),
        ((ada.token, plain, "the-key"), (201, None)),
        ((ada.token, plain, "the-key"), (409, "request_in_flight")),
        ((ada.token, {"template": "terminal", "placement": {"nowhere": 1}}), (422, "invalid_argument")),
        ((stack.admin.token, {"template": "terminal", "owner": "ada"}), (201, None)),
    ]
    answers = together(stack, (ada.token, plain), [request for request, _ in requests])
    for (request, want), answer in zip(requests, answers[1:]):
        t.eq(answer, want, f"in a batch: {json.dumps(request[1])} {request[2] if len(request) > 2 else ''}")
        lone = receive(send(stack.port, *request[:2]))
        if want[0] not in (201, 409):
            t.eq(lone, want, "alone: the same")
    t.eq(answers[0], (201, None), "the one before them")
    before = rows(stack)
    t.eq(receive(send(stack.port, ada.token, plain, "the-key"))[0], 201, "the key answers again")
    t.eq(rows(stack), before, "without another session")


def one_transaction(t, stack, ada):
    before, rows_before = transactions(stack), rows(stack)
    answers = together(stack, (ada.token, {"template": "terminal"}), [(ada.token, {"template": "terminal"})] * 20)
    t.eq(answers, [(201, None)] * 21, "21 creates")
    t.eq(rows(stack) - rows_before, 21, "21 sessions")
    t.eq(transactions(stack) - before, 2, "in two transactions: what waits goes together")


def a_poisoned_batch(t, stack, ada):
    """One row makes the call itself fail: the others do not suffer."""
    stack.db.query("""
        CREATE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF current_setting('application_name') <> '' AND NEW.user_id = (SELECT u.user_id FROM streamspace_data.app_user AS u WHERE u.name = 'eve')
        THEN RAISE EXCEPTION 'planted'; END IF; RETURN NEW; END $$;
        ALTER FUNCTION public.poison() SECURITY DEFINER;
        CREATE TRIGGER poison BEFORE INSERT ON streamspace_data.session FOR EACH ROW EXECUTE FUNCTION public.poison();""", user=None)
    eve = stack.user("eve")
    before = rows(stack)
    plain = {"template": "terminal"}
    answers = together(stack, (ada.token, plain), [(ada.token, plain), (eve.token, plain), (ada.token, plain)])
    t.eq(answers, [(201, None), (201, None), (500, "internal"), (201, None)], "a batch that fails is carried out one by one")
    t.eq(rows(stack) - before, 3, "each once")
    stack.db.query("DROP TRIGGER poison ON streamspace_data.session; DROP FUNCTION public.poison();", user=None)


def a_lost_connection(t, stack, ada):
    """Whether the batch was committed is not known then: it is not repeated."""
    before = rows(stack)
    plain = {"template": "terminal"}

    def cut(call):
        return stack.db.query(f"""SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity AS a
            WHERE a.usename = 'api' AND a.wait_event_type = 'Lock' AND a.query ~ '{call} *[(]';""", user=None) == "1"

    def cut_both():
        for call in ("create_session", "create_sessions"):
            harness.wait_for(f"{call} to wait and be cut off", lambda call=call: cut(call))

    answers = together(stack, (ada.token, plain), [(ada.token, plain)] * 3, cut_both)
    t.eq(answers, [(503, "database_unavailable")] * 4, "whose connection is lost is told so")
    t.eq(rows(stack), before, "and nothing is done twice, or at all")
    t.eq(receive(send(stack.port, ada.token, plain)), (201, None), "the next one finds a new connection")


def main(t):
    with harness.Stack() as stack:
        stack.template("terminal")
        ada, bob = stack.user("ada", max_sessions=200), stack.user("bob", max_sessions=1)
        each_his_own(t, stack, ada, bob)
        one_transaction(t, stack, ada)
        a_poisoned_batch(t, stack, ada)
        a_lost_connection(t, stack, ada)
        t.eq(stack.server.stop(), 0, "the server ends")
        t.eq(stack.server.complaints(), [], "no sanitizer complains")


if __name__ == "__main__":
    harness.main(main)
