#!/usr/bin/python3
"""The examples of docs/dba.md work as they stand there, in order; and every function of a DBA has one."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

DOC = world.ROOT / "docs" / "dba.md"


def statements(text):
    """The statements of a block; one ends with a semicolon or \\gset at the end of a line."""
    return [part.strip() for part in re.split(r"(?<=;)\n|(?<=\\gset)\n", text) if part.strip()]


def main(t):
    db = race.Database()
    world.make("stage")
    text = DOC.read_text()
    with race.Psql() as root, race.Psql("dba") as dba:
        dba.ask("\\set prefix " + root.ask("SELECT left(encode(t.actor('agent-new'), 'hex'), 8);"))
        dba.ask("\\set running " + root.ask("SELECT s.id FROM t.staged AS s WHERE s.name = 'running';"))
        run = 0
        for info, block in re.findall(r"^```(sql[^\n]*)\n(.*?)^```", text, re.M | re.S):
            want = info.split("refused", 1)[1].strip() if "refused" in info else "ok"
            for statement in statements(block):
                dba.send(statement)
                code, answer = race.outcome(dba, db)
                if not t.eq(code, want, f"{want}: {statement.splitlines()[0][:90]}"):
                    t.diag(answer)
                run += 1
        t.ok(run >= 25, f"{run} examples")
        shown = set(re.findall(r"streamspace\.(\w+)", text))
        granted = set(root.ask("SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace"
                               " AND has_function_privilege('streamspace_dba', p.oid, 'EXECUTE');").split())
        granted |= set(root.ask("SELECT k.relname FROM pg_class AS k WHERE k.relnamespace = 'streamspace'::regnamespace AND k.relkind = 'v'"
                                " AND has_table_privilege('streamspace_dba', k.oid, 'SELECT');").split())
        t.eq(sorted(granted - shown - {"initialize", "log_out", "get_me"}), [], "every function and view of a DBA has an example")
        t.eq(sorted(shown - granted), [], "and nothing is shown that he may not use")


if __name__ == "__main__":
    harness.main(main)
