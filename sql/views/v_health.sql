CREATE VIEW streamspace.v_health AS
WITH ours AS (
	SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.relispartition FROM pg_catalog.pg_class AS c
	WHERE c.relnamespace = 'streamspace_data'::regnamespace AND c.relkind IN ('r', 'p')
), history AS (
	SELECT p.relname AS parent, c.relname AS child, to_date(right(c.relname, 6), 'YYYYMM') AS month,
		CASE p.relname WHEN 'audit_log' THEN n.audit_retention ELSE n.event_retention END AS retention
	FROM pg_catalog.pg_inherits AS i
	JOIN ours AS p ON p.oid = i.inhparent AND p.relkind = 'p'
	JOIN ours AS c ON c.oid = i.inhrelid AND c.relname ~ '_[0-9]{6}$'
	CROSS JOIN streamspace_data.installation AS n
), wanted AS (
	SELECT p.relname AS parent, m.month::date AS month
	FROM ours AS p
	CROSS JOIN LATERAL generate_series(
		least((SELECT min(h.month) FROM history AS h WHERE h.parent = p.relname), date_trunc('month', now() AT TIME ZONE 'UTC')::date)::timestamp,
		date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months', interval '1 month') AS m (month)
	WHERE p.relkind = 'p'
), unsealed AS (
	SELECT count(*) AS n, min(x.at) AS since FROM (SELECT l.at FROM streamspace_data.audit_horizon AS h
		JOIN streamspace_data.audit_log AS l ON l.generation = h.generation AND l.xid >= h.sealed_to
		WHERE NOT h.closed ORDER BY l.xid LIMIT 10000) AS x
)
SELECT c.check_name, c.detail IS NULL AS ok, c.detail, CASE WHEN c.detail IS NOT NULL THEN c.way_out END AS way_out
FROM (
	SELECT 'direct_dml_is_recorded' AS check_name,
		(SELECT string_agg(o.relname, ', ' ORDER BY o.relname) FROM ours AS o WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g
			WHERE g.tgrelid = o.oid AND g.tgname = 'direct_dml_is_recorded' AND g.tgenabled = 'A')) AS detail,
		'somebody switched off what records DML on these tables: run db-install, and ask who had superuser or owner rights' AS way_out
	UNION ALL
	SELECT 'direct_ddl_is_recorded',
		(SELECT string_agg(w.name, ', ' ORDER BY w.name) FROM (VALUES ('streamspace_ddl_is_recorded'), ('streamspace_drop_is_recorded')) AS w (name)
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger AS e WHERE e.evtname = w.name AND e.evtenabled = 'A')),
		'somebody switched off what records changes of our objects: run db-install, and ask who had superuser rights'
	UNION ALL
	SELECT 'triggers_are_on',
		(SELECT string_agg(format('%s on %s', g.tgname, o.relname), ', ' ORDER BY o.relname, g.tgname) FROM ours AS o
		JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = o.oid WHERE g.tgenabled IN ('D', 'R')),
		'ALTER TABLE streamspace_data.TABLE ENABLE TRIGGER ALL, or run db-install'
	UNION ALL
	SELECT 'session_is_guarded',
		(SELECT string_agg(w.name, ', ' ORDER BY w.name) FROM (VALUES ('session_begins_in_first_state'), ('session_state_is_guarded'),
			('session_change_is_recorded')) AS w (name)
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'streamspace_data.session'::regclass
			AND g.tgname = w.name AND g.tgenabled = 'A')),
		'these triggers are gone or off: run db-install'
	UNION ALL
	SELECT 'row_security_is_on',
		(SELECT string_agg(o.relname, ', ' ORDER BY o.relname) FROM ours AS o WHERE NOT o.relrowsecurity
			AND (o.relispartition OR EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = o.oid)
				OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = o.oid AND a.attname = 'org_id' AND NOT a.attisdropped))),
		'ALTER TABLE streamspace_data.TABLE ENABLE ROW LEVEL SECURITY'
	UNION ALL
	SELECT 'partitions_are_there',
		(SELECT string_agg(format('%s_%s', w.parent, to_char(w.month, 'YYYYMM')), ', ' ORDER BY w.parent, w.month) FROM wanted AS w
		WHERE NOT EXISTS (SELECT FROM history AS h WHERE h.parent = w.parent AND h.month = w.month)),
		'a month to come: let a server run, its sweep makes it; a month of the past was dropped by hand: verify_audit() says what is gone'
	UNION ALL
	SELECT 'retention_is_done',
		(SELECT string_agg(h.child, ', ' ORDER BY h.child) FROM history AS h
		WHERE h.month + interval '1 month' < (now() AT TIME ZONE 'UTC') - h.retention - interval '1 day'),
		'let a server run: its sweep drops them; rows that are not sealed, or a reader that never ends, keep them'
	UNION ALL
	SELECT 'audit_is_sealed',
		(SELECT format('%s rows wait, the oldest since %s', u.n, u.since) FROM unsealed AS u WHERE u.since < now() - interval '1 minute'),
		'let a server run; a transaction that stays open holds it up: look in pg_stat_activity for the oldest backend_xid, and in pg_prepared_xacts'
) AS c;
GRANT SELECT ON streamspace.v_health TO streamspace_dba, streamspace_monitor;
COMMENT ON VIEW streamspace.v_health IS
	'Whether what keeps the installation honest is on: a row for each check, ok, what is wrong and the way out. Watch it: SELECT * FROM streamspace.v_health WHERE NOT ok';
