#!/usr/bin/python3
"""Retention: on by default, by the month, oldest first; what it takes of the audit log is marked, so that what remains verifies,
and what somebody dropped by hand, or marked by hand, is found.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

HISTORY = ("session_event", "session_change", "audit_log")


def main(t):
    world.make("world")
    with race.Psql() as root, race.Psql("api") as api, race.Psql("dba") as dba:
        def month(back):
            return root.ask(f"SELECT to_char(now() AT TIME ZONE 'UTC' - interval '{back} months', 'YYYYMM');")

        def seal():
            return json.loads(api.ask("SELECT streamspace.seal_audit();"))

        def verify(org, more="", who=dba):
            return json.loads(who.ask(f"SELECT streamspace.verify_audit(p_org => '{org}'{more});"))

        def partitions():
            return root.ask("SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
                            " WHERE c.relkind = 'r' ORDER BY c.relname;").split()

        def sweep(after=None):
            """Sweeps until nothing is dropped; the number of partitions that were."""
            dropped = 0
            while True:
                if after:
                    one = json.loads(root.ask(f"SET streamspace.clock_offset = '{after}'; SELECT streamspace.tick(); RESET streamspace.clock_offset;"))
                else:
                    one = json.loads(api.ask("SELECT streamspace.tick();"))
                if one["partitions_dropped"] == 0:
                    return dropped
                dropped += one["partitions_dropped"]

        t.eq(json.loads(dba.ask("SELECT streamspace.get_settings();"))["audit_retention_seconds"], 400 * 86400, "retention is 400 days unless set otherwise")

        # a history of more than a year, in two chains and in that of no organisation
        heads = {"red": [], "": []}
        for back in range(17, 0, -1):
            for table in HISTORY:
                root.ask(f"SET ROLE streamspace_owner; CREATE TABLE streamspace_data.{table}_{month(back)} PARTITION OF streamspace_data.{table} FOR VALUES FROM"
                         f" (date_trunc('month', now() AT TIME ZONE 'UTC' - interval '{back} months') AT TIME ZONE 'UTC') TO"
                         f" (date_trunc('month', now() AT TIME ZONE 'UTC' - interval '{back - 1} months') AT TIME ZONE 'UTC');"
                         f"ALTER TABLE streamspace_data.{table}_{month(back)} ENABLE ROW LEVEL SECURITY;"
                         f"SELECT streamspace_rules.watch_table('streamspace_data.{table}_{month(back)}'); RESET ROLE;")
            if back == 17:  # as if the world were that old
                root.ask("SET session_replication_role = replica; UPDATE streamspace_data.audit_log SET at = at - interval '17 months'; RESET session_replication_role;")
            root.ask("INSERT INTO streamspace_data.audit_log (generation, at, org_id, actor, function, arguments, result) SELECT 1,"
                     f" date_trunc('month', now() AT TIME ZONE 'UTC' - interval '{back} months') AT TIME ZONE 'UTC' + interval '3 days',"
                     " CASE WHEN n % 2 = 0 THEN (SELECT org_id FROM streamspace_data.org WHERE name = 'red') END, 'x', 'x', '{}', 'ok'"
                     " FROM generate_series(1, 6) AS n;")
            for head in seal()["heads"]:
                heads.setdefault(head["org"], []).append(head["head"])
        t.eq([verify(org)["valid"] for org in ("red", "")], [True, True], "control: it verifies")
        old = [m for m in (month(back) for back in range(17, 0, -1))
               if root.ask(f"SELECT to_date('{m}', 'YYYYMM') + interval '1 month' < (now() AT TIME ZONE 'UTC') - interval '400 days';") == "t"]
        kept = [m for m in (month(back) for back in range(17, 0, -1)) if m not in old]
        t.ok(2 <= len(old) <= 4, f"months that are past retention: {old}")

        # what is not sealed stays, and holds what came after it
        root.ask("BEGIN; SELECT pg_current_xact_id();")
        with race.Psql() as other:
            other.ask("INSERT INTO streamspace_data.audit_log (generation, at, actor, function, arguments, result) VALUES (1,"
                      f" to_date('{old[0]}', 'YYYYMM') + interval '9 days', 'x', 'late', '{{}}', 'ok');")
        seal()
        before = partitions()
        gone = sweep()
        t.ok(f"audit_log_{old[0]}" in partitions(), "a month with a row that is not sealed yet stays")
        root.ask("COMMIT;")
        seal()

        gone += sweep()
        t.eq(gone, 3 * len(old), f"then {3 * len(old)} partitions go")
        t.eq(sorted(set(before) - set(partitions())), sorted(f"{table}_{m}" for m in old for table in HISTORY), "those and no others")
        t.eq(root.ask("SELECT string_agg(l.object_id, ' ' ORDER BY l.audit_id) FROM streamspace_data.audit_log AS l WHERE l.function = 'drop_partition'"
                      " AND l.object_id LIKE 'audit_log%';"), " ".join(f"audit_log_{m}" for m in old), "each stands in the audit log, the oldest first")
        seal()
        for org in ("red", "", "blue"):
            report = verify(org)
            if not t.eq((report["valid"], report["findings"]), (True, []), f"{org or 'no organisation'}: what remains verifies"):
                t.diag(json.dumps(report))
        report = verify("red", f", p_expected_head => '{' '.join(heads['red'])}'")
        t.eq((report["valid"], report["heads_matched"] + report["heads_before_retention"]), (True, len(heads["red"])), "against every head that was logged")
        t.ok(report["heads_before_retention"] >= 1 and report["first_seal"] > 1, "those of what is gone are told apart")
        dba.ask("SELECT streamspace.create_user(p_name => 'after', p_org => 'red');")
        seal()
        t.eq(verify("red")["valid"], True, "the chain goes on")
        t.eq(root.ask("SELECT string_agg(v.check_name, ' ') FROM streamspace.v_health AS v WHERE NOT v.ok;"), "", "and health is good")

        # by hand
        def crime(name, sql, kinds, org="red"):
            try:
                root.ask(f"BEGIN; SET LOCAL session_replication_role = replica; {sql}; RESET session_replication_role; SET LOCAL SESSION AUTHORIZATION dba;")
                report = verify(org, f", p_expected_head => '{heads[org][-1]}'", root)
                if not t.ok(not report["valid"] and kinds <= {f["kind"] for f in report["findings"]}, name):
                    t.diag(json.dumps(report))
            finally:
                root.ask("ROLLBACK;")

        red = root.ask("SELECT org_id FROM streamspace_data.org WHERE name = 'red';")
        crime("a partition dropped by hand", f"DROP TABLE streamspace_data.audit_log_{kept[0]}", {"partition_missing"})
        crime("a mark taken away", f"DELETE FROM streamspace_data.audit_mark WHERE chain = {red}", {"seal_missing"})
        crime("a mark altered", f"UPDATE streamspace_data.audit_mark SET hash = sha256('x') WHERE chain = {red}", {"mark_invalid"})
        forged = (f"DROP TABLE streamspace_data.audit_log_{kept[0]};"
                  " INSERT INTO streamspace_data.audit_mark SELECT s.chain, s.month, s.seal_number, s.hash, s.generation, s.to_xid, {at}"
                  " FROM streamspace_data.audit_seal AS s JOIN (SELECT chain, max(seal_number) AS n FROM streamspace_data.audit_seal"
                  f" WHERE month = to_date('{kept[0]}', 'YYYYMM') GROUP BY chain) AS m ON m.chain = s.chain AND m.n = s.seal_number;"
                  " DELETE FROM streamspace_data.audit_seal AS s USING streamspace_data.audit_mark AS m WHERE s.chain = m.chain AND s.seal_number <= m.seal_number")
        crime("a partition dropped by hand, and marked as if by rule", forged.format(at="now()"), {"mark_invalid"})
        young = forged.replace(kept[0], kept[-1])
        crime("the same of last month, with an audit row that tells of it", young.format(at="now()") +
              "; SELECT streamspace_rules.write_audit(NULL, 'system', 'drop_partition', jsonb_build_object('digest', streamspace_rules.marks_digest("
              f"to_date('{kept[-1]}', 'YYYYMM'))), NULL, 'audit_log_{kept[-1]}')", {"mark_invalid"})

        # the clock: whatever is past is dropped when its time comes
        t.eq(sweep("340 days") >= 3 * (len(kept) - 2), True, "340 days later so is most of the rest")
        seal()
        t.eq([verify(org)["valid"] for org in ("red", "", "blue")], [True, True, True], "and again the rest verifies")
        t.ok(f"audit_log_{month(0)}" in partitions(), "the present month is not dropped, whatever the clock says")

        # a reader that does not end
        with race.Psql() as reader:
            left = [p for p in partitions() if p.startswith("session_event") and p < f"session_event_{month(0)}"]
            if t.ok(left, f"control: something is left to drop: {left[:2]}"):
                reader.ask(f"BEGIN; SELECT count(*) FROM streamspace_data.{left[0]};")
                sweep("500 days")
                t.eq(root.ask(f"SELECT to_regclass('streamspace_data.{left[0]}') IS NOT NULL;"), "t", "a sweep leaves what somebody reads, and does not wait for him")
                reader.ask("COMMIT;")
                t.ok(sweep("500 days") > 0, "but comes back")
        for key, value, want in (("audit_retention_seconds", 31 * 86400, "ok"), ("audit_retention_seconds", 86400, "invalid_argument"),
                                 ("event_retention_seconds", 0, "invalid_argument")):
            t.eq(root.ask(f"SELECT t.code('dba', $$SELECT streamspace.put_settings(p_settings => '{{\"{key}\": {value}}}')$$);"), want, f"{key} of {value}: {want}")


if __name__ == "__main__":
    harness.main(main)
