#!/usr/bin/python3
"""Accounts at the same moment: guesses that run in parallel, administrators who demote each other, and what opens an
account while it is being closed. Where one call must win, it is held in an open transaction until the other one is
seen waiting for it."""

import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from race import Psql, blocked_by, outcome, together, wait_for  # noqa: E402

PARALLEL = 60


def guess(user, address):
    return "api", f"SELECT streamspace.login_challenge(p_org => 'red', p_user => '{user}', p_address => '{address}') ->> 'password_hash';"


def hold(t, root, db, first, second, name, begin="BEGIN;"):
    """first=(login, sql) in an open transaction, second until it waits for it; then commit. Both outcomes."""
    with Psql(first[0]) as a, Psql(second[0]) as b:
        a.ask(begin)
        a.send(first[1])
        one = outcome(a, db)
        b.ask(begin)
        b.send(second[1])
        wait_for(f"{name}: the second waits", lambda: blocked_by(root, b, a))
        t.ok(True, f"{name}: the second waits for the first")
        a.ask("COMMIT;")
        two = outcome(b, db)
        b.ask("COMMIT;" if two[0] == "ok" else "ROLLBACK;")
        return one[0], two[0]


def parallel_guesses(t, root, db):
    """Who counts after the password was verified lets as many guesses in as run at once."""
    outcomes = together([guess("ann", f"192.0.2.{at}") for at in range(PARALLEL)], db)
    codes = [code for code, _ in outcomes]
    t.eq((codes.count("ok"), codes.count("too_many_attempts")), (10, PARALLEL - 10), f"{PARALLEL} guesses at once from as many addresses: 10 pass")
    outcomes = together([guess("ann", "127.0.0.1") for _ in range(PARALLEL)], db)
    codes = [code for code, _ in outcomes]
    t.eq((codes.count("ok"), codes.count("too_many_attempts")), (10, PARALLEL - 10), "as many from where ann is known: 10 pass")
    outcomes = together([guess(f"u{at}", "198.51.100.1") for at in range(PARALLEL)]
                        + [guess(f"v{at}", "198.51.100.1") for at in range(PARALLEL)], db)
    codes = [code for code, _ in outcomes]
    t.eq((codes.count("ok"), codes.count("too_many_attempts")), (100, 2 * PARALLEL - 100), "as many accounts from one address: 100 pass")


def log_in_under_attack(t, root, db):
    """The owner's log-in gives back what it took, and nothing more, while strangers guess."""
    root.ask("DELETE FROM streamspace_data.login_attempt;")
    login = ("SELECT streamspace.login_challenge(p_org => 'red', p_user => 'art', p_address => '127.0.0.1');"
             " SELECT streamspace.complete_login(p_org => 'red', p_user => 'art', p_verified_hash => '{}', p_token_hash => sha256('{}'),"
             " p_address => '127.0.0.1') -> 'expires_at';")
    verified = root.ask("SELECT t.password_hash('art');")
    calls = [("api", login.format(verified, at)) for at in range(8)] + [guess("art", f"192.0.2.{at}") for at in range(40)]
    codes = [code for code, _ in together(calls, db)]
    t.eq(codes[:8], ["ok"] * 8, "the owner logs in 8 times while 40 strangers guess")
    t.eq((codes[8:].count("ok"), codes[8:].count("too_many_attempts")), (10, 30), "of whom 10 are heard")
    t.eq(root.ask("SELECT string_agg(a.attempts::text, ' ' ORDER BY a.attempts) FROM streamspace_data.login_attempt AS a WHERE a.attempts <> 1;"),
         "0 10", "the owner's count is empty, the strangers' full")


