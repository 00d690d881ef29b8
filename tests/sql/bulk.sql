-- Bulk: one thing for many sessions, each refusal by row, or all or nothing; by ids or by a filter; 10,000 in one call.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('aud', 'red', 'auditor'), t.make_user('ope', 'red', 'operator');
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT 'ann' AS owner, n, t.create_session('ann') AS id FROM generate_series(1, 4) AS n;
INSERT INTO s SELECT 'art', n, t.create_session('art') FROM generate_series(5, 6) AS n;
INSERT INTO s VALUES ('bob', 7, t.create_session('bob'));
GRANT SELECT ON s TO PUBLIC;
SELECT t.run_command('agent-1', id, 'running') FROM s WHERE n <> 4;
CREATE FUNCTION pg_temp.ids(VARIADIC p_n int[]) RETURNS text LANGUAGE sql STABLE AS $$ SELECT quote_literal(array_agg(s.id ORDER BY s.n)) FROM s WHERE s.n = ANY (p_n) $$;
CREATE FUNCTION pg_temp.bulk(p_user text, p_rest text) RETURNS t.answer LANGUAGE sql AS $$ SELECT t.as(p_user, format('change_sessions(%s)', p_rest)) $$;
-- What a call came to, in short: changed/refused, then n=result of each.
CREATE FUNCTION pg_temp.told(p_user text, p_rest text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_answer jsonb := t.must_as(p_user, format('change_sessions(%s)', p_rest));
BEGIN
	RETURN format('%s/%s', v_answer ->> 'changed', v_answer ->> 'refused') || (SELECT coalesce(string_agg(format(' %s=%s', coalesce(s.n::text, '?'), x.i ->> 'result'), ''
		ORDER BY s.n), '') FROM jsonb_array_elements(v_answer -> 'items') AS x (i) LEFT JOIN s ON s.id = x.i ->> 'session');
END
$$;
CREATE FUNCTION pg_temp.states() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(x.state, ' ' ORDER BY s.n) FROM s JOIN streamspace_data.session AS x ON x.session_id = s.id
$$;
SELECT is(pg_temp.states(), 'running running running starting running running running', 'at first');

-- Each refusal by row; what was shared with somebody, even to control it, is not his.
SELECT is(t.code_as('ann', format('share_session(p_session => %L, p_user => ''art'', p_mode => ''control'')', (SELECT id FROM s WHERE n = 2))), 'ok', 'art may control one of ann''s');
SELECT is(pg_temp.told('art', format('p_sessions => %s, p_action => ''terminate''', pg_temp.ids(2))), '0/1 2=session_not_found', 'by its id it is refused to him');
SELECT is(pg_temp.told('art', 'p_filter => ''{"state": "running"}'', p_action => ''terminate'', p_dry_run => true'), '2/0 5=ok 6=ok', 'and a filter of his does not find it');
SELECT is(pg_temp.told('ann', format('p_sessions => %s || ARRAY[''s-none''], p_action => ''hibernate''', pg_temp.ids(1, 4, 5, 7) || '::text[]')),
	'1/4 1=ok 4=invalid_transition 5=session_not_found 7=session_not_found ?=session_not_found', 'a user: what is his and can, and the rest is refused by row');
SELECT is(pg_temp.states(), 'hibernating running running starting running running running', 'nothing else moved');
SELECT is((SELECT x.i -> 'detail' FROM jsonb_array_elements(t.must_as('ann', format('change_sessions(p_sessions => %s, p_action => ''wake'')', pg_temp.ids(4))) -> 'items') AS x (i)),
	jsonb_build_object('session', (SELECT id FROM s WHERE n = 4), 'state', 'starting', 'event', 'wake'), 'the detail says why');
-- All or nothing.
SELECT is((pg_temp.bulk('ann', format('p_sessions => %s, p_action => ''hibernate'', p_all_or_nothing => true', pg_temp.ids(2, 3, 4)))).code, 'bulk_refused', 'one that cannot refuses all');
SELECT is(((pg_temp.bulk('ann', format('p_sessions => %s, p_action => ''hibernate'', p_all_or_nothing => true', pg_temp.ids(2, 3, 4)))).detail::jsonb) #>> '{items,0,result}',
	'invalid_transition', 'and the detail names it');
SELECT is(pg_temp.states(), 'hibernating running running starting running running running', 'nothing moved');
SELECT is(pg_temp.told('ann', format('p_sessions => %s, p_action => ''hibernate'', p_all_or_nothing => true', pg_temp.ids(2, 3))), '2/0 2=ok 3=ok', 'all of them can');
-- Dry run and key.
SELECT is(pg_temp.told('amy', format('p_sessions => %s, p_action => ''terminate'', p_dry_run => true', pg_temp.ids(5, 6, 7))), '2/1 5=ok 6=ok 7=session_not_found', 'a dry run says what would be');
SELECT is(pg_temp.states(), 'hibernating hibernating hibernating starting running running running', 'and does nothing');
SELECT is(pg_temp.told('ope', format('p_sessions => %s, p_action => ''terminate'', p_request_id => ''k''', pg_temp.ids(5, 6))), '2/0 5=ok 6=ok', 'with a key');
SELECT is(pg_temp.told('ope', format('p_sessions => %s, p_action => ''terminate'', p_request_id => ''k''', pg_temp.ids(5, 6))), '2/0 5=ok 6=ok', 'its repeat answers the same');
SELECT is(pg_temp.told('ope', format('p_sessions => %s, p_action => ''terminate''', pg_temp.ids(5, 6))), '0/2 5=invalid_transition 6=invalid_transition', 'control: without it it is another call');
SELECT is((SELECT count(*) FROM streamspace_data.audit_log WHERE function = 'change_sessions' AND actor = 'user:red/ope'), 2::bigint, 'one audit row a call that was done');
SELECT is((SELECT a.arguments -> 'sessions' FROM streamspace_data.audit_log AS a WHERE function = 'change_sessions' AND actor = 'user:red/ope' AND request_id = 'k'),
	(SELECT jsonb_agg(id ORDER BY n) FROM s WHERE n IN (5, 6)), 'which says for what');
SELECT is((SELECT count(*) FROM streamspace_data.session_event WHERE event = 'terminate' AND actor = 'user:red/ope'), 2::bigint, 'and each session says by whom');

-- By a filter.
SELECT is(pg_temp.told('amy', 'p_filter => ''{"owner": "ann"}'', p_action => ''add_tag'', p_argument => ''x'''), '4/0 1=ok 2=ok 3=ok 4=ok', 'of an owner');
SELECT is(pg_temp.told('amy', 'p_filter => ''{"owner": "ann"}'', p_action => ''add_tag'', p_argument => ''x'''), '0/0', 'those that have it already are not found');
SELECT is(pg_temp.told('ann', 'p_filter => ''{"state": "hibernating", "tag": "x"}'', p_action => ''add_tag'', p_argument => ''y'''), '3/0 1=ok 2=ok 3=ok', 'by state and tag');
SELECT is(pg_temp.told('art', 'p_filter => ''{"tag": "x"}'', p_action => ''terminate'''), '0/0', 'a user''s filter finds only his own');
SELECT is(pg_temp.told('bea', 'p_filter => ''{}'', p_action => ''hibernate'''), '1/0 7=ok', 'an administrator''s only his organisation''s');
SELECT is(pg_temp.told('root', 'p_org => ''red'', p_filter => ''{"template": "term", "tag": "y"}'', p_action => ''remove_tag'', p_argument => ''x'''), '3/0 1=ok 2=ok 3=ok', 'a platform administrator names it');
SELECT is(pg_temp.told('amy', 'p_filter => ''{"template": "none"}'', p_action => ''terminate'''), '0/0', 'a template that nobody has');
SELECT is(ARRAY(SELECT e.event || ' ' || (e.details ->> 'tag') FROM streamspace_data.session_event AS e JOIN s ON s.id = e.session_id WHERE s.n = 1 AND e.event ~ 'tag' ORDER BY e.event_id),
	ARRAY['add_tag x', 'add_tag y', 'remove_tag x'], 'the history of one');
SELECT is((SELECT x.revision - x.before FROM (SELECT (SELECT revision FROM streamspace_data.session WHERE session_id = s.id) AS revision,
	(SELECT max(e.revision) FROM streamspace_data.session_event AS e WHERE e.session_id = s.id AND e.event = 'hibernate') AS before FROM s WHERE n = 1) AS x), 3::bigint, 'a revision for each change');
SELECT t.must_as('ann', format('update_session(p_session => %L, p_tags => %L)', (SELECT id FROM s WHERE n = 1), (SELECT array_agg('t' || n) FROM generate_series(1, 32) AS n)));
SELECT is(pg_temp.told('ann', format('p_sessions => %s, p_action => ''add_tag'', p_argument => ''more''', pg_temp.ids(1, 2))), '1/1 1=invalid_argument 2=ok', 'no 33rd tag');
SELECT is(pg_temp.told('ann', format('p_sessions => %s, p_action => ''add_tag'', p_argument => ''t1''', pg_temp.ids(1, 2))), '2/0 1=ok 2=ok', 'one that it has is no 33rd');

-- What may not be.
SELECT is((pg_temp.bulk(x.who, x.rest)).code, x.want, format('%s, %s: %s', x.who, left(x.rest, 60), x.want))
  FROM (VALUES ('aud', 'p_filter => ''{}'', p_action => ''hibernate''', 'forbidden'), ('ann', 'p_filter => ''{"owner": "art"}'', p_action => ''hibernate''', 'forbidden'),
	('amy', 'p_filter => ''{"owner": "bob"}'', p_action => ''hibernate''', 'user_not_found'), ('amy', 'p_org => ''blue'', p_filter => ''{}'', p_action => ''wake''', 'forbidden'),
	('ann', 'p_action => ''hibernate''', 'invalid_argument'), ('ann', 'p_sessions => ''{}'', p_filter => ''{}'', p_action => ''hibernate''', 'invalid_argument'),
	('ann', 'p_filter => ''{}'', p_action => ''delete''', 'invalid_argument'), ('ann', 'p_filter => ''{}''', 'invalid_argument'),
	('ann', 'p_filter => ''[]'', p_action => ''wake''', 'invalid_argument'), ('ann', 'p_filter => ''{"color": "red"}'', p_action => ''wake''', 'invalid_argument'),
	('ann', 'p_filter => ''{"state": "broken"}'', p_action => ''wake''', 'invalid_argument'), ('ann', 'p_filter => ''{"tag": 7}'', p_action => ''wake''', 'invalid_argument'),
	('ann', 'p_filter => ''{}'', p_action => ''wake'', p_argument => ''x''', 'invalid_argument'), ('ann', 'p_filter => ''{}'', p_action => ''add_tag''', 'invalid_argument'),
	('ann', 'p_filter => ''{}'', p_action => ''add_tag'', p_argument => ''A B''', 'invalid_argument'), ('ann', 'p_sessions => ARRAY[NULL]::text[], p_action => ''wake''', 'invalid_argument'),
	('ann', format('p_sessions => %L, p_action => ''wake''', (SELECT array_agg('s-' || n) FROM generate_series(1, 10001) AS n)), 'invalid_argument'),
	('ann', 'p_sessions => ''{}'', p_action => ''wake''', 'ok')) AS x (who, rest, want);

-- 10,000 of them, on 20 agents: one ring for each agent, no exception block a row.
SELECT t.make_agent('many-' || n, 'process', 1000) FROM generate_series(1, 20) AS n;
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, agent_id, state, state_event, desired_state, created_at)
SELECT u.org_id, 's-' || lpad(n::text, 26, '0'), u.user_id, x.template_id, x.revision, 'process', 'many-' || n % 20 + 1, 'running', 'report_running', 'running', now() - interval '1 day'
  FROM streamspace_data.app_user AS u JOIN streamspace_data.template AS x USING (org_id), generate_series(1, 10000) AS n WHERE u.name = 'art' AND x.name = 'term';
