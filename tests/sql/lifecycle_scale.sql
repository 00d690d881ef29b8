-- With 100,000 sessions, 20,000 of them running: each sweep finds what is due by an index and reads about as many rows as it
-- changes; input writes a narrow row and no session (that it is HOT stands in tests/isolation/lifecycle.py). Counted and explained, not timed.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_agent('agent-1', 'process', 1000);
CREATE TEMP TABLE s AS SELECT t.running('ann') AS id;
INSERT INTO s SELECT t.running('art') FROM generate_series(1, 3);
SELECT t.must('api', 'SELECT streamspace.tick()');
ALTER TABLE streamspace_data.session DISABLE TRIGGER ALL;
INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, agent_id, state, state_event,
	desired_state, started_at, check_at, created_at)
SELECT u.org_id, 's-' || lpad(n::text, 20, '0') || lpad(u.user_id::text, 6, '0'), u.user_id, x.template_id, x.revision, 'process', 'agent-1',
	CASE WHEN n % 5 = 0 THEN 'running' ELSE 'terminated' END, 'create', CASE WHEN n % 5 = 0 THEN 'running' ELSE 'terminated' END,
	CASE WHEN n % 5 = 0 THEN now() END, CASE WHEN n % 5 = 0 THEN now() + interval '1 day' + n * interval '1 second' END, now() - n * interval '1 second'
  FROM streamspace_data.app_user AS u JOIN streamspace_data.template AS x USING (org_id), generate_series(1, 50000) AS n
 WHERE u.name IN ('amy', 'bob') AND x.name = 'term';
ALTER TABLE streamspace_data.session ENABLE TRIGGER ALL;
ALTER TABLE streamspace_data.session ENABLE ALWAYS TRIGGER session_begins_in_first_state, ENABLE ALWAYS TRIGGER session_state_is_guarded;
ANALYZE streamspace_data.session;
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.session), '>=', 100000::bigint, 'there are enough sessions');

CREATE FUNCTION pg_temp.rows_read(p_sql text, OUT seq bigint, OUT idx bigint) LANGUAGE plpgsql AS $$
DECLARE
	v_before record;
	v_after record;
BEGIN
	SELECT x.seq_tup_read AS seq, x.idx_tup_fetch AS idx INTO v_before FROM pg_stat_xact_user_tables AS x WHERE x.relid = 'streamspace_data.session'::regclass;
	EXECUTE p_sql;
	SELECT x.seq_tup_read AS seq, x.idx_tup_fetch AS idx INTO v_after FROM pg_stat_xact_user_tables AS x WHERE x.relid = 'streamspace_data.session'::regclass;
	seq := v_after.seq - v_before.seq;
	idx := v_after.idx - v_before.idx;
