#!/usr/bin/python3
"""Rate limits: what an actor and an address may ask for, the headers that tell it, and what is not limited. The
clock of a test machine may stand still for seconds, so counts are compared, never times."""

import signal
import subprocess

import harness

ACTOR, ADDRESS = 20, 60


def limits(answer):
    return {name: int(answer.headers[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")
            if answer.headers[f"RateLimit-{name}"] is not None}


def ask_until_refused(client, most, **more):
    """The answers, the last of which is the refusal (or the most-th)."""
    answers = []
    while len(answers) < most and not (answers and answers[-1].status == 429):
        answers.append(client.get("/api/v1/me", **more))
    return answers


def check_actor(t, server, ada, ben):
    answers = ask_until_refused(ada, ACTOR * 3)
    passed = [a for a in answers if a.status == 200]
    refused = answers[-1]
    # A slow run earns back a request now and then; nobody is refused early.
    t.ok(ACTOR <= len(passed), f"at least {ACTOR} requests pass at once ({len(passed)} did)")
    t.eq((refused.status, refused.code), (429, "rate_limited"), "then one is refused")
    t.eq(refused.headers["Content-Type"], "application/problem+json", "as a problem")
    first, last = limits(passed[0]), limits(passed[-1])
    t.eq((first["Limit"], first["Remaining"]), (ACTOR, ACTOR - 1), "the first answer says what is left")
    t.eq(last["Remaining"], 0, "the last that passed says that nothing is left")
    t.ok(0 < limits(refused)["Reset"] <= 60, "the whole limit is back within the window")
    wait = int(refused.headers["Retry-After"])
    t.ok(1 <= wait <= 60, f"Retry-After says when one more may follow ({wait} s)")
    other = ben.get("/api/v1/me")
    t.eq((other.status, limits(other)["Remaining"]), (200, ACTOR - 1), "another actor has his own limit")
    broken = harness.Rest(server.port, "no token").get("/api/v1/me")
    t.eq((broken.status, limits(broken)), (401, {}), "what is no token counts for no actor")

    def again():
        answer = ada.get("/api/v1/me")
        return answer if answer.status == 200 else None

    t.ok(harness.wait_for("a request to pass again", again, 90), "after a while requests pass again")


def pg_ctl(word):
    subprocess.run([harness.ROOT / "tests" / "bin" / "pg-ctl", word], check=True, timeout=90)


def check_without_database(t, server, ada):
    """The limiter answers although nobody can ask the database."""
    pg_ctl("stop")
    answers = ask_until_refused(ada, ACTOR * 3)
    t.eq({a.status for a in answers[:-1]} <= {200, 503}, True, "what passes the limit says that the database is away")
    t.eq(answers[-1].status, 429, "an exhausted limit is told without it")
    pg_ctl("start")
    harness.wait_for("/readyz", lambda: harness.Rest(server.port).get("/readyz").status == 200)


def check_address(t, stack):
    server = stack.start_server(options=("--rate-limit-actor", "0", "--rate-limit-address", str(ADDRESS),
                                         "--trusted-proxies", "127.0.0.0/8"), port=harness.free_port())
    public = harness.Rest(server.port)

    def ask(address, path="/api/v1/none"):
        return public.get(path, headers={"X-Forwarded-For": address})

    answers = []
    while len(answers) < ADDRESS * 3 and not (answers and answers[-1].status == 429):
        answers.append(ask("192.0.2.1"))
    t.eq((answers[0].status, answers[-1].status), (404, 429), "an address is limited, also where there is nothing")
    t.ok(len(answers) > ADDRESS, f"after {len(answers) - 1} requests")
    t.eq(ask("192.0.2.1", "/readyz").status, 200, "probes are not")
    t.eq(ask("192.0.2.2").status, 404, "another address has a limit of its own")
    left = [limits(ask(f"2001:db8:0:1::{n}"))["Remaining"] for n in (1, 2, 3)]
    t.ok(left[0] >= left[1] >= left[2] and left[2] < ADDRESS - 1, f"addresses of one /64 share a limit ({left})")
    other = limits(ask("2001:db8:0:2::1"))
    t.eq(other["Remaining"], ADDRESS - 1, "those of another do not")
    server.signal(signal.SIGTERM)
    t.eq(server.wait(), 0, "the server stops")
    return server


def main(t):
    with harness.Stack(server=False) as stack:
        server = stack.start_server(options=("--rate-limit-actor", "0"))
        ada, ben = stack.user("ada"), stack.user("ben")
        t.eq(limits(ada.get("/api/v1/me")), {}, "without a limit there are no headers")
        server.signal(signal.SIGTERM)
        server.wait()
        server = stack.start_server(options=("--rate-limit-actor", str(ACTOR)))
        ada.port = ben.port = server.port
        check_actor(t, server, ada, ben)
        check_without_database(t, server, ada)
        t.eq(server.complaints(), [], "the sanitizers have nothing to say")
        check_address(t, stack)


if __name__ == "__main__":
    harness.main(main)