def administrators(t, root, db):
    """Two who demote each other must not both succeed."""
    root.ask("SELECT t.make_user('rita', 'default', 'platform_admin');")
    update = "SELECT streamspace.update_user(p_user => '{}', {}, p_org => 'default', p_actor => {}) ->> 'role';"
    root_actor, rita = world.actor("root"), world.actor("rita")
    for level in ("READ COMMITTED", "REPEATABLE READ"):
        codes = hold(t, root, db, ("api", update.format("rita", "p_role => 'user'", root_actor)),
                     ("api", update.format("root", "p_role => 'user'", rita)), f"demote each other, {level}", f"BEGIN ISOLATION LEVEL {level};")
        t.eq((codes[0], codes[1] in ("last_administrator", "40001")), ("ok", True), f"one succeeds, {level}") or t.diag(codes)
        root.ask("SELECT t.must('dba', 'SELECT streamspace.update_user(p_user => ''rita'', p_role => ''platform_admin'', p_org => ''default'')');")
    codes = hold(t, root, db, ("api", update.format("rita", "p_active => false", root_actor)),
                 ("dba", "SELECT streamspace.update_user(p_user => 'root', p_active => false) ->> 'role';"), "deactivated by two")
    t.eq(codes, ("ok", "last_administrator"), "one stays active")
    t.eq(root.ask("SELECT string_agg(u.name, ' ') FROM streamspace_data.app_user AS u WHERE u.role = 'platform_admin' AND u.active;"), "root", "which is root")


def closing(t, root, db):
    """What would open an account while it is being closed, or give it away while it is being promoted."""
    root.ask("DELETE FROM streamspace_data.login_attempt;")
    amy, platform = world.actor("amy"), world.actor("root")
    update = "SELECT streamspace.update_user(p_user => '{}', {}, p_org => 'red', p_actor => {}) ->> 'role';"
    for user in ("u1", "u2", "u3"):
        root.ask(f"SELECT t.make_user('{user}', 'red');")
    verified = root.ask("SELECT t.password_hash('u1');")
    codes = hold(t, root, db, ("api", update.format("u1", "p_active => false", amy)), ("api",
                 "SELECT streamspace.complete_login(p_org => 'red', p_user => 'u1', p_verified_hash => '" + verified + "',"
                 " p_token_hash => sha256('new')) ->> 'expires_at';"), "a log-in while its user is deactivated")
    t.eq(codes, ("ok", "invalid_credentials"), "no log-in")
    codes = hold(t, root, db, ("api", update.format("u2", "p_active => false", amy)), ("api",
                 "SELECT streamspace.create_api_key(p_name => 'k', p_scopes => '{read}', p_actor => " + world.actor("u2") + ") -> 'api_key';"),
                 "an API key while its user is deactivated")
    t.eq(codes, ("ok", "unauthorized"), "no key")
    codes = hold(t, root, db, ("api", update.format("u3", "p_role => 'platform_admin'", platform)), ("api",
                 f"SELECT streamspace.reset_password(p_user => 'u3', p_actor => {amy}) -> 'user';"),
                 "a one-time token while its user becomes a platform administrator")
    t.eq(codes, ("ok", "forbidden"), "no token for who may not have it any more")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.credential AS c JOIN streamspace_data.app_user AS u USING (org_id, user_id)"
                  " WHERE u.name IN ('u1', 'u2') AND c.revoked_at IS NULL;"), "0", "nothing of theirs opens")


def uses(t, root, db):
    """Servers that tell of the same tokens must not wait for each other in a circle."""
    hashes = [root.ask(f"SELECT encode(t.actor('login-{at}'), 'hex') FROM t.login('red', 'art', 'login-{at}');") for at in range(60)]

    def batch(seed):
        items = [{"hash": h, "age_ms": 0} for h in hashes]
        random.Random(seed).shuffle(items)
        return "api", f"SELECT streamspace.record_credential_uses(p_items => '{json.dumps(items)}') ->> 'recorded';"

    codes = [code for code, _ in together([batch(seed) for seed in range(16)], db)]
    t.eq(codes, ["ok"] * 16, "16 servers tell of the same 60 tokens, each in its own order")
    t.eq(root.ask("SELECT count(*) FROM streamspace_data.credential_use;"), "60", "each is recorded once")


def main(t):
    world.make()
    db = race.Database()
    with Psql() as root:
        parallel_guesses(t, root, db)
        log_in_under_attack(t, root, db)
        administrators(t, root, db)
        closing(t, root, db)
        uses(t, root, db)


if __name__ == "__main__":
    harness.main(main)