END
$$;
CREATE FUNCTION pg_temp.frugal(p_name text, p_sql text, p_most bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_read record := pg_temp.rows_read(p_sql);
BEGIN
	RETURN ok(v_read.seq = 0 AND v_read.idx <= p_most, format('%s reads %s rows by index, %s by scan', p_name, v_read.idx, v_read.seq));
END
$$;
CREATE FUNCTION pg_temp.plan(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_line text;
	v_plan text := '';
BEGIN
	FOR v_line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || p_sql LOOP
		v_plan := v_plan || v_line || E'\n';
	END LOOP;
	RETURN v_plan;
END
$$;

-- The statements of the sweeps, as they stand in their functions.
SELECT matches(pg_temp.plan($$SELECT s.session_id FROM streamspace_data.session AS s WHERE s.check_at <= now() ORDER BY s.check_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED$$),
	'Index Scan using session_by_check', 'what is due is found by session_by_check');
SELECT doesnt_match(pg_temp.plan($$SELECT s.session_id FROM streamspace_data.session AS s WHERE s.org_id = 2 AND s.state = 'running'
	AND (s.created_at, s.session_id) < ('infinity'::timestamptz, '') ORDER BY s.created_at DESC, s.session_id DESC LIMIT 250$$),
	'Seq Scan|Sort', 'whom a policy concerns comes in order out of an index');
SELECT doesnt_match(pg_temp.plan($$SELECT s.session_id FROM streamspace_data.session AS s WHERE s.org_id = 2 AND s.state = 'running' AND s.user_id = 3
	AND (s.created_at, s.session_id) < ('infinity'::timestamptz, '') ORDER BY s.created_at DESC, s.session_id DESC LIMIT 250$$), 'Seq Scan', 'and those of one user');
SELECT is((SELECT count(*) FROM regexp_matches(pg_get_functiondef('streamspace_rules.sweep_timers'::regproc),
	'WHERE s.check_at <= v_now ORDER BY s.check_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED')), 1::bigint, 'that is the statement of the sweep');

SELECT pg_temp.frugal('a sweep with nothing due', 'SELECT t.must(''api'', ''SELECT streamspace.tick()'')', 50);
UPDATE streamspace_data.session SET check_at = now() WHERE session_id IN (SELECT id FROM s);
SELECT pg_temp.frugal('a sweep with four due', 'SELECT t.must(''api'', ''SELECT streamspace.tick()'')', 200);
SELECT t.must_as('amy', 'put_policy(p_scope => ''user'', p_name => ''art'', p_policy => ''{"idle_seconds": 600}'')');
SELECT pg_temp.frugal('the policy of a user', 'SELECT t.sweep(''1 second'')', 500);
SELECT is((SELECT count(*) FROM streamspace_data.session AS x WHERE x.check_at < now() + interval '1 hour'), 3::bigint, 'which reached his sessions');
SELECT t.clock(NULL);
SELECT t.must_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 3600}'')');
SELECT pg_temp.frugal('the policy of an organisation, a part at a time,', 'SELECT t.sweep(''1 second'', 100)', 2500);
SELECT is((SELECT count(*) FROM streamspace_data.policy_review), 1::bigint, 'with the rest to come');
SELECT pg_temp.frugal('an outlook', format('SELECT t.outlook(%L)', (SELECT id FROM s LIMIT 1)), 20);
DELETE FROM streamspace_data.policy_review;

-- Input.
CREATE TEMP TABLE x AS SELECT x.n_tup_upd, y.n_tup_upd AS sessions FROM pg_stat_xact_user_tables AS x, pg_stat_xact_user_tables AS y
 WHERE x.relid = 'streamspace_data.session_activity'::regclass AND y.relid = 'streamspace_data.session'::regclass;
CREATE FUNCTION pg_temp.input(p_after interval) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.clock(p_after);
	RETURN t.must(NULL, format('SELECT streamspace.record_activity(p_items => %L)', (SELECT jsonb_agg(jsonb_build_object('session', s.id)) FROM s)));
END
$$;
SELECT count(pg_temp.input(n * interval '1 second')) FROM generate_series(1, 51) AS n;
SELECT is((SELECT x.n_tup_upd - b.n_tup_upd FROM pg_stat_xact_user_tables AS x, x AS b WHERE x.relid = 'streamspace_data.session_activity'::regclass), 200::bigint, '50 times four updates');
SELECT is((SELECT count(*) FROM pg_index AS i WHERE i.indrelid = 'streamspace_data.session_activity'::regclass), 1::bigint, 'its key is its only index: no update needs another');
SELECT is((SELECT k.reloptions FROM pg_class AS k WHERE k.oid = 'streamspace_data.session_activity'::regclass), ARRAY['fillfactor=50'], 'and half of a page is free for them');
SELECT is((SELECT x.n_tup_upd - b.sessions FROM pg_stat_xact_user_tables AS x, x AS b WHERE x.relid = 'streamspace_data.session'::regclass), 0::bigint, 'and no session was written');

SELECT * FROM finish();
ROLLBACK;
