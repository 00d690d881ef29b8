-- Where sessions go: platform, region, labels, organisations served, draining; who waits, in which place, and who comes next.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
CREATE FUNCTION pg_temp.create(p_user text, p_placement text DEFAULT '{}', p_resources text DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as(p_user, format('create_session(p_template => ''term'', p_placement => %L, p_resources => %L)', p_placement, p_resources))
$$;
CREATE FUNCTION pg_temp.agent_of(p_user text, p_placement text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.create(p_user, p_placement) ->> 'agent' $$;
CREATE FUNCTION pg_temp.set_agent(p_agent text, p_what text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('dba', format('SELECT streamspace.set_agent(p_agent => %L, %s)', p_agent, p_what))
$$;
SELECT t.make_agent('east'), t.make_agent('west');
UPDATE streamspace_data.agent SET region = agent_id;
SELECT is(pg_temp.set_agent('east', 'p_labels => ''{"gpu": "yes", "disk": "fast"}'''), 'ok', 'east has a gpu');

SELECT is(pg_temp.agent_of('ann', p), want, 'asked for ' || p)
  FROM (VALUES ('{"region": "west"}', 'west'), ('{"region": "east"}', 'east'), ('{"region": "moon"}', NULL), ('{"labels": {"gpu": "yes"}}', 'east'),
	('{"labels": {"gpu": "no"}}', NULL), ('{"labels": {"gpu": "yes", "disk": "slow"}}', NULL), ('{"agent": "west"}', 'west'), ('{"agent": "none"}', NULL),
	('{"platform": "docker"}', NULL), ('{"platform": "process", "region": "west"}', 'west'), ('{"region": "west", "labels": {"gpu": "yes"}}', NULL)) AS x (p, want);
SELECT is((SELECT array_agg(DISTINCT s.reason) FROM streamspace_data.session AS s WHERE s.state = 'pending'), '{no_agent_available}', 'those that no agent can run say so');

-- What the template asks for counts too; a region that is asked for replaces its own, labels are added.
SELECT t.must_as('amy', $q$put_template(p_name => 'gpu', p_spec => '{"platforms": ["process"], "command": ["x"], "placement": {"region": "east", "labels": {"gpu": "yes"}}}')$q$);
SELECT is(t.must_as('ann', 'create_session(p_template => ''gpu'')') ->> 'agent', 'east', 'as the template says');
SELECT is(t.must_as('ann', 'create_session(p_template => ''gpu'', p_placement => ''{"region": "west"}'')') ->> 'agent', NULL, 'its labels stay, wherever');
SELECT is(t.must_as('ann', 'create_session(p_template => ''gpu'', p_placement => ''{"region": "west"}'')') -> 'placement', '{"region": "west", "labels": {"gpu": "yes"}}', 'the session tells');

-- Organisations that an agent serves, and draining.
SELECT is(pg_temp.set_agent('west', 'p_orgs => ''{blue}'''), 'ok', 'west serves blue');
SELECT is(pg_temp.agent_of('ann', '{"region": "west"}'), NULL, 'not red any more');
SELECT is(pg_temp.agent_of('bob', '{"region": "west"}'), 'west', 'but blue');
SELECT is(pg_temp.set_agent('west', 'p_orgs => ''{}'''), 'ok', 'all again');
SELECT is((SELECT s.agent_id FROM streamspace_data.session AS s JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' AND s.placement ->> 'region' = 'west' ORDER BY s.created_at, s.session_id DESC LIMIT 1),
	'west', 'red''s session that waited goes there at once');
SELECT is(pg_temp.set_agent('west', 'p_draining => true'), 'ok', 'west drains');
SELECT is(pg_temp.agent_of('bob', '{"region": "west"}'), NULL, 'and gets nothing more');
SELECT is(pg_temp.set_agent('west', 'p_orgs => ''{nobody}'''), 'org_not_found', 'an organisation that is not there');
SELECT is(pg_temp.set_agent('west', 'p_draining => false, p_if_revision => 1'), 'revision_mismatch', 'not what was read');
SELECT is(pg_temp.set_agent('west', 'p_draining => false'), 'ok', 'it drains no more');
SELECT is((SELECT count(*) FROM streamspace_data.session AS s JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'blue' AND s.state = 'pending'), 0::bigint, 'and blue''s is placed');
SELECT t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', s.session_id)) FROM streamspace_data.session AS s WHERE s.state <> 'terminated';

-- Spread: a hundred sessions over ten agents of equal room.
SELECT t.make_agent('spread-' || n, 'process', 40) FROM generate_series(0, 9) AS n;
SELECT is(pg_temp.set_agent(a.agent_id, 'p_draining => true'), 'ok', 'away with ' || a.agent_id) FROM streamspace_data.agent AS a WHERE a.agent_id IN ('east', 'west');
SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_max_sessions => 1000, p_max_sessions_per_user => 1000)');
SELECT count(pg_temp.create('ann')) FROM generate_series(1, 100);
-- by chance, so a bound that chance does not reach: ten are expected on each
SELECT cmp_ok(max(l.sessions), '<=', 30, 'no agent gets them all') FROM t.agent_load AS l WHERE l.agent_id LIKE 'spread-%';
SELECT t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', s.session_id)) FROM streamspace_data.session AS s WHERE s.state <> 'terminated';

-- Waiting. Small ones that come later do not take what a large one waits for.
SELECT is(pg_temp.set_agent('spread-' || n, 'p_draining => true'), 'ok', 'all but one drain') FROM generate_series(1, 9) AS n;
SELECT is(pg_temp.set_agent('spread-0', 'p_max_sessions => 10, p_max_millicores => 4000'), 'ok', 'one is left, with 4000 millicores');
CREATE TEMP TABLE w AS SELECT n, pg_temp.create('ann') ->> 'id' AS id FROM generate_series(1, 4) AS n;
INSERT INTO w SELECT 5, pg_temp.create('ann', '{}', '{"millicores": 3000}') ->> 'id';
INSERT INTO w SELECT n, pg_temp.create('ann') ->> 'id' FROM generate_series(6, 8) AS n;
UPDATE streamspace_data.session AS s SET created_at = now() - interval '1 minute' + w.n * interval '1 second' FROM w WHERE w.id = s.session_id;
GRANT ALL ON w TO PUBLIC;
SELECT is((SELECT array_agg(n ORDER BY n) FROM w WHERE t.state(id) = 'starting'), '{1,2,3,4}', 'four fill it');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', id)) -> 'position', to_jsonb(n - 4), format('the %sth is number %s of those that wait', n, n - 4)) FROM w WHERE n > 4;
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', id)) -> 'position', 'null', 'who runs waits for nothing') FROM w WHERE n = 1;
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', id)) ->> 'reason', 'no_capacity', 'it says why') FROM w WHERE n = 5;
SELECT isnt(t.must_as('ann', format('get_session(p_session => %L)', id)) ->> 'deadline_at', NULL, 'and until when') FROM w WHERE n = 5;
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM w WHERE n IN (1, 2);
SELECT is((SELECT array_agg(n ORDER BY n) FROM w WHERE t.state(id) = 'pending'), '{5,6,7,8}', '2000 are free: too little for the first, and kept from the others');
SELECT is(pg_temp.create('ann') ->> 'state', 'pending', 'also from who comes now');
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM w WHERE n = 3;
SELECT is((SELECT array_agg(n ORDER BY n) FROM w WHERE t.state(id) = 'starting'), '{4,5}', 'with 3000 it starts, at once');
SELECT is((SELECT array_agg(n ORDER BY n) FROM w WHERE t.state(id) = 'pending'), '{6,7,8}', 'the others still wait');
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM w WHERE n = 5;
SELECT is((SELECT array_agg(n ORDER BY n) FROM w WHERE t.state(id) = 'starting'), '{4,6,7,8}', 'then they do, the oldest first');
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM w WHERE n = 4;
SELECT is((SELECT count(*) FROM streamspace_data.session WHERE state = 'pending'), 0::bigint, 'and last who came last');
SELECT is_empty('SELECT t.miscounts()', 'every pool is right');

SELECT * FROM finish();
ROLLBACK;
