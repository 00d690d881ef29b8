-- With 40,000 sessions in two organisations a page of a list reads about as many rows as it shows, and a sweep or
-- a claim about as many as it changes: no sequential scan, no filter over a neighbour's rows. Counted, not timed.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, agent_id, state, state_event,
	desired_state, deadline_at, on_deadline, created_at)
SELECT u.org_id, 's-' || lpad(n::text, 20, '0') || lpad(u.user_id::text, 6, '0'), u.user_id, x.template_id, x.revision, 'process', 'agent-1',
	CASE WHEN n % 100 = 0 THEN 'hibernated' ELSE 'terminated' END, 'create', 'terminated', NULL, NULL, now() - n * interval '1 second'
  FROM streamspace_data.app_user AS u JOIN streamspace_data.template AS x USING (org_id), generate_series(1, 10000) AS n
 WHERE u.name IN ('ann', 'art', 'bob', 'bea') AND x.name = 'term';
-- Else the checks of foreign keys, planned for a handful of sessions, read a whole organisation for every row.
ANALYZE streamspace_data.session;
INSERT INTO streamspace_data.agent_command (command_id, org_id, agent_id, object_kind, object_id, session_id, action, revision, payload, state, finished_at)
SELECT 'c-' || right(s.session_id, 26), s.org_id, 'agent-1', 'session', s.session_id, s.session_id, 'stop_session', 1, '{}', 'completed', now()
  FROM streamspace_data.session AS s WHERE s.state = 'terminated' AND s.session_id < 's-00000000000000004000';
ALTER TABLE streamspace_data.session ENABLE TRIGGER USER;
ANALYZE streamspace_data.agent_command, streamspace_data.app_user, streamspace_data.template;
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.session), '>=', 40000::bigint, 'there are enough sessions');
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.agent_command), '>=', 15000::bigint, 'and commands');

-- Rows that a statement reads of the large tables: by sequential scan, and by index.
CREATE FUNCTION pg_temp.rows_read(p_sql text, OUT seq bigint, OUT idx bigint) LANGUAGE plpgsql AS $$
DECLARE
	v_before record;
	v_after record;
BEGIN
	SELECT sum(s.seq_tup_read) AS seq, sum(s.idx_tup_fetch) AS idx INTO v_before FROM pg_stat_xact_user_tables AS s
	 WHERE s.relid IN ('streamspace_data.session'::regclass, 'streamspace_data.agent_command'::regclass);
	EXECUTE p_sql;
	SELECT sum(s.seq_tup_read) AS seq, sum(s.idx_tup_fetch) AS idx INTO v_after FROM pg_stat_xact_user_tables AS s
	 WHERE s.relid IN ('streamspace_data.session'::regclass, 'streamspace_data.agent_command'::regclass);
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
CREATE TEMP TABLE page AS SELECT t.must_as('amy', 'list_sessions(p_limit => 200)') ->> 'next_cursor' AS cursor;
GRANT SELECT ON page TO PUBLIC;

SELECT pg_temp.frugal(n, format('SELECT t.must_as(%L, %L)', w, c), 1000) FROM (VALUES
	('the first page', 'amy', 'list_sessions()'), ('a page of 200', 'amy', 'list_sessions(p_limit => 200)'),
	('the next page', 'amy', format('list_sessions(p_cursor => %L)', (SELECT cursor FROM page))),
	('a page by state', 'amy', 'list_sessions(p_state => ''hibernated'')'), ('an empty page by state', 'amy', 'list_sessions(p_state => ''pending'')'),
	('a page by owner', 'amy', 'list_sessions(p_owner => ''art'')'),
	('a user''s page', 'ann', 'list_sessions()'), ('a platform administrator''s page', 'root', 'list_sessions(p_org => ''blue'')'),
	('one session', 'ann', format('get_session(p_session => %L)', (SELECT id FROM t.staged WHERE name = 'running')))) AS x (n, w, c);
-- Owner and state together have no index of their own: a filter over the rows of one of them, of which a page needs some more.
SELECT pg_temp.frugal('a page by owner and state', $$SELECT t.must_as('amy', 'list_sessions(p_owner => ''art'', p_state => ''hibernated'')')$$, 5000);
SELECT pg_temp.frugal('create', 'SELECT t.create_session(''ann'')', 100);
SELECT pg_temp.frugal('claim', 'SELECT t.claim(''agent-1'')', 100);
SELECT pg_temp.frugal('a report', format('SELECT t.report(''observe_sessions'', ''agent-1'', ''{"sessionId": "%s", "state": "running", "revision": 1}'')',
	(SELECT id FROM t.staged WHERE name = 'running')), 100);
SELECT pg_temp.frugal('a sweep with nothing to do', 'SELECT t.must(''api'', ''SELECT streamspace.tick()'')', 100);
SELECT cmp_ok((SELECT r.seq FROM pg_temp.rows_read('SELECT count(*) FROM streamspace_data.session AS s WHERE s.message = ''x''') AS r), '>', 35000::bigint,
	'control: a scan would be counted');

SELECT * FROM finish();
ROLLBACK;
