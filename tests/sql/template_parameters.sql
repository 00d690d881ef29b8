-- Parameters and resources of templates: what a template may declare, what a session may give, and how it arrives.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');

CREATE FUNCTION pg_temp.put(p_more jsonb, p_name text DEFAULT 'p') RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as('amy', format('put_template(p_name => %L, p_spec => %L)', p_name, '{"displayName": "P", "command": ["x"]}' || p_more))
$$;
CREATE FUNCTION pg_temp.pointer(p_answer t.answer) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', p_answer.code, (p_answer.detail)::jsonb ->> 'pointer')
$$;
CREATE FUNCTION pg_temp.declare(p_parameters text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.pointer(pg_temp.put(jsonb_build_object('parameters', p_parameters::jsonb)))
$$;

-- What a template may declare.
SELECT is(pg_temp.declare(p), want, format('declares %s', left(p, 100))) FROM (VALUES
	('[]', 'ok'),
	('[{"name": "a", "type": "string"}]', 'ok'),
	('[{"name": "a", "type": "string", "label": "A", "description": "d", "default": "x", "required": true, "minLength": 1, "maxLength": 5, "pattern": "[a-z]+", "env": "Some_Name"}]', 'ok'),
	('[{"name": "a", "type": "integer", "min": 1, "max": 9, "default": 5}, {"name": "b", "type": "boolean", "default": false}, {"name": "c", "type": "enum", "values": ["x", "y"], "default": "y"}]', 'ok'),
	('{}', 'invalid_argument /spec/parameters'),
	('[1]', 'invalid_argument /spec/parameters/0'),
	('[{"type": "string"}]', 'invalid_argument /spec/parameters/0/name'),
	('[{"name": "A", "type": "string"}]', 'invalid_argument /spec/parameters/0/name'),
	('[{"name": "a-b", "type": "string"}]', 'invalid_argument /spec/parameters/0/name'),
	('[{"name": "a"}]', 'invalid_argument /spec/parameters/0/type'),
	('[{"name": "a", "type": "float"}]', 'invalid_argument /spec/parameters/0/type'),
	('[{"name": "a", "type": "string", "surprise": 1}]', 'invalid_argument /spec/parameters/0/surprise'),
	('[{"name": "a", "type": "string", "min": 1}]', 'invalid_argument /spec/parameters/0/min'),
	('[{"name": "a", "type": "integer", "pattern": "x"}]', 'invalid_argument /spec/parameters/0/pattern'),
	('[{"name": "a", "type": "boolean", "values": ["x"]}]', 'invalid_argument /spec/parameters/0/values'),
	('[{"name": "a", "type": "string", "required": "yes"}]', 'invalid_argument /spec/parameters/0/required'),
	('[{"name": "a", "type": "string", "env": "1A"}]', 'invalid_argument /spec/parameters/0/env'),
	('[{"name": "a", "type": "string", "env": "B"}, {"name": "b", "type": "string"}]', 'invalid_argument /spec/parameters/1/env'),
	('[{"name": "a", "type": "string"}, {"name": "a", "type": "string", "env": "C"}]', 'invalid_argument /spec/parameters/1/name'),
	('[{"name": "a", "type": "integer", "min": 2, "max": 1}]', 'invalid_argument /spec/parameters/0/min'),
	('[{"name": "a", "type": "integer", "min": 1.5}]', 'invalid_argument /spec/parameters/0/min'),
	('[{"name": "a", "type": "integer", "max": 1e30}]', 'invalid_argument /spec/parameters/0/max'),
	('[{"name": "a", "type": "string", "minLength": 3, "maxLength": 2}]', 'invalid_argument /spec/parameters/0/minLength'),
	('[{"name": "a", "type": "string", "maxLength": 4097}]', 'invalid_argument /spec/parameters/0/maxLength'),
	('[{"name": "a", "type": "string", "pattern": "("}]', 'invalid_argument /spec/parameters/0/pattern'),
	('[{"name": "a", "type": "string", "pattern": "(a)\\1"}]', 'invalid_argument /spec/parameters/0/pattern'),
	('[{"name": "a", "type": "string", "pattern": "***=a"}]', 'invalid_argument /spec/parameters/0/pattern'),
	('[{"name": "a", "type": "enum"}]', 'invalid_argument /spec/parameters/0/values'),
	('[{"name": "a", "type": "enum", "values": []}]', 'invalid_argument /spec/parameters/0/values'),
	('[{"name": "a", "type": "enum", "values": [1]}]', 'invalid_argument /spec/parameters/0/values/0'),
	('[{"name": "a", "type": "enum", "values": ["x"], "default": "y"}]', 'invalid_argument /spec/parameters/0/default'),
	('[{"name": "a", "type": "integer", "max": 3, "default": 4}]', 'invalid_argument /spec/parameters/0/default'),
	('[{"name": "a", "type": "string", "default": 4}]', 'invalid_argument /spec/parameters/0/default'),
	('[{"name": "a", "type": "string", "pattern": "a", "default": "ab"}]', 'invalid_argument /spec/parameters/0/default'),
	('[{"name": "a", "type": "boolean", "default": null}]', 'invalid_argument /spec/parameters/0/default')) AS v (p, want);
SELECT is(pg_temp.declare((SELECT jsonb_agg(jsonb_build_object('name', 'p' || n, 'type', 'string'))::text FROM generate_series(1, 50) AS n)), 'ok', '50 parameters');
SELECT is(pg_temp.declare((SELECT jsonb_agg(jsonb_build_object('name', 'p' || n, 'type', 'string'))::text FROM generate_series(1, 51) AS n)),
	'invalid_argument /spec/parameters', '51 are too many');

-- What a session may give.
CREATE TEMP TABLE spec AS SELECT '{"command": ["x"], "parameters": [
	{"name": "title", "type": "string", "required": true, "minLength": 2, "maxLength": 5, "pattern": "[a-z]+"},
	{"name": "free", "type": "string"},
	{"name": "number", "type": "integer", "min": -3, "max": 10, "default": 7},
	{"name": "big", "type": "integer"},
	{"name": "flag", "type": "boolean", "default": false, "required": true},
	{"name": "choice", "type": "enum", "values": ["red", "blue"], "env": "COLOUR"}]}'::jsonb AS spec;
