#!/usr/bin/python3
"""traceparent (W3C Trace Context) and X-Request-Id: taken over when valid, made when not, echoed, and in the log."""

import re

import harness

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FORM = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-00$"
MALFORMED = (
    "",
    "x",
    GOOD[:-1],
    GOOD + "0",
    GOOD + "-extra",
    GOOD.upper(),
    "ff" + GOOD[2:],
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    GOOD.replace("-", "_"),
    GOOD.replace("4bf9", "4bg9"),
)


def access_lines(server, request):
    return [line for line in server.log.splitlines() if f"id={request}" in line and " request " in line]


def logged(server, answer):
    """The access line of a request; it is written when the answer has been sent."""
    found = harness.wait_for("the request in the log", lambda: access_lines(server, answer.headers["X-Request-Id"]))
    return found[0]


def main(t):
    with harness.Stack() as stack:
        server, user = stack.server, stack.user("ada")

        def ask(value=None, path="/api/v1/me"):
            return user.get(path, headers={"traceparent": value} if value is not None else None)

        answer = ask(GOOD)
        t.eq(answer.headers["traceparent"], GOOD, "a valid traceparent comes back")
        t.like(logged(server, answer), r"\btrace=4bf92f3577b34da6a3ce929d0e0e4736\b", "the log has its trace-id")
        answer = ask("01" + GOOD[2:] + "-more")
        t.eq(answer.headers["traceparent"], GOOD, "that of a later version is taken as one of 00")
        made = set()
        for value in (None, *MALFORMED):
            answer = ask(value)
            got = answer.headers["traceparent"]
            t.ok(answer.status == 200 and re.match(FORM, got), f"{value!r}: a new one is made")
            made.add(got)
        t.eq(len(made), 1 + len(MALFORMED), "each of them another")
        answer = ask(GOOD, "/api/v1/none")
        t.eq((answer.status, answer.headers["traceparent"]), (404, GOOD), "a refusal has it too")
        t.eq(answer.json["request_id"], answer.headers["X-Request-Id"], "a problem names its request")
        ids = {ask().headers["X-Request-Id"] for _ in range(5)}
        t.eq(len(ids), 5, "each request has an id of its own")
        t.eq(server.complaints(), [], "the sanitizers have nothing to say")


if __name__ == "__main__":
    harness.main(main)
