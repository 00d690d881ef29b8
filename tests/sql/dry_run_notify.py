#!/usr/bin/python3
"""A dry run rings no bell and leaves no row, also when its transaction commits; the real call rings.

One connection listens, another calls; NOTIFY arrives in the order of commits, so a sentinel that is sent after
a call proves that nothing of the call came before it.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

CHANNEL = "streamspace_agent"


def heard(listener, root):
    """Payloads that arrived since the last call, up to a sentinel of our own."""
    root.ask(f"SELECT pg_notify('{CHANNEL}', 'sentinel');")
    lines = []

    def arrived():
        lines.extend(listener.ask("SELECT NULL;").splitlines())
        return any('"sentinel"' in line for line in lines)

    harness.wait_for("the sentinel", arrived)
    return [line for line in lines if "Asynchronous notification" in line and '"sentinel"' not in line]


def main(t):
    db = race.Database()
    world.make("stage")
    with race.Psql() as root, race.Psql() as listener, race.Psql("api") as api:
        listener.ask(f"LISTEN {CHANNEL};")
        root.ask("CREATE TABLE t.all_calls AS SELECT row_number() OVER () AS number, c.* FROM t.calls() AS c;")
        calls = json.loads(root.ask("SELECT json_agg(c ORDER BY c.number) FROM t.all_calls AS c;"))
        heard(listener, root)

        def ask(call, dry):
            call_text = call["call"][:-1] + (", p_dry_run => true)" if dry else ")")
            sql = root.ask(f"SELECT format('SELECT streamspace.%s', $$${call_text[:-1]}$$$) || format(', p_actor => %L);', t.actor('{call['actor']}'));"
                           .replace("$$$", "$x$"))
            api.send(sql)
            return race.outcome(api, db)[0]

        rang = []
        for call in calls:
            before = root.ask("SELECT t.contents();")
            code = ask(call, True)
            t.eq((code, heard(listener, root)), ("ok", []), f"dry: no notification: {call['call'][:70]}")
            t.eq(root.ask("SELECT t.contents();"), before, f"dry: no row differs after its commit: {call['call'][:70]}")
        for call in calls:
            code = ask(call, False)
            if heard(listener, root):
                rang.append(call["function"])
        for function in ("create_session", "hibernate_session", "wake_session", "terminate_session"):
            t.ok(function in rang, f"control: the real {function} rings")


if __name__ == "__main__":
    harness.main(main)
