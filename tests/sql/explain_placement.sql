-- explain_placement() names, for every agent, the first constraint that fails; and does not say otherwise than placement does.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('fits'), t.make_agent('kube', 'kubernetes'), t.make_agent('region'), t.make_agent('labels'), t.make_agent('org'), t.make_agent('size'),
	t.make_agent('offline'), t.make_agent('drains'), t.make_agent('says-it-drains'), t.make_agent('full', 'process', 0), t.make_agent('rejected'),
	t.make_agent('cpu'), t.make_agent('memory');
UPDATE streamspace_data.agent SET region = CASE WHEN agent_id = 'region' THEN 'moon' ELSE 'earth' END,
	labels = CASE WHEN agent_id = 'labels' THEN '{"gpu": "no"}' ELSE '{"gpu": "yes", "more": "x"}' END::jsonb,
	state = CASE WHEN agent_id = 'offline' THEN 'offline' ELSE state END, approval = CASE WHEN agent_id = 'rejected' THEN 'rejected' ELSE approval END;
SELECT t.must('dba', 'SELECT streamspace.set_agent(p_agent => ''org'', p_orgs => ''{blue}'')'), t.must('dba', 'SELECT streamspace.set_agent(p_agent => ''size'', p_max_memory_mib => 1000)'),
	t.must('dba', 'SELECT streamspace.set_agent(p_agent => ''drains'', p_draining => true)');
SELECT is(t.report('record_heartbeats', 'says-it-drains', '{"status": "draining", "activeSessions": 0}'), 'ok', 'one drains by itself');
-- What two are full of.
SELECT t.must('dba', format('SELECT streamspace.set_agent(p_agent => %L, p_max_millicores => 1500)', 'cpu')), t.must('dba', format('SELECT streamspace.set_agent(p_agent => %L, p_max_memory_mib => 3000)', 'memory'));
SELECT is(t.must_as('ann', format('create_session(p_template => ''term'', p_placement => ''{"agent": "%s"}'')', a)) ->> 'agent', a, 'one session on ' || a) FROM (VALUES ('cpu'), ('memory')) AS x (a);

CREATE TEMP TABLE e AS SELECT t.must_as('root', $q$explain_placement(p_template => 'term', p_owner => 'ann', p_org => 'red', p_placement => '{"region": "earth", "labels": {"gpu": "yes"}}')$q$) AS e;
SELECT bag_eq($$SELECT i ->> 'agent' AS a, i ->> 'verdict' AS v, i ->> 'constraint' AS c FROM e, jsonb_array_elements(e -> 'agents') AS i$$,
	$$VALUES ('fits', 'fits', NULL), ('kube', 'refused', 'platform'), ('region', 'refused', 'region'), ('labels', 'refused', 'labels'), ('org', 'refused', 'org'),
		('size', 'refused', 'size'), ('offline', 'refused', 'offline'), ('drains', 'refused', 'draining'), ('says-it-drains', 'refused', 'draining'),
		('full', 'refused', 'sessions'), ('rejected', 'refused', 'approval'), ('cpu', 'refused', 'millicores'), ('memory', 'refused', 'memory_mib')$$,
	'every agent has its verdict');
SELECT is(e -> 'chosen', '"fits"', 'the one that fits is chosen') FROM e;
SELECT is((SELECT i -> 'detail' FROM e, jsonb_array_elements(e -> 'agents') AS i WHERE i ->> 'agent' = 'labels'), '{"asked": {"gpu": "yes"}, "has": {"gpu": "no"}}', 'a platform administrator is told what differs');
SELECT is((SELECT i -> 'detail' FROM e, jsonb_array_elements(e -> 'agents') AS i WHERE i ->> 'agent' = 'cpu'), '{"asked": 1000, "free": 500, "limit": 1500}', 'and how much is free');
SELECT is((SELECT count(*) FROM jsonb_array_elements(t.must_as('ann', $q$explain_placement(p_template => 'term')$q$) -> 'agents') AS i WHERE i -> 'detail' <> '{}'), 0::bigint, 'nobody else is');

