#!/usr/bin/python3
"""What verify_audit() finds: every row and seal that a superuser altered, removed, planted or put elsewhere, which one it
was, and, against a head that left the database, also a chain that was computed anew or cut.

Each deed is done in a transaction, looked at by a DBA, and undone.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402

# An attacker who knows the code computes every leaf and hash of a chain anew.
RECOMPUTE = """
CREATE FUNCTION t.recompute(p_chain integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_seal streamspace_data.audit_seal;
	v_hash bytea := streamspace_rules.first_hash(p_chain);
	v_number bigint := 0;
BEGIN
	FOR v_seal IN SELECT s.* FROM streamspace_data.audit_seal AS s WHERE s.chain = p_chain ORDER BY s.seal_number LOOP
		SELECT array_agg(l.audit_id ORDER BY l.audit_id), string_agg(streamspace_rules.audit_leaf(l), ''::bytea ORDER BY l.audit_id)
		INTO v_seal.audit_ids, v_seal.leaves FROM streamspace_data.audit_log AS l
		WHERE l.generation = v_seal.generation AND l.xid >= v_seal.from_xid AND l.xid < v_seal.to_xid AND coalesce(l.org_id, 0) = p_chain;
		DELETE FROM streamspace_data.audit_seal AS s WHERE s.chain = p_chain AND s.seal_number = v_seal.seal_number;
		CONTINUE WHEN v_seal.audit_ids IS NULL;
		v_number := v_number + 1;
		v_seal.seal_number := v_number;
		v_seal.previous_hash := v_hash;
		v_seal.hash := streamspace_rules.seal_hash(v_seal);
		v_hash := v_seal.hash;
		INSERT INTO streamspace_data.audit_seal SELECT v_seal.*;
	END LOOP;
END
$$;
"""


class Crime:
    """A superuser's transaction, undone at the end."""

    def __init__(self, t, root, chain):
        self.t, self.root, self.chain = t, root, chain

    def look(self, sql, extra=""):
        """What a DBA's verification of organisation red says with this done."""
        try:
            self.root.ask(f"BEGIN; SET LOCAL session_replication_role = replica; {sql}; RESET session_replication_role;")
            self.root.ask("SET LOCAL SESSION AUTHORIZATION dba;")
            return json.loads(self.root.ask(f"SELECT streamspace.verify_audit(p_org => 'red'{extra});"))
        finally:
            self.root.ask("ROLLBACK;")

    def found(self, name, sql, want, extra=""):
        report = self.look(sql, extra)
        kinds = [{key: item[key] for key in want_one if key in item} for item, want_one in zip(report["findings"], want)]
        if not self.t.ok((report["valid"], report["findings_total"], kinds) == (False, len(want), want), name):
            self.t.diag(json.dumps(report, indent=1))
        return report


def main(t):
    world.make("world")
    with race.Psql() as root, race.Psql("api") as api, race.Psql("dba") as dba:
        def seal():
            return json.loads(api.ask("SELECT streamspace.seal_audit();"))

        heads = {}
        for n in range(1, 9):
            dba.ask(f"SELECT streamspace.create_user(p_name => 'u-{n}', p_org => 'red'), streamspace.create_user(p_name => 'v-{n}', p_org => 'red');")
            for head in seal()["heads"]:
                if head["org"] == "red":
                    heads[int(head["head"].split(":")[0])] = head["head"]
        root.ask(RECOMPUTE)
        chain = int(root.ask("SELECT org_id FROM streamspace_data.org WHERE name = 'red';"))
        other = int(root.ask("SELECT org_id FROM streamspace_data.org WHERE name = 'blue';"))
        top = max(heads)
        t.eq(top, 8, "eight seals")
        crime = Crime(t, root, chain)
        logs = "streamspace_data.audit_log"
        seals = f"streamspace_data.audit_seal SET {{}} WHERE chain = {chain} AND seal_number = 4"
        ids = json.loads(root.ask(f"SELECT to_json(audit_ids) FROM streamspace_data.audit_seal WHERE chain = {chain} AND seal_number = 4;"))
        here, there = (f"WHERE audit_id = {n}" for n in ids)

        clean = crime.look("SELECT 1", f", p_expected_head => '{' '.join(heads.values())}'")
        t.eq((clean["valid"], clean["heads_matched"], clean["seals"]), (True, 8, 8), "control: nothing done, nothing found, all heads match")

        # rows
        for column, value in (("actor", "'dba:nobody'"), ("login_role", "'nobody'"), ("function", "'list_users'"), ("arguments", "'{}'"),
                              ("request_id", "'r'"), ("object_id", "'other'"), ("result", "'no'"), ("at", "at + interval '1 microsecond'")):
            crime.found(f"a row altered: {column}", f"UPDATE {logs} SET {column} = {value} {here}", [{"kind": "row_altered", "seal": 4, "audit_id": ids[0]}])
        crime.found("two rows that changed places", f"UPDATE {logs} AS l SET object_id = o.object_id, arguments = o.arguments FROM {logs} AS o"
                    f" WHERE (l.audit_id, o.audit_id) IN (({ids[0]}, {ids[1]}), ({ids[1]}, {ids[0]}))",
                    [{"kind": "row_altered", "seal": 4, "audit_id": n} for n in ids])
        crime.found("a row removed", f"DELETE FROM {logs} {here}", [{"kind": "row_removed", "seal": 4, "audit_id": ids[0]}])
        crime.found("a row planted below the horizon", f"INSERT INTO {logs} (generation, xid, at, org_id, actor, function, arguments, result)"
                    f" SELECT generation, xid, at, org_id, 'dba:eve', 'create_user', '{{}}', 'ok' FROM {logs} {here}", [{"kind": "row_planted"}])
        crime.found("a row planted behind the last seal, where the sealer has been",
                    f"INSERT INTO {logs} (generation, xid, org_id, actor, function, arguments, result) SELECT h.generation,"
                    f" (h.sealed_to::text::bigint - 1)::text::xid8, {chain}, 'dba:eve', 'create_user', '{{}}', 'ok' FROM streamspace_data.audit_horizon AS h;"
                    f" DELETE FROM streamspace_data.audit_seal WHERE chain = {chain} AND seal_number = 8;"
                    f" DELETE FROM {logs} WHERE audit_id IN (SELECT max(audit_id) FROM {logs} WHERE org_id = {chain} AND function = 'create_user')",
                    [{"kind": "row_planted"}, {"kind": "row_planted"}])
        crime.found("a row planted in the far future", f"INSERT INTO {logs} (generation, xid, org_id, actor, function, arguments, result)"
                    f" VALUES (1, '9999999999', {chain}, 'dba:eve', 'create_user', '{{}}', 'ok')", [{"kind": "row_planted"}])
        crime.found("a row planted in a generation that never was", f"INSERT INTO {logs} (generation, org_id, actor, function, arguments, result)"
                    f" VALUES (7, {chain}, 'dba:eve', 'create_user', '{{}}', 'ok')", [{"kind": "row_planted"}])
        crime.found("a row given to another organisation", f"UPDATE {logs} SET org_id = {other} {here}", [{"kind": "row_removed", "audit_id": ids[0]}])
        crime.found("a row moved to another transaction", f"UPDATE {logs} SET xid = (SELECT from_xid FROM streamspace_data.audit_seal"
                    f" WHERE chain = {chain} AND seal_number = 2) {here}", [{"kind": "row_altered", "seal": 4, "audit_id": ids[0]}])
        report = crime.found("the whole log emptied", f"TRUNCATE {logs}", [{"kind": "row_removed"}] * int(clean["rows"]))
        t.ok(len(report["findings"]) <= 100, "of many findings 100 are shown")
        month = root.ask("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMM');")
        crime.found("a partition dropped by hand", f"DROP TABLE {logs}_{month}",
                    [{"kind": "partition_missing", "month": f"{month[:4]}-{month[4:]}", "rows": clean["rows"]}])

        # seals
        crime.found("a seal removed", f"DELETE FROM streamspace_data.audit_seal WHERE chain = {chain} AND seal_number = 4",
                    [{"kind": "seal_missing", "seal": 4}])
        crime.found("a seal altered", "UPDATE " + seals.format("sealed_at = sealed_at - interval '1 day'"), [{"kind": "seal_altered", "seal": 4}])
        crime.found("a leaf put into a seal", "UPDATE " + seals.format("leaves = sha256('x') || substring(leaves FROM 33)"),
                    [{"kind": "seal_altered", "seal": 4}, {"kind": "row_altered", "seal": 4, "audit_id": ids[0]}])
        crime.found("a row and its leaf altered, and the hash of the seal", f"UPDATE {logs} SET object_id = 'x' {here};"
                    "UPDATE " + seals.format(f"leaves = (SELECT streamspace_rules.audit_leaf(l) FROM {logs} AS l {here}) || substring(leaves FROM 33)") +
                    "; UPDATE streamspace_data.audit_seal AS s SET hash = streamspace_rules.seal_hash(s) "
                    f"WHERE chain = {chain} AND seal_number = 4", [{"kind": "seal_out_of_order", "seal": 5}])
        crime.found("a range widened", "UPDATE " + seals.format("from_xid = '3'") + "; UPDATE streamspace_data.audit_seal AS s SET hash = streamspace_rules.seal_hash(s)"
                    f" WHERE chain = {chain} AND seal_number = 4",
                    [{"kind": "seal_out_of_range", "seal": 4}, {"kind": "seal_out_of_order", "seal": 5}])
        swap = ("UPDATE streamspace_data.audit_seal SET seal_number = CASE seal_number WHEN 4 THEN -5 ELSE -4 END"
                f" WHERE chain = {chain} AND seal_number IN (4, 5); UPDATE streamspace_data.audit_seal SET seal_number = -seal_number WHERE seal_number < 0")
        report = crime.look("ALTER TABLE streamspace_data.audit_seal DROP CONSTRAINT audit_seal_number_is_positive; " + swap)
        t.eq((report["valid"], {f["seal"] for f in report["findings"] if f["kind"].startswith("seal_")} >= {4, 5}), (False, True),
             "two seals that changed places")
        crime.found("the seal of another organisation", "UPDATE streamspace_data.audit_seal AS s SET hash = o.hash FROM streamspace_data.audit_seal AS o"
                    f" WHERE s.chain = {chain} AND s.seal_number = 8 AND o.chain = {other} AND o.seal_number = 1", [{"kind": "seal_altered", "seal": 8}])

        # everything computed anew: only a head that left the database tells
        forged = f"UPDATE {logs} SET object_id = 'nobody' {here}; SELECT t.recompute({chain})"
        t.eq(crime.look(forged)["valid"], True, "a chain that was computed anew is right in itself")
        crime.found("against the last head it is not", forged, [{"kind": "head_differs", "seal": 8}], f", p_expected_head => '{heads[8]}'")
        crime.found("and with all heads it is known from where on", forged, [{"kind": "head_differs", "seal": 4, "good_to": 3}],
                    f", p_expected_head => '{' '.join(heads.values())}'")
        cut = (f"DELETE FROM {logs} WHERE audit_id IN (SELECT unnest(audit_ids) FROM streamspace_data.audit_seal WHERE chain = {chain} AND seal_number = 8);"
               f" DELETE FROM streamspace_data.audit_seal WHERE chain = {chain} AND seal_number = 8")
        t.eq(crime.look(cut)["valid"], True, "a chain that was cut at its end is right in itself")
        crime.found("against the last head it is not", cut, [{"kind": "head_missing", "seal": 8, "found": None}], f", p_expected_head => '{heads[8]}'")
        gone = f"DELETE FROM {logs} WHERE org_id = {chain}; DELETE FROM streamspace_data.audit_seal WHERE chain = {chain}"
        t.eq(crime.look(gone)["valid"], True, "a chain that is gone altogether is right in itself")
        crime.found("against a head it is not", gone, [{"kind": "head_missing", "seal": 3}], f", p_expected_head => '{heads[3]}'")

        # parts
        bad = f"UPDATE {logs} SET object_id = 'x' {here}"
        t.eq([crime.look(bad, f", p_first_seal => {a}, p_last_seal => {b}")["valid"] for a, b in ((1, 3), (5, 8), (4, 4), (1, 8), (3, 5))],
             [True, True, False, False, False], "a part is looked at by itself")

        # who may ask, and how
        for head in ("", "x", "8", "8:" + "0" * 63, "0:" + "0" * 64, f"{heads[8]},{heads[7]}", "1" * 20 + ":" + "0" * 64):
            t.eq(json.loads(root.ask(f"SELECT to_json(t.code('dba', $$SELECT streamspace.verify_audit(p_org => 'red', p_expected_head => '{head}')$$));")),
                 "invalid_argument", f"not a head: {head[:20]!r}")
        for extra in ("p_first_seal => 0", "p_last_seal => 0", "p_first_seal => 3, p_last_seal => 2"):
            t.eq(root.ask(f"SELECT t.code('dba', $$SELECT streamspace.verify_audit(p_org => 'red', {extra})$$);"), "invalid_argument", extra)
        root.ask("SELECT t.make_user('aud', 'red', 'auditor'), t.make_user('ope', 'red', 'operator');")
        for function in ("verify_audit", "list_audit", "list_audit_heads"):
            for who, org, want in (("amy", "red", "ok"), ("aud", "red", "ok"), ("ann", "red", "forbidden"), ("ope", "red", "forbidden"),
                                   ("bea", "red", "forbidden"), ("amy", "blue", "forbidden"), ("amy", "", "forbidden"), ("aud", "", "forbidden"),
                                   ("root", "red", "ok"), ("root", "", "ok"), ("root", "none", "org_not_found")):
                t.eq(root.ask(f"SELECT t.code_as('{who}', $$ {function}(p_org => '{org}')$$);"), want, f"{function} of {org!r} by {who}: {want}")
        t.eq(json.loads(root.ask("SELECT t.must_as('amy', 'verify_audit()');"))["org"], "red", "without a name: the actor's own")


if __name__ == "__main__":
    harness.main(main)
