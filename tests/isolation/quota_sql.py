#!/usr/bin/python3
"""60 psql connections against a limit of 5, without a server: half of them DBAs, half the server's login.

The same story as quota_race.py; this one needs nothing but the database, and shows that the limit is kept there.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
from quota_race import PARALLEL, check, dba_create  # noqa: E402

def main(t):
    db = race.Database()
    world.make()
    half = PARALLEL // 2
    with race.Psql() as root:
        root.ask("SELECT t.make_user('ken', 'red', 'user', 5);")
        actor = world.actor("ken")
        calls = [dba_create("ken", "red")] * half + [
            ("api", f"SELECT streamspace.create_session(p_template => 'term', p_actor => {actor}) ->> 'id';")] * half
        check(t, root, race.together(calls, db), "user", "one user, no agent")

        root.ask("SELECT t.make_agent('agent-1', 'process', 1000);")
        root.ask("SELECT t.make_user('kim', 'red', 'user', 5);")
        actor = world.actor("kim")
        calls = [dba_create("kim", "red")] * half + [
            ("api", f"SELECT streamspace.create_session(p_template => 'term', p_actor => {actor}) ->> 'id';")] * half
        check(t, root, race.together(calls, db), "user", "one user, an agent with room")


if __name__ == "__main__":
    harness.main(main)