CREATE FUNCTION pg_temp.give(p_given text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((c.refusal ->> 'code') || ' ' || (c.refusal #>> '{detail,pointer}'), c.parameters::text)
	  FROM streamspace_rules.check_parameters((SELECT spec FROM spec), p_given::jsonb) AS c
$$;
SELECT is(pg_temp.give(p), want, format('gives %s', p)) FROM (VALUES
	('{"title": "abc"}', '{"flag": false, "title": "abc", "number": 7}'),
	('{"title": "abc", "number": -3, "flag": true, "choice": "blue", "free": "", "big": 9007199254740991}',
		'{"big": 9007199254740991, "flag": true, "free": "", "title": "abc", "choice": "blue", "number": -3}'),
	('{"title": "abc", "number": 3.0, "big": 1e3}', '{"big": 1000, "flag": false, "title": "abc", "number": 3}'),
	('{"title": "abc", "number": null}', '{"flag": false, "title": "abc", "number": 7}'),
	(NULL, 'invalid_argument /parameters/title'), ('null', 'invalid_argument /parameters/title'), ('{}', 'invalid_argument /parameters/title'),
	('{"title": null}', 'invalid_argument /parameters/title'),
	('[]', 'invalid_argument /parameters'), ('"x"', 'invalid_argument /parameters'),
	('{"title": "abc", "surprise": 1}', 'invalid_argument /parameters/surprise'),
	('{"title": "a"}', 'invalid_argument /parameters/title'), ('{"title": "abcdef"}', 'invalid_argument /parameters/title'),
	('{"title": "ABC"}', 'invalid_argument /parameters/title'), ('{"title": "abc\nx"}', 'invalid_argument /parameters/title'),
	('{"title": "abc", "number": 11}', 'invalid_argument /parameters/number'), ('{"title": "abc", "number": -4}', 'invalid_argument /parameters/number'),
	('{"title": "abc", "number": 1.5}', 'invalid_argument /parameters/number'), ('{"title": "abc", "number": "1"}', 'invalid_argument /parameters/number'),
	('{"title": "abc", "big": 9007199254740992}', 'invalid_argument /parameters/big'),
	('{"title": "abc", "flag": "true"}', 'invalid_argument /parameters/flag'), ('{"title": "abc", "flag": 1}', 'invalid_argument /parameters/flag'),
	('{"title": "abc", "choice": "green"}', 'invalid_argument /parameters/choice'), ('{"title": "abc", "choice": ["red"]}', 'invalid_argument /parameters/choice')) AS v (p, want);
SELECT is(pg_temp.give(jsonb_build_object('title', 'abc', 'free', repeat('x', 1024))::text) ~ '^{', true, 'a string without a bound takes 1,024 characters');
SELECT is(pg_temp.give(jsonb_build_object('title', 'abc', 'free', repeat('x', 1025))::text), 'invalid_argument /parameters/free', 'and no more');

-- How they arrive: as environment, after that of the template and in its place where the names are equal.
SELECT is(streamspace_rules.session_environment(s, p), want, format('environment: %s', p)) FROM (VALUES
	('{}'::jsonb, '{}'::jsonb, NULL::jsonb),
	('{"env": [{"name": "A", "value": "1"}]}', '{}', '[{"name": "A", "value": "1"}]'),
	('{"parameters": [{"name": "n", "type": "integer"}]}', '{"n": 5}', '[{"name": "N", "value": "5"}]'),
	('{"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "parameters": [{"name": "f", "type": "boolean", "env": "A"}, {"name": "s", "type": "string"}, {"name": "u", "type": "string"}]}',
		'{"f": true, "s": "x y"}', '[{"name": "B", "value": "2"}, {"name": "A", "value": "true"}, {"name": "S", "value": "x y"}]')) AS v (s, p, want);

-- Resources.
CREATE FUNCTION pg_temp.choose(p_spec text, p_given text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((c.refusal ->> 'code') || ' ' || (c.refusal #>> '{detail,pointer}'), c.millicores || ' ' || c.memory_mib)
	  FROM streamspace_rules.choose_resources(p_spec::jsonb, p_given::jsonb) AS c
$$;
SELECT is(pg_temp.choose(s, g), want, format('%s of %s', coalesce(g, 'nothing'), s)) FROM (VALUES
	('{}', NULL, '1000 2048'),
	('{"defaultResources": {"cpu": "1.5", "memory": "512Mi"}}', '{}', '1500 512'),
	('{"defaultResources": {"cpu": "250m", "memory": "1G"}}', 'null', '250 954'),
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}, "memory": {"max": "8Gi"}}}', '{"memory_mib": null}', '2000 2048'),
	('{"resources": {"cpu": {"min": "2"}, "memory": {"max": "1Gi"}}}', NULL, '2000 1024'),
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}}}', '{"millicores": 500}', '500 2048'),
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}}}', '{"millicores": 4000, "memory_mib": 64}', '4000 64'),
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}}}', '{"millicores": 499}', 'invalid_argument /resources/millicores'),
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}}}', '{"millicores": 4001}', 'invalid_argument /resources/millicores'),
	('{"resources": {"memory": {"max": "8Gi"}}}', '{"memory_mib": 8193}', 'invalid_argument /resources/memory_mib'),
	('{}', '{"memory_mib": 63}', 'invalid_argument /resources/memory_mib'), ('{}', '{"millicores": "1"}', 'invalid_argument /resources/millicores'),
	('{}', '{"disk": 1}', 'invalid_argument /resources/disk'), ('{}', '[]', 'invalid_argument /resources')) AS v (s, g, want);