-- It agrees with placement: agent after agent, a session that may only go there goes there, or does not.
CREATE TEMP TABLE a AS SELECT i ->> 'agent' AS agent, i ->> 'verdict' AS verdict FROM e, jsonb_array_elements(e -> 'agents') AS i;
SELECT is(t.must_as('ann', format('create_session(p_template => ''term'', p_placement => %L)', jsonb_build_object('region', 'earth', 'labels', '{"gpu": "yes"}'::jsonb, 'agent', a.agent))) ->> 'agent' IS NOT NULL,
	a.verdict = 'fits', format('%s: %s', a.agent, a.verdict)) FROM a ORDER BY a.agent;
SELECT is(jsonb_path_query_array(t.must_as('root', $q$explain_placement(p_template => 'term', p_owner => 'ann', p_org => 'red', p_placement => '{"agent": "fits"}')$q$), '$.agents[*] ? (@.agent == "kube" || @.agent == "region").constraint'),
	'["platform", "agent"]', 'the first that fails is named');

-- Sessions that are there.
CREATE TEMP TABLE s AS SELECT t.must_as('ann', $q$create_session(p_template => 'term', p_placement => '{"agent": "full"}')$q$) AS s;
GRANT ALL ON s TO PUBLIC;
SELECT is(t.must_as('ann', format('explain_placement(p_session => %L)', s ->> 'id')) - 'agents', jsonb_build_object('chosen', NULL, 'session', s -> 'id'), 'one that waits has none') FROM s;
SELECT is((SELECT i ->> 'constraint' FROM s, jsonb_array_elements(t.must_as('ann', format('explain_placement(p_session => %L)', s ->> 'id')) -> 'agents') AS i WHERE i ->> 'agent' = 'full'), 'sessions', 'and is told why');
SELECT is(t.must_as('ann', format('explain_placement(p_session => %L)', x.session_id)) -> 'chosen', '"cpu"', 'one that runs: where it runs') FROM streamspace_data.session AS x WHERE x.agent_id = 'cpu';
SELECT t.must('dba', 'SELECT streamspace.set_agent(p_agent => ''full'', p_max_sessions => 0)');
SELECT is((SELECT i ->> 'constraint' FROM jsonb_array_elements(t.must_as('bob', $q$explain_placement(p_template => 'term')$q$) -> 'agents') AS i WHERE i ->> 'agent' = 'fits'), NULL, 'nobody waits for that one');
SELECT t.must('dba', 'SELECT streamspace.set_agent(p_agent => ''cpu'', p_max_millicores => 3500)');
SELECT is(t.must_as('ann', $q$create_session(p_template => 'term', p_placement => '{"agent": "cpu"}', p_resources => '{"millicores": 2000}')$q$) ->> 'state', 'pending', 'a large one waits for the cpu');
SELECT is((SELECT i ->> 'constraint' FROM jsonb_array_elements(t.must_as('ann', $q$explain_placement(p_template => 'term')$q$) -> 'agents') AS i WHERE i ->> 'agent' = 'cpu'), 'others_wait', 'its room is kept for it');

-- Who may ask what.
SELECT is(t.code_as(who, call), want, format('%s: %s', who, left(call, 70))) FROM s, LATERAL (VALUES
	('art', format('explain_placement(p_session => %L)', s ->> 'id'), 'session_not_found'), ('amy', format('explain_placement(p_session => %L)', s ->> 'id'), 'ok'),
	('bea', format('explain_placement(p_session => %L)', s ->> 'id'), 'session_not_found'), ('ann', 'explain_placement(p_template => ''term'', p_owner => ''art'')', 'forbidden'),
	('ann', 'explain_placement(p_template => ''none'')', 'template_not_found'), ('ann', 'explain_placement()', 'invalid_argument'),
	('ann', format('explain_placement(p_session => %L, p_template => ''term'')', s ->> 'id'), 'invalid_argument'),
	('ann', 'explain_placement(p_template => ''term'', p_placement => ''{"x": 1}'')', 'invalid_argument')) AS x (who, call, want);
SELECT is(t.code('dba', 'SELECT streamspace.explain_placement(p_template => ''term'')'), 'owner_required', 'a DBA names an owner');

SELECT * FROM finish();
ROLLBACK;