ALTER TABLE streamspace_data.session ENABLE TRIGGER USER;
ANALYZE streamspace_data.session;
CREATE TEMP TABLE rung (agent text);
GRANT INSERT ON rung TO PUBLIC;
-- The bell, seen: what it would do, and who it rang for.
CREATE OR REPLACE FUNCTION streamspace_rules.ring(p_agent text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN INSERT INTO pg_temp.rung VALUES (p_agent); END $$;
CREATE TEMP TABLE answer AS SELECT t.must_as('art', 'change_sessions(p_filter => ''{"state": "running"}'', p_action => ''hibernate'')') AS a;
SELECT is((SELECT array_agg(a ->> k ORDER BY k) FROM answer, unnest(ARRAY['changed', 'refused', 'more']) AS k), ARRAY['10000', 'false', '0'], '10,000 in one call');
SELECT is((SELECT count(*) FROM answer, jsonb_array_elements(a -> 'items') AS i WHERE i ->> 'result' = 'ok'), 10000::bigint, 'a row for each');
SELECT is((SELECT count(*) FROM streamspace_data.session WHERE state = 'hibernating' AND agent_id LIKE 'many-%'), 10000::bigint, 'all of them hibernate');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command WHERE action = 'hibernate_session' AND agent_id LIKE 'many-%' AND state = 'pending'), 10000::bigint, 'a command for each');
SELECT is((SELECT count(*) || ' ' || count(DISTINCT agent) FROM rung), '20 20', 'and one ring for each agent');
SELECT is(current_setting('streamspace.ring', true), '', 'others ring again');
SELECT is((SELECT count(*) FROM streamspace_data.session_event WHERE event = 'hibernate' AND actor = 'user:red/art'), 10000::bigint, 'and a line of history');
SELECT is(t.must_as('art', format('change_sessions(p_sessions => %L, p_action => ''add_tag'', p_argument => ''big'')', (SELECT array_agg(session_id) FROM streamspace_data.session WHERE agent_id LIKE 'many-%')))
	->> 'changed', '10000', '10,000 by name');
SELECT is(t.must_as('amy', 'change_sessions(p_filter => ''{"tag": "big"}'', p_action => ''remove_tag'', p_argument => ''big'')') ->> 'changed', '10000', 'and by tag');
SELECT is(t.must_as('art', 'change_sessions(p_filter => ''{}'', p_action => ''add_tag'', p_argument => ''two'')') ->> 'refused', '0', 'all of his');
INSERT INTO s VALUES ('art', 8, t.create_session('art'));
SELECT is((SELECT v ->> 'changed' || ' ' || (v ->> 'more') FROM t.must_as('art', 'change_sessions(p_filter => ''{}'', p_action => ''add_tag'', p_argument => ''three'')') AS v), '10000 true', 'more than 10,000: the oldest, and more');
SELECT is((SELECT v ->> 'changed' || ' ' || (v ->> 'more') FROM t.must_as('art', 'change_sessions(p_filter => ''{}'', p_action => ''add_tag'', p_argument => ''three'')') AS v), '3 false', 'the rest in the next call');

SELECT * FROM finish();
ROLLBACK;