SELECT is(pg_temp.pointer(pg_temp.put(s::jsonb)), want, format('a template with %s', s)) FROM (VALUES
	('{"resources": {"cpu": {"default": "2", "min": "500m", "max": "4"}, "memory": {"default": "1Gi", "min": "512Mi", "max": "8Gi"}}}', 'ok'),
	('{"resources": []}', 'invalid_argument /spec/resources'), ('{"resources": {"disk": {}}}', 'invalid_argument /spec/resources/disk'),
	('{"resources": {"cpu": "2"}}', 'invalid_argument /spec/resources/cpu'), ('{"resources": {"cpu": {"default": 2}}}', 'invalid_argument /spec/resources/cpu/default'),
	('{"resources": {"cpu": {"default": "-2"}}}', 'invalid_argument /spec/resources/cpu/default'),
	('{"resources": {"cpu": {"least": "2"}}}', 'invalid_argument /spec/resources/cpu/least'),
	('{"resources": {"cpu": {"min": "2", "max": "1"}}}', 'invalid_argument /spec/resources/cpu/min'),
	('{"resources": {"cpu": {"default": "5", "max": "4"}}}', 'invalid_argument /spec/resources/cpu'),
	('{"resources": {"memory": {"default": "1Gi", "min": "2Gi"}}}', 'invalid_argument /spec/resources/memory'),
	('{"defaultResources": {"cpu": "9"}, "resources": {"cpu": {"max": "4"}}}', 'invalid_argument /spec/resources/cpu'),
	('{"defaultResources": {"memory": "63Mi"}}', 'invalid_argument /spec/defaultResources/memory'), ('{"defaultResources": {"cpu": "0"}}', 'invalid_argument /spec/defaultResources/cpu'),
	('{"resources": {"memory": {"min": "32Mi"}}}', 'invalid_argument /spec/resources/memory'), ('{"defaultResources": {"memory": "64Mi", "cpu": "1m"}}', 'ok'),
	('{"defaultResources": {"memory": "999999T"}}', 'invalid_argument /spec/defaultResources/memory'),
	('{"resources": {"cpu": {"max": "1001"}}}', 'invalid_argument /spec/resources/cpu'),
	('{"idleTimeout": "30m", "maxSessionDuration": "8h", "retry": {"attempts": 3, "backoffSeconds": 5, "maxBackoffSeconds": 60}}', 'ok'),
	('{"idleTimeout": "30"}', 'invalid_argument /spec/idleTimeout'), ('{"idleTimeout": "0m"}', 'invalid_argument /spec/idleTimeout'),
	('{"maxSessionDuration": "1d"}', 'invalid_argument /spec/maxSessionDuration'), ('{"retry": {"attempts": 21}}', 'invalid_argument /spec/retry/attempts'),
	('{"retry": {"backoffSeconds": 0}}', 'invalid_argument /spec/retry/backoffSeconds'),
	('{"retry": {"backoffSeconds": 61, "maxBackoffSeconds": 60}}', 'invalid_argument /spec/retry/backoffSeconds'),
	('{"retry": {"times": 1}}', 'invalid_argument /spec/retry/times'), ('{"retry": 3}', 'invalid_argument /spec/retry'),
	('{"placement": {"region": "eu", "labels": {"gpu": "yes", "example.org/zone": "a"}}}', 'ok'),
	('{"placement": {"region": ""}}', 'invalid_argument /spec/placement/region'), ('{"placement": {"labels": ["gpu"]}}', 'invalid_argument /spec/placement/labels'),
	('{"placement": {"labels": {"gpu": 1}}}', 'invalid_argument /spec/placement/labels/gpu'), ('{"placement": {"labels": {"a b": "1"}}}', 'invalid_argument /spec/placement/labels'),
	('{"placement": {"zone": "x"}}', 'invalid_argument /spec/placement/zone')) AS v (s, want);
