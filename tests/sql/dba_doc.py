#!/usr/bin/python3
"""The manual docs/dba.md does what it says: its statements run in order against a fresh database, as the login it names, and
answer what it shows; every function and view of a DBA stands in it; and the comments in the database know the same facts.

While it is read an agent, a sweeper and the sealer are at work, as they would be: after each block everything that waits is done.
"…" in an output stands for anything. --print shows what each block answered.
"""

import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402
import manual  # noqa: E402

DOC = world.ROOT / "docs" / "dba.md"

# What the world does while somebody reads: agents that are approved connect and do what they are told.
WORLD = """
CREATE FUNCTION t.work() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_row record;
	v_agent text;
BEGIN
	FOR v_agent IN SELECT a.agent_id FROM streamspace_data.agent AS a WHERE a.approval = 'approved' LOOP
		IF t.epoch(v_agent) IS NULL THEN
			PERFORM t.connect(v_agent);
		END IF;
		PERFORM t.report('record_heartbeats', v_agent, '{"status": "online"}');
		FOR i IN 1..5 LOOP
			PERFORM t.claim(v_agent);
			FOR v_row IN SELECT c.command_id, c.object_kind, c.object_id, c.action, c.revision FROM streamspace_data.agent_command AS c
				WHERE c.agent_id = v_agent AND c.state IN ('sent', 'acked') ORDER BY c.command_number
			LOOP
				IF v_row.object_kind = 'session' THEN
					PERFORM t.report('observe_sessions', v_agent, jsonb_build_object('sessionId', v_row.object_id, 'revision', v_row.revision,
						'state', CASE v_row.action WHEN 'hibernate_session' THEN 'hibernated' WHEN 'stop_session' THEN 'terminated' ELSE 'running' END));
				END IF;
				PERFORM t.report('complete_commands', v_agent, jsonb_build_object('commandId', v_row.command_id, 'ok', true, 'result', '{}'::jsonb));
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;
"""


class Reader:
    """psql as a person has it, with its usual output."""

    MARK = "-- end of answer --"

    def __init__(self, user=None):
        env = dict(os.environ, PGDATABASE=os.environ.get("PGDATABASE", "streamspace"), PGOPTIONS="-c statement_timeout=60s")
        if user:
            env["PGUSER"] = user
        self.process = subprocess.Popen(["psql", "-Xq", "-v", "VERBOSITY=verbose", "-P", "pager=off"], env=env, text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, sql):
        self.process.stdin.write(f"{sql}\n\\echo {self.MARK}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == self.MARK:
                return "".join(lines)
            lines.append(line)
        raise AssertionError("psql ended: " + "".join(lines))

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def statements(text):
    """The statements of a block; one ends with a semicolon or a \\g command at the end of a line."""
    return [part.strip() for part in re.split(r"(?<=;)\n|(?<=\\gset)\n|(?<=\\gx)\n", text) if part.strip()]


def comments(t, root, shown):
    """COMMENTs name codes that exist and every parameter; the manual shows every function."""
    codes = set(root.ask("SELECT code FROM streamspace.list_error_codes();").split())
    known = {"p_actor", "p_request_id", "p_dry_run", "p_org", "p_limit", "p_cursor", "p_session", "p_if_revision"}
    rows = root.ask("SELECT p.proname, array_to_string((p.proargnames)[1:p.pronargs], ','), replace(obj_description(p.oid, 'pg_proc'), E'\\n', ' '),"
                    " has_function_privilege('streamspace_dba', p.oid, 'EXECUTE'), 'p_dry_run' = ANY (p.proargnames)"
                    " FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace ORDER BY 1;")
    unknown, unsaid, unraised = [], [], []
    for line in rows.splitlines():
        name, arguments, comment, granted, mutates = line.split("\t")
        named = re.search(r"Errors: ([^.]*)", comment)
        listed = {part.split()[-1] for part in re.sub(r"\([^)]*\)", "", named.group(1)).split(",")} if named else set()
        unknown += [f"{name}: {code}" for code in sorted(listed - codes)]
        if granted == "t" and arguments:
            unsaid += [f"{name}: {p}" for p in arguments.split(",") if p not in known and not re.search(rf"\b{p}\b", comment)
                       and not re.search(rf"\b{p[2:]}\b", comment)]
            if mutates == "t" and not {"request_in_flight", "request_mismatch"} <= listed:
                unraised.append(name)
    t.eq(unknown, [], "every error code that a comment names exists")
    t.eq(unsaid, [], "every parameter of a function for DBAs is in its comment")
    t.eq(unraised, [], "every mutation says what becomes of a repeated request")
    granted = set(root.ask("SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace"
                           " AND has_function_privilege('streamspace_dba', p.oid, 'EXECUTE');").split())
    granted |= set(root.ask("SELECT k.relname FROM pg_class AS k WHERE k.relnamespace = 'streamspace'::regnamespace AND k.relkind = 'v'"
                            " AND has_table_privilege('streamspace_dba', k.oid, 'SELECT');").split())
    t.eq(sorted(granted - shown), [], "every function and view of a DBA is in the manual")
    t.eq(sorted(shown - granted), [], "and nothing is shown that he may not use")


def main(t):
    show = "--print" in sys.argv
    db = race.Database()
    world.install()
    text = DOC.read_text()
    with race.Psql() as root:
        root.ask("CREATE ROLE ada LOGIN IN ROLE streamspace_dba;")
        readers = {"dba": Reader("ada"), "superuser": Reader()}
        root.ask(WORLD)
        # what `streamspaced init` did, and what an agent does when it is first started
        root.ask("SELECT t.must('dba', format('SELECT streamspace.initialize(p_org => %L, p_admin => %L, p_password_hash => %L, p_bootstrap_key_hash => %L)',"
                 " 'default', 'root', t.password_hash('root'), t.actor('bootstrap')));")
        root.ask("SELECT t.must('api', format('SELECT streamspace.register_agent(p_agent => %L, p_platform => %L, p_region => %L, p_capacity => %L,"
                 " p_metadata => %L, p_protocol_version => 3, p_key_hash => %L, p_actor => %L)', 'laptop-1', 'process', 'here', '{\"maxSessions\": 5}', '{}',"
                 " encode(t.actor('laptop-1'), 'hex'), t.actor('bootstrap')));")
        with race.Psql("api") as api:
            run, output = 0, ""
            for info, block in manual.blocks(text, "sql", "text"):
                if info == "text":
                    if not t.ok(manual.matches(output, block), f"and answers: {manual.flat(block).splitlines()[-1][:80]}"):
                        t.diag(output)
                    continue
                words = info.split()
                reader = readers["superuser" if "superuser" in words else "dba"]
                want = words[words.index("refused") + 1] if "refused" in words else "ok"
                output = ""
                for statement in statements(block):
                    answer = reader.ask(statement)
                    found = re.search(r"^(psql:\S* )?(ERROR|FATAL): ", answer, re.M)
                    code = db.code_of(harness.SqlError(answer)) if found else "ok"
                    if not t.eq(code, want, f"{want}: {statement.splitlines()[0][:90]}"):
                        t.diag(answer)
                    output += answer
                    run += 1
                if show:
                    t.diag(output)
                root.ask("SELECT t.work();")
                api.ask("SELECT streamspace.tick();")
                root.ask("SELECT t.work();")
                api.ask("SELECT streamspace.seal_audit();")
        t.ok(run >= 60, f"{run} statements")
        comments(t, root, set(re.findall(r"streamspace\.(\w+)", text)))
        for reader in readers.values():
            reader.close()


if __name__ == "__main__":
    harness.main(main)
