-- Sessions in batches: every row has its own actor, its own answer or its own refusal, by the rules of create_session().
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE FUNCTION pg_temp.item(p_user text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('actor', encode(t.actor(p_user), 'hex'), 'template', 'term') || p_more
$$;
CREATE FUNCTION pg_temp.batch(VARIADIC p_items jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.create_sessions(p_items => %L)', to_jsonb(p_items)))
$$;
-- ok or the code of each row
CREATE FUNCTION pg_temp.codes(p_answer jsonb) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(CASE WHEN i ? 'answer' THEN 'ok' ELSE i #>> '{error,code}' END ORDER BY (i ->> 'index')::integer)
	FROM jsonb_array_elements(p_answer) AS i
$$;

CREATE TEMP TABLE one AS SELECT pg_temp.batch(pg_temp.item('ann'), pg_temp.item('bob'), pg_temp.item('amy', '{"owner": "art"}')) AS b;
SELECT is(pg_temp.codes(b), '{ok,ok,ok}', 'three actors of two organisations in one batch') FROM one;
SELECT is((SELECT jsonb_agg(jsonb_build_array(i #>> '{answer,org}', i #>> '{answer,owner}', i #>> '{answer,state}') ORDER BY i ->> 'index')
	FROM one, jsonb_array_elements(b) AS i),
	'[["red", "ann", "starting"], ["blue", "bob", "starting"], ["red", "art", "starting"]]', 'each is what was asked for');
SELECT is((SELECT count(*) FROM one, jsonb_array_elements(b) AS i
	WHERE (i -> 'answer') - ARRAY['updated_at', 'revision'] = t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', i #>> '{answer,id}')) - ARRAY['updated_at', 'revision']),
	3::bigint, 'and is there');
SELECT bag_eq($$SELECT a.actor, a.function, a.result FROM streamspace_data.audit_log AS a, one, jsonb_array_elements(b) AS i WHERE a.object_id = i #>> '{answer,id}'$$,
	$$VALUES ('user:red/ann', 'create_session', 'ok'), ('user:blue/bob', 'create_session', 'ok'), ('user:red/amy', 'create_session', 'ok')$$, 'audited one by one');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c, one, jsonb_array_elements(b) AS i
	WHERE c.session_id = i #>> '{answer,id}' AND c.action = 'start_session'), 3::bigint, 'with a command each');

-- Refusals stand in their row and nowhere else.
SELECT t.make_user('ken', 'red', 'user', 2), t.make_user('gus', 'red');
UPDATE streamspace_data.app_user SET active = false WHERE name = 'gus';
SELECT is(pg_temp.codes(pg_temp.batch(
	pg_temp.item('ken'), pg_temp.item('nobody'), pg_temp.item('ken'), pg_temp.item('ken'),
	pg_temp.item('gus'), pg_temp.item('ann', '{"template": "none"}'), pg_temp.item('ann', '{"owner": "art"}'), pg_temp.item('ann', '{"org": "blue"}'),
	pg_temp.item('root', '{"org": "blue"}'), pg_temp.item('root', '{"org": "none"}'), pg_temp.item('amy', '{"owner": "none"}'),
	pg_temp.item('ann', '{"template": null}'), pg_temp.item('ann', '{"resources": {"cpus": 3}}'), jsonb_build_object('template', 'term'), '7', pg_temp.item('bob'))),
	'{ok,unauthorized,ok,quota_exceeded,unauthorized,template_not_found,forbidden,forbidden,owner_required,org_not_found,user_not_found,invalid_argument,invalid_argument,actor_required,actor_required,ok}',
	'the limit of two holds inside the batch, and nothing that is refused takes the others along');
SELECT is((SELECT i -> 'error' FROM jsonb_array_elements(pg_temp.batch(pg_temp.item('ken'))) AS i),
	(SELECT jsonb_build_object('sqlstate', e.sqlstate, 'code', e.code, 'title', e.title, 'hint', e.hint, 'detail', d.d::jsonb)
	FROM streamspace_data.error_code AS e, (SELECT (t.as('ken', 'create_session(p_template => ''term'')')).detail AS d) AS d WHERE e.code = 'quota_exceeded'),
	'an error says what the error of create_session() says');

-- Idempotency keys: the ones of create_session().
CREATE TEMP TABLE two AS SELECT pg_temp.batch(pg_temp.item('ann', '{"request_id": "k1"}'), pg_temp.item('ann', '{"request_id": "k1"}'),
	pg_temp.item('art', '{"request_id": "k1"}')) AS b;
SELECT is(pg_temp.codes(b), '{ok,request_in_flight,ok}', 'the same key twice in a batch is in flight; of another actor it is another key') FROM two;
SELECT is(pg_temp.batch(pg_temp.item('ann', '{"request_id": "k1"}')) #> '{0,answer}', b #> '{0,answer}', 'repeated: the same answer') FROM two;
SELECT is(t.must('api', format('SELECT streamspace.create_session(p_template => ''term'', p_actor => %L, p_request_id => ''k1'')', t.actor('ann'))),
	b #> '{0,answer}', 'also through create_session()') FROM two;
SELECT is(pg_temp.codes(pg_temp.batch(pg_temp.item('ann', '{"request_id": "k1", "template": "other"}'), pg_temp.item('ann', '{"request_id": ""}'))),
	'{request_mismatch,invalid_argument}', 'another request under it is refused, and a key that is none');

-- Everything that a request can say, and every wrong type of it: values, never an error of the batch.
SELECT is(pg_temp.codes(pg_temp.batch(pg_temp.item('ann', '{"name": "Desk", "tags": ["a", "b"], "idle_seconds": 3600, "max_seconds": 7200,
	"resources": {"millicores": 500, "memory_mib": 700}, "placement": {"region": "here", "platform": "process", "agent": "agent-1"}, "parameters": {}}'))),
	'{ok}', 'everything that a request can say');
SELECT is((SELECT jsonb_build_array(s.name, s.millicores, s.memory_mib, s.agent_id, s.placement) FROM streamspace_data.session AS s ORDER BY s.created_at DESC, s.session_id DESC LIMIT 1),
	'["Desk", 500, 700, "agent-1", {"platforms": ["process"], "region": "here", "agent": "agent-1"}]', 'is what the session has');
SELECT is(pg_temp.codes(pg_temp.batch(pg_temp.item('amy', jsonb_build_object(k, v)))), '{invalid_argument}', format('%s may not be %s', k, left(v::text, 30)))
  FROM (VALUES ('template', '7'::jsonb), ('owner', '{}'), ('name', '7'), ('tags', '"a"'), ('tags', '[7]'), ('home', '[]'), ('idle_seconds', '"x"'), ('idle_seconds', '1e30'),
	('max_seconds', '-1'), ('max_seconds', '1.5'), ('resources', '[]'), ('resources', '{"millicores": 99999999999}'), ('placement', '7'), ('placement', '{"labels": [1]}'),
	('placement', '{"labels": {"a": 1}}'), ('placement', '{"platform": "moon"}'), ('placement', '{"agent": "?"}'), ('placement', '{"x": 1}'), ('parameters', '[1]')) AS x (k, v);

-- Shape of the whole.
SELECT is(t.must('api', 'SELECT streamspace.create_sessions(p_items => ''[]'')'), '[]', 'an empty batch');
SELECT is(t.code('api', format('SELECT streamspace.create_sessions(p_items => %L)', p)), 'invalid_argument', 'refused as a whole: ' || left(p, 20))
  FROM (VALUES ('{}'), ((SELECT jsonb_agg(1)::text FROM generate_series(1, 65))), ('null')) AS v (p);
SELECT is(t.code('api', 'SELECT streamspace.create_sessions(p_items => NULL)'), 'invalid_argument', 'as is nothing');
SELECT is(t.code('dba', 'SELECT streamspace.create_sessions(p_items => ''[]'')'), '42501', 'only the server calls it');

SELECT * FROM finish();
ROLLBACK;
