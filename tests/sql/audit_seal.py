#!/usr/bin/python3
"""The sealer: which rows go into which seal, one chain for each organisation, across a restore, with a bounded number of rows.

Rows are sealed after their transaction has ended, so this is a program that commits.
"""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "isolation"))

import race  # noqa: E402
import world  # noqa: E402
import harness  # noqa: E402


def seal(api, limit=None):
    return json.loads(api.ask(f"SELECT streamspace.seal_audit({'' if limit is None else limit});"))


def verify(dba, org, **more):
    extra = "".join(f", p_{name} => '{value}'" for name, value in more.items())
    return json.loads(dba.ask(f"SELECT streamspace.verify_audit(p_org => '{org}'{extra});"))


def rows(root, org):
    return int(root.ask("SELECT count(*) FROM streamspace_data.audit_log AS l LEFT JOIN streamspace_data.org AS o USING (org_id)"
                        f" WHERE coalesce(o.name, '') = '{org}';"))


def main(t):
    world.make("world")
    with race.Psql() as root, race.Psql("api") as api, race.Psql("dba") as dba:
        nothing = verify(dba, "red")
        t.eq((nothing["valid"], nothing["seals"], nothing["head"]), (True, 0, None), "before the first seal there is no head")
        t.eq(nothing["unsealed"], rows(root, "red"), "and every row waits")

        # the first call
        first = seal(api)
        t.eq(first["rows"], int(root.ask("SELECT count(*) FROM streamspace_data.audit_log;")), "every row is sealed")
        t.eq(sorted(h["org"] for h in first["heads"]), ["", "blue", "default", "red"] if rows(root, "") else ["blue", "default", "red"],
             "a head for each organisation")
        t.ok(all(re.fullmatch(r"1:[0-9a-f]{64}", h["head"]) for h in first["heads"]), "each the first of its chain")
        t.eq(seal(api), {"rows": 0, "seals": 0, "heads": []}, "then there is nothing to seal")
        for org in ("red", "blue", "default"):
            report = verify(dba, org)
            t.eq((report["valid"], report["rows"], report["unsealed"], report["findings"]), (True, rows(root, org), 0, []), f"{org}: all rows verified")
            t.eq(report["head"], [h["head"] for h in first["heads"] if h["org"] == org][0], f"{org}: the head is what the call said")

        # chains go on by themselves, each by its own organisation
        dba.ask("SELECT streamspace.create_user(p_name => 'new-1', p_org => 'red');")
        again = seal(api)
        t.eq([h["org"] for h in again["heads"]], ["red"], "only the chain that has new rows gets a seal")
        t.like(again["heads"][0]["head"], "^2:", "numbered from there")
        t.eq(root.ask("SELECT count(*) FROM streamspace_data.audit_seal AS a JOIN streamspace_data.audit_seal AS b"
                      " ON b.chain = a.chain AND b.seal_number = a.seal_number + 1 AND b.previous_hash <> a.hash;"), "0", "each seal names the hash before it")
        t.eq(root.ask("SELECT count(DISTINCT previous_hash) = count(*) FROM streamspace_data.audit_seal WHERE seal_number = 1;"), "t",
             "no two chains begin alike")

        # a rolled back call leaves no hole that matters
        root.ask("BEGIN; SELECT streamspace_rules.write_audit(NULL, 'x', 'x', '{}'); ROLLBACK;")
        t.eq(seal(api)["rows"], 0, "what was rolled back is not sealed")
        dba.ask("SELECT streamspace.create_user(p_name => 'new-2', p_org => 'red');")
        t.eq((seal(api)["rows"], verify(dba, "red")["valid"]), (1, True), "and the chain goes on behind it")

        # whole transactions, about p_limit rows a call
        for n in range(5):
            root.ask(f"SELECT streamspace_rules.write_audit(NULL, 'x', 'x', '{{\"n\": {n}}}') FROM generate_series(1, 4);")
        sealed = []
        while True:
            got = seal(api, 6)
            if got["rows"] == 0:
                break
            sealed.append(got["rows"])
        t.eq(sealed, [4, 4, 4, 4, 4], "with a limit of 6, transactions of 4 rows are sealed one at a time")
        root.ask("SELECT streamspace_rules.write_audit(NULL, 'x', 'x', '{}') FROM generate_series(1, 30);")
        t.eq(seal(api, 6)["rows"], 30, "a larger one as a whole")
        t.eq(verify(dba, "")["valid"], True, "and the chain of no organisation is right")

        # rows of two months in one range
        root.ask("INSERT INTO streamspace_data.audit_log (generation, at, actor, function, arguments, result)"
                 " SELECT streamspace_rules.generation(), now() + n * interval '1 month', 'x', 'x', '{}', 'ok' FROM generate_series(0, 1) AS n;")
        got = seal(api)
        t.eq((got["seals"], len(got["heads"])), (2, 2), "rows of two months: a seal for each")
        report = verify(dba, "")
        t.eq((report["valid"], report["unsealed"]), (True, 0), "which verify")
        last = report["last_seal"]
        t.eq(verify(dba, "", first_seal=last)["first_seal"], last - 1, "and are looked at together, from either")

        # many batches
        root.ask("DO $$BEGIN FOR i IN 1..15 LOOP PERFORM streamspace_rules.write_audit(NULL, 'many', 'x', jsonb_build_object('n', n))"
                 " FROM generate_series(1, 2000) AS n; COMMIT; END LOOP; END$$;")
        while seal(api, 2000)["rows"]:
            pass
        report = verify(dba, "")
        t.eq((report["valid"], report["rows"]), (True, rows(root, "")), f"{report['rows']} rows in {report['seals']} seals, in several batches")
        part = verify(dba, "", first_seal=5, last_seal=8)
        t.eq((part["valid"], part["first_seal"], part["last_seal"], part["seals"]), (True, 5, 8, 4), "and a part of them by itself")

        # the list of heads
        page = json.loads(dba.ask("SELECT streamspace.list_audit_heads(p_org => '', p_limit => 3);"))
        t.eq([int(i["head"].split(":")[0]) for i in page["items"]], [report["last_seal"] - n for n in range(3)], "heads, newest first")
        more = json.loads(dba.ask(f"SELECT streamspace.list_audit_heads(p_org => '', p_limit => 200, p_cursor => '{page['next_cursor']}');"))
        t.eq(([int(i["head"].split(":")[0]) for i in more["items"]], more["next_cursor"]), (list(range(report["last_seal"] - 3, 0, -1)), None), "and the rest")

        # A restore from a dump: the server is another one, and its transactions are numbered from anew. The rows of before
        # are then of a far future, or of a past that was sealed already.
        before = verify(dba, "red")
        root.ask("SELECT streamspace_rules.write_audit((SELECT org_id FROM streamspace_data.org WHERE name = 'red'), 'x', 'unsealed at the dump', '{}');")
        root.ask("BEGIN; SET LOCAL session_replication_role = replica;"
                 "UPDATE streamspace_data.audit_log SET xid = (xid::text::bigint + 4000000000)::text::xid8 WHERE function = 'unsealed at the dump';"
                 "UPDATE streamspace_data.installation SET system_identifier = 1, server_started_at = '2020-01-01'; COMMIT;")
        root.ask("SELECT streamspace_rules.write_audit((SELECT org_id FROM streamspace_data.org WHERE name = 'red'), 'x', 'after the restore', '{}');")
        t.eq(root.ask("SELECT l.generation FROM streamspace_data.audit_log AS l WHERE l.function = 'after the restore';"), "2",
             "the first row that is written after a restore is of the next generation, before any sweep")
        while seal(api)["rows"] or seal(api)["rows"]:
            pass
        report = verify(dba, "red", expected_head=before["head"])
        t.eq((report["valid"], report["unsealed"], report["heads_matched"]), (True, 0, 1), "both sides of the restore are sealed in one chain")
        t.eq(root.ask("SELECT string_agg(s.generation::text, ' ' ORDER BY s.seal_number) FROM streamspace_data.audit_seal AS s"
                      " JOIN streamspace_data.org AS o ON o.org_id = s.chain WHERE o.name = 'red' AND s.seal_number > 2;"), "1 1 2",
             "the old generation first, and it ends")
        t.eq(root.ask("SELECT string_agg(h.generation || ' ' || h.closed, ', ' ORDER BY h.generation) FROM streamspace_data.audit_horizon AS h;"),
             "1 true, 2 false", "its horizon is closed")
        dba.ask("SELECT streamspace.create_user(p_name => 'new-3', p_org => 'red');")
        t.eq((seal(api)["rows"], verify(dba, "red")["valid"]), (1, True), "and the chain goes on")


if __name__ == "__main__":
    harness.main(main)
