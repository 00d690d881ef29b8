-- list_audit and list_session_events: filters, keyset pages that miss and repeat nothing, and, at 80,000 rows in four months,
-- no sequential scan, no row of a neighbour, no month that was not asked for. Counted, not timed.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
SELECT t.create_session('ann') AS session \gset
SELECT t.run_command('agent-1', :'session', 'running');
SELECT t.must_as('ann', format('update_session(p_session => %L, p_name => ''one'')', :'session'));

-- What a session's life leaves.
SELECT is(ARRAY(SELECT i ->> 'event' FROM jsonb_array_elements(t.must_as('ann', format('list_session_events(p_session => %L)', :'session')) -> 'items') AS i),
	ARRAY(SELECT e.event::text FROM streamspace_data.session_event AS e WHERE e.session_id = :'session' ORDER BY e.at DESC, e.event_id DESC), 'events, newest first');
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.session_event AS e WHERE e.session_id = :'session'), '>=', 3::bigint, 'control: there are some');
SELECT is((SELECT i FROM jsonb_array_elements(t.must_as('ann', format('list_session_events(p_session => %L)', :'session')) -> 'items') AS i
	WHERE i ->> 'event' = 'update') -> 'actor', '"user:red/ann"', 'each with its actor');
SELECT is(ARRAY(SELECT jsonb_object_keys(t.must_as('ann', format('list_session_events(p_session => %L, p_limit => 1)', :'session')) -> 'items' -> 0) ORDER BY 1),
	ARRAY['actor', 'at', 'details', 'event', 'from_state', 'id', 'message', 'reason', 'revision', 'to_state'], 'and the documented fields');
CREATE FUNCTION pg_temp.pages(p_user text, p_list text, p_limit int) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_cursor text;
	v_ids bigint[] := '{}';
BEGIN
	FOR i IN 1..200 LOOP
		v_page := t.must_as(p_user, format('%s, p_limit => %s, p_cursor => %L)', left(p_list, -1), p_limit, v_cursor));
		IF jsonb_array_length(v_page -> 'items') > p_limit THEN
			RAISE EXCEPTION 'a page of %', jsonb_array_length(v_page -> 'items');
		END IF;
		v_ids := v_ids || ARRAY(SELECT (x.i ->> 'id')::bigint FROM jsonb_array_elements(v_page -> 'items') WITH ORDINALITY AS x (i, n) ORDER BY x.n);
		v_cursor := v_page ->> 'next_cursor';
		EXIT WHEN v_cursor IS NULL;
	END LOOP;
	RETURN v_ids;
END
$$;
SELECT is(pg_temp.pages('ann', format('list_session_events(p_session => %L)', :'session'), n),
	ARRAY(SELECT e.event_id FROM streamspace_data.session_event AS e WHERE e.session_id = :'session' ORDER BY e.at DESC, e.event_id DESC),
	format('events by pages of %s', n)) FROM unnest(ARRAY[1, 2, 3, 200]) AS n;
SELECT is(t.code_as(who, format('list_session_events(p_session => %L)', :'session')), want, format('events by %s: %s', who, want)) FROM (VALUES
	('ann', 'ok'), ('amy', 'ok'), ('root', 'ok'), ('art', 'session_not_found'), ('bob', 'session_not_found'), ('bea', 'session_not_found')) AS x (who, want);

-- 80,000 rows.
INSERT INTO streamspace_data.audit_log (at, generation, org_id, actor, function, arguments, object_id, result)
SELECT date_trunc('month', now() AT TIME ZONE 'UTC' + (n % 3 + 1) * interval '1 month') AT TIME ZONE 'UTC' + (n / 10) * interval '1 second', 1, o.org_id,
	'user:' || o.name || '/u' || n % 50, 'f_' || n % 20, '{}', 's-' || n % 1000, 'ok'
  FROM streamspace_data.org AS o, generate_series(1, 40000) AS n WHERE o.name IN ('red', 'blue');
ANALYZE streamspace_data.audit_log;
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.audit_log), '>', 80000::bigint, 'there are enough rows');
SELECT is(pg_temp.pages('amy', c.call, 200), ARRAY(SELECT l.audit_id FROM streamspace_data.audit_log AS l JOIN streamspace_data.org AS o USING (org_id)
	WHERE o.name = 'red' AND l.actor = coalesce(c.by, l.actor) AND l.function = coalesce(c.function, l.function) AND l.object_id = coalesce(c.object, l.object_id)
	ORDER BY l.at DESC, l.audit_id DESC), c.call) FROM (VALUES
	('list_audit(p_object => ''s-7'')', NULL, NULL, 's-7'), ('list_audit(p_by => ''user:red/u7'')', 'user:red/u7', NULL, NULL),
	('list_audit(p_function => ''f_3'')', NULL, 'f_3', NULL), ('list_audit(p_object => ''s-7'', p_by => ''user:red/u7'')', 'user:red/u7', NULL, 's-7'),
	('list_audit(p_by => ''user:red/u7'', p_function => ''f_7'')', 'user:red/u7', 'f_7', NULL), ('list_audit(p_function => ''f_none'')', NULL, 'f_none', NULL))
	AS c (call, by, function, object);
