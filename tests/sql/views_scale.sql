-- What operators ask, with 40,000 sessions of which few are live: every view and the metrics read about what they show, none
-- of them all sessions. Counted, not timed.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, agent_id, state, state_event,
	desired_state, observed_state, deadline_at, on_deadline, created_at)
SELECT u.org_id, 's-' || lpad(n::text, 20, '0') || lpad(u.user_id::text, 6, '0'), u.user_id, x.template_id, x.revision, 'process', 'agent-1', k.state, 'create',
	'running', 'running', CASE WHEN k.state IN ('failed', 'pending') THEN now() + interval '1 hour' END,
	CASE WHEN k.state IN ('failed', 'pending') THEN 'failed_expired' END, now() - n * interval '1 second'
  FROM streamspace_data.app_user AS u JOIN streamspace_data.template AS x USING (org_id), generate_series(1, 10000) AS n,
       LATERAL (SELECT CASE WHEN n % 100 = 0 THEN 'running' WHEN n % 1001 = 0 THEN 'failed' WHEN n % 1501 = 0 THEN 'pending' ELSE 'terminated' END AS state) AS k
 WHERE u.name IN ('ann', 'art', 'bob', 'bea') AND x.name = 'term';
ALTER TABLE streamspace_data.session ENABLE TRIGGER USER;
ANALYZE streamspace_data.session;
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.session), '>=', 40000::bigint, 'there are enough sessions');

CREATE FUNCTION pg_temp.rows_read(p_sql text, OUT seq bigint, OUT idx bigint) LANGUAGE plpgsql AS $$
DECLARE
	v_before record;
	v_after record;
BEGIN
	SELECT s.seq_tup_read AS seq, s.idx_tup_fetch AS idx INTO v_before FROM pg_stat_xact_user_tables AS s WHERE s.relid = 'streamspace_data.session'::regclass;
	EXECUTE p_sql;
	SELECT s.seq_tup_read AS seq, s.idx_tup_fetch AS idx INTO v_after FROM pg_stat_xact_user_tables AS s WHERE s.relid = 'streamspace_data.session'::regclass;
	seq := v_after.seq - v_before.seq;
	idx := v_after.idx - v_before.idx;
END
$$;
CREATE FUNCTION pg_temp.frugal(p_name text, p_sql text, p_most bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_read record := pg_temp.rows_read(format('CREATE TEMP TABLE answer ON COMMIT DROP AS SELECT * FROM (%s) AS q', p_sql));
BEGIN
	DROP TABLE answer;
	RETURN ok(v_read.seq = 0 AND v_read.idx <= p_most, format('%s reads %s rows by index, %s by scan', p_name, v_read.idx, v_read.seq));
END
$$;
-- 400 run, 36 failed, 24 wait: what is live counts, not all
SELECT pg_temp.frugal(n, s, m) FROM (VALUES
	('v_stuck', 'SELECT v.* FROM streamspace.v_stuck AS v', 1500), ('v_queue', 'SELECT v.* FROM streamspace.v_queue AS v', 600),
	('v_quota', 'SELECT v.* FROM streamspace.v_quota AS v', 0), ('v_agents', 'SELECT v.* FROM streamspace.v_agents AS v', 0),
	('v_orphans', 'SELECT v.* FROM streamspace.v_orphans AS v', 0), ('v_homes', 'SELECT v.* FROM streamspace.v_homes AS v', 50),
	('v_health', 'SELECT v.* FROM streamspace.v_health AS v', 0), ('v_commands', 'SELECT v.* FROM streamspace.v_commands AS v', 0),
	('v_audit', 'SELECT v.* FROM streamspace.v_audit AS v', 0),
	('one of v_sessions', 'SELECT v.* FROM streamspace.v_sessions AS v WHERE v.session_id = ''s-00000000000000000100000002''', 2),
	('get_metrics', 'SELECT streamspace.get_metrics()', 600)) AS x (n, s, m);
SELECT is((SELECT count(*) FROM streamspace.v_queue), (SELECT count(*) FROM streamspace_data.session AS s WHERE s.state = 'pending'), 'v_queue shows who waits');
SELECT is((SELECT count(*) FROM streamspace.v_stuck AS v WHERE v.why = 'failed'), (SELECT count(*) FROM streamspace_data.session AS s WHERE s.state = 'failed'), 'v_stuck who failed');
SELECT bag_eq('SELECT v.position FROM streamspace.v_queue AS v', 'SELECT generate_series(1, (SELECT count(*) FROM streamspace_data.session AS s WHERE s.state = ''pending''))',
	'each at a place of its own');
SELECT is((SELECT v.session_id::text FROM streamspace.v_queue AS v WHERE v.position = 1), (SELECT s.session_id::text FROM streamspace_data.session AS s
	WHERE s.state = 'pending' ORDER BY s.created_at, s.session_id LIMIT 1), 'the oldest first');
SELECT bag_eq('SELECT v.org::text, v.scope::text, v.name::text FROM streamspace.v_quota AS v WHERE v.resource = ''sessions'' AND v.scope IN (''org'', ''user'')',
	'SELECT o.name::text AS org, ''org'' AS scope, o.name::text AS name FROM streamspace_data.org AS o UNION ALL SELECT o.name::text, ''user'', u.name::text FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o USING (org_id)',
	'v_quota has every organisation and user once');
SELECT is((SELECT v.used FROM streamspace.v_quota AS v WHERE v.scope = 'user' AND v.name = 'ann' AND v.resource = 'sessions'),
	(t.must('dba', 'SELECT streamspace.get_quota(p_scope => ''user'', p_name => ''ann'', p_org => ''red'')') #>> '{used,sessions}')::bigint, 'and agrees with get_quota');
SELECT cmp_ok((SELECT r.seq FROM pg_temp.rows_read('SELECT count(*) FROM streamspace_data.session AS s WHERE s.message = ''x''') AS r), '>', 35000::bigint,
	'control: a scan would be counted');

-- An agent that is away and held 37,000 sessions, none of which it has reported: a page of list_stuck reads what it shows.
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
UPDATE streamspace_data.session AS s SET state = 'hibernated', observed_state = NULL WHERE s.state = 'terminated';
ALTER TABLE streamspace_data.session ENABLE TRIGGER USER;
UPDATE streamspace_data.agent AS a SET state = 'offline' WHERE a.agent_id = 'agent-1';
ANALYZE streamspace_data.session;
SELECT pg_temp.frugal('list_stuck' || coalesce(' of ' || w, ''), format('SELECT streamspace.list_stuck(p_why => %L, p_limit => 100, p_actor => t.actor(''amy''))', w), 1500)
FROM (VALUES (NULL), ('agent_offline'), ('failed'), ('waiting_for_an_agent'), ('past_deadline'), ('cleanup_debt')) AS x (w);
SELECT is((SELECT jsonb_array_length(streamspace.list_stuck(p_why => 'agent_offline', p_limit => 100, p_actor => t.actor('amy')) -> 'items')), 100, 'and the page is full');

SELECT * FROM finish();
ROLLBACK;