SELECT is(streamspace_rules.duration_seconds(d), s, format('%s', d)) FROM (VALUES ('45s', 45), ('30m', 1800), ('8h', 28800), (NULL, NULL)) AS v (d, s);
SELECT is(streamspace_rules.quantity(q), n, format('%s', q)) FROM (VALUES ('500m', 0.5), ('2', 2), ('1.5', 1.5), ('2Gi', 2147483648), ('1k', 1000), ('3Ki', 3072), ('x', NULL)) AS v (q, n);

-- Through create_session: the refusal names the place, and what is given arrives beside the defaults.
SELECT t.must_as('amy', format('put_template(p_name => ''whole'', p_spec => %L)', (SELECT spec || '{"displayName": "W", "resources": {"cpu": {"default": "2", "max": "4"}}}' FROM spec)));
SELECT is(pg_temp.pointer(t.as('ann', format('create_session(p_template => ''whole'', %s)', a))), want, format('create_session with %s', a)) FROM (VALUES
	('p_parameters => ''{}''', 'invalid_argument /parameters/title'), ('p_parameters => ''{"title": "abc", "number": 11}''', 'invalid_argument /parameters/number'),
	('p_parameters => ''{"title": "abc"}'', p_resources => ''{"millicores": 4001}''', 'invalid_argument /resources/millicores'),
	('p_parameters => ''{"title": "abc"}'', p_resources => ''{"millicores": 4000}''', 'ok')) AS v (a, want);
CREATE TEMP TABLE made AS SELECT t.must_as('ann', 'create_session(p_template => ''whole'', p_parameters => ''{"title": "abc", "choice": "red"}'')') AS s;
SELECT is((SELECT s -> 'parameters' FROM made), '{"flag": false, "title": "abc", "choice": "red", "number": 7}', 'the session says its parameters');
SELECT is((SELECT jsonb_object_agg(e ->> 'name', e ->> 'value') FROM streamspace_data.agent_command AS c, jsonb_array_elements(c.payload #> '{templateManifest,spec,env}') AS e
	WHERE c.object_id = (SELECT s ->> 'id' FROM made)), '{"FLAG": "false", "TITLE": "abc", "COLOUR": "red", "NUMBER": "7"}', 'and its agent is told them as environment');

SELECT * FROM finish();
ROLLBACK;