SELECT is(t.must_as('amy', format('list_audit(p_since => %L, p_until => %L, p_limit => 200)', x.since, x.since + interval '5 seconds')) #>> '{items,0,at}' IS NOT NULL
	AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.must_as('amy', format('list_audit(p_since => %L, p_until => %L, p_limit => 200)', x.since, x.since + interval '5 seconds')) -> 'items') AS i
		WHERE (i ->> 'at')::timestamptz < x.since OR (i ->> 'at')::timestamptz >= x.since + interval '5 seconds'), true, 'from since on, before until')
  FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC' + interval '2 months') AT TIME ZONE 'UTC' + interval '100 seconds' AS since) AS x;

-- Rows that a statement reads of the history, and of which month.
CREATE FUNCTION pg_temp.rows_read(p_sql text, p_month int, OUT seq bigint, OUT idx bigint, OUT others bigint) LANGUAGE plpgsql AS $$
DECLARE
	v_before record;
	v_after record;
	v_name text := to_char(now() AT TIME ZONE 'UTC' + p_month * interval '1 month', '"audit_log_"YYYYMM');
	v_sql text := 'SELECT sum(s.seq_tup_read) AS seq, sum(s.idx_tup_fetch) AS idx, sum(s.idx_scan) FILTER (WHERE s.relname <> $1) AS others
		FROM pg_stat_xact_user_tables AS s WHERE s.relname ~ ''^(audit_log|session_event)''';
BEGIN
	EXECUTE v_sql INTO v_before USING v_name;
	EXECUTE p_sql;
	EXECUTE v_sql INTO v_after USING v_name;
	seq := v_after.seq - v_before.seq;
	idx := v_after.idx - v_before.idx;
	others := v_after.others - v_before.others;
END
$$;
CREATE FUNCTION pg_temp.frugal(p_name text, p_call text, p_most bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_read record := pg_temp.rows_read(format('SELECT t.must_as(''amy'', %L)', p_call), 0);
BEGIN
	RETURN ok(v_read.seq <= 100 AND v_read.idx <= p_most, format('%s reads %s rows by index, %s by scan', p_name, v_read.idx, v_read.seq));
END
$$;
SELECT pg_temp.frugal(n, c, 700) FROM (VALUES
	('a page', 'list_audit()'), ('a page of 200', 'list_audit(p_limit => 200)'), ('a page by actor', 'list_audit(p_by => ''user:red/u7'')'),
	('a page by function', 'list_audit(p_function => ''f_3'')'), ('a page by object', 'list_audit(p_object => ''s-7'')'),
	('an empty page', 'list_audit(p_by => ''user:red/nobody'')'),
	('a page of a time', format('list_audit(p_since => %L, p_until => %L)', now() + interval '40 days', now() + interval '41 days')),
	('a page of events', format('list_session_events(p_session => %L)', :'session'))) AS x (n, c), generate_series(1, 7); -- generic plans too
SELECT is((SELECT r.others FROM pg_temp.rows_read(format('SELECT t.must_as(''amy'', %L)', format('list_audit(p_since => %L, p_until => %L)',
	date_trunc('month', now() AT TIME ZONE 'UTC' + interval '2 months') AT TIME ZONE 'UTC', date_trunc('month', now() AT TIME ZONE 'UTC' + interval '3 months') AT TIME ZONE 'UTC' - interval '1 second')), 2) AS r),
	(SELECT r.others FROM pg_temp.rows_read('SELECT 1', 2) AS r), 'a month reads that month only');
SELECT cmp_ok((SELECT r.others FROM pg_temp.rows_read('SELECT t.must_as(''amy'', ''list_audit()'')', 2) AS r), '>', 0::bigint, 'control: without a time others are read');
SELECT cmp_ok((SELECT r.seq FROM pg_temp.rows_read('SELECT count(*) FROM streamspace_data.audit_log AS l WHERE l.result = ''x''', 0) AS r), '>', 30000::bigint,
	'control: a scan would be counted');

-- Bounds and cursors.
SELECT is(t.code_as('amy', format('%s, p_limit => %s)', f, n)), want, format('%s: %s a page: %s', f, n, want))
  FROM unnest(ARRAY['list_audit(p_org => NULL', 'list_audit_heads(p_org => NULL', format('list_session_events(p_session => %L', :'session')]) AS f,
       (VALUES (0, 'invalid_argument'), (201, 'invalid_argument'), (1, 'ok'), (200, 'ok')) AS x (n, want);
SELECT is(t.code_as('amy', format('%s, p_cursor => %L)', f, c)), 'invalid_argument', format('%s: cursor %s', f, left(c, 30)))
  FROM unnest(ARRAY['list_audit(p_org => NULL', 'list_audit_heads(p_org => NULL', format('list_session_events(p_session => %L', :'session')]) AS f,
       unnest(ARRAY['', 'zz', '0', repeat('6', 2000), encode('99999999999999999999999 1', 'hex'), encode('1 99999999999999999999999', 'hex'), encode('x 1', 'hex')]) AS c;

SELECT * FROM finish();
ROLLBACK;
