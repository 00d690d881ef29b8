-- Whatever an agent says: a report function answers one word an item or refuses the whole with invalid_argument,
-- never breaks, and changes nothing by nonsense. Nor does a batch that a server makes of what browsers send. The good item of a batch counts all the same.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();

CREATE TEMP TABLE nasty (n int GENERATED ALWAYS AS IDENTITY, item jsonb);
INSERT INTO nasty (item) SELECT v::jsonb FROM unnest(ARRAY['null', 'true', '0', '-1', '"text"', '[]', '{}', '[[[[]]]]', '{"agent": null}',
	'{"agent": 1, "epoch": "x"}', '{"agent": {}, "epoch": []}', '{"agent": "agent-1"}', '{"agent": "agent-1", "epoch": 1.5}',
	'{"agent": "agent-1", "epoch": 1e300}', '{"agent": "agent-1", "epoch": -9223372036854775809}', '{"agent": "agent-1", "epoch": "4294967297"}',
	'{"agent": "agent-1''; DROP TABLE x; --", "epoch": 1}']) AS v;
-- The same with the right agent and epoch, so that the rest of the item is looked at.
INSERT INTO nasty (item) SELECT jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1')) || v::jsonb FROM unnest(ARRAY['{}',
	'{"commandId": null, "sessionId": null}', '{"commandId": 1, "sessionId": 2}', '{"commandId": {}, "sessionId": []}',
	'{"commandId": "", "sessionId": ""}', '{"commandId": "c-00000000000000000000000000", "sessionId": "s-00000000000000000000000000"}',
	'{"commandId": "x", "sessionId": "x", "revision": 1e300, "state": 1, "phase": {}, "percent": "many", "status": [], "ok": "yes"}',
	'{"status": "strange", "activeSessions": -1, "capacity": []}', '{"status": "online", "activeSessions": 1e300, "capacity": {"maxSessions": -5}}',
	'{"status": null, "activeSessions": "3", "capacity": {"maxSessions": "lots"}}']) AS v;
-- And about a session and a command that are the agent's own.
CREATE TEMP TABLE own AS SELECT c.command_id, c.object_id, c.revision FROM streamspace_data.agent_command AS c
	WHERE c.agent_id = 'agent-1' AND c.object_kind = 'session' ORDER BY c.command_number DESC LIMIT 1;
INSERT INTO nasty (item) SELECT jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'), 'commandId', o.command_id, 'sessionId', o.object_id,
	'revision', o.revision) || v::jsonb FROM own AS o, unnest(ARRAY['{"state": null}', '{"state": 5}', '{"state": "exploded"}', '{"state": "pending"}',
	'{"state": "running", "revision": -1}', '{"state": "running", "revision": 9007199254740993}', '{"state": "running", "revision": "1"}',
	'{"ok": null, "result": null}', '{"ok": "true", "result": []}', '{"ok": 1, "result": "x", "error": {"a": 1}}',
	'{"phase": null, "percent": 101}', '{"phase": "", "percent": -1}', '{"percent": 1e99}']) AS v;

CREATE FUNCTION pg_temp.call_with(p_function text, p_items text) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT streamspace.%I(p_items => %s%s)', p_function, p_items,
		CASE WHEN 'p_replica' = ANY (f.argument_names) THEN ', p_replica => ''server-1''' END)
	  FROM t.api_function AS f WHERE f.name = p_function
$$;
-- Those that answer each item with one word of what became of it.
CREATE FUNCTION pg_temp.answers_words(p_function text) RETURNS boolean LANGUAGE sql AS $$
	SELECT p_function NOT IN ('read_event_batch', 'review_viewers')
$$;

CREATE TEMP TABLE said (function text, n int, item jsonb, code text, results jsonb, changed text[]);
DO $do$
DECLARE
	v_function text;
	v_row record;
	v_before jsonb := t.contents();
	v_after jsonb;
	v_answer t.answer;
BEGIN
	FOR v_function IN SELECT f.name FROM t.api_function AS f WHERE 'p_items' = ANY (f.argument_names) LOOP
		FOR v_row IN SELECT * FROM nasty ORDER BY n LOOP
			BEGIN
				v_answer := t.ask('api', pg_temp.call_with(v_function, quote_literal(jsonb_build_array(v_row.item))));
				v_after := t.contents();
				RAISE EXCEPTION USING ERRCODE = 'UNDO1';
			EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
				NULL;
			END;
			INSERT INTO said VALUES (v_function, v_row.n, v_row.item, v_answer.code, v_answer.value,
				ARRAY(SELECT e.key FROM jsonb_each(v_before) AS e WHERE e.value <> v_after -> e.key));
		END LOOP;
	END LOOP;
END
$do$;

SELECT set_has($$SELECT DISTINCT s.results #>> '{0,result}' FROM said AS s$$, $$VALUES ('ok'), ('unknown'), ('ignored'), ('stale_epoch')$$,
	'control: the nonsense reaches every branch');
SELECT cmp_ok((SELECT count(DISTINCT function) FROM said), '>=', 5::bigint, 'every function that takes a batch was asked');
SELECT is_empty(format($$SELECT s.n, s.code, s.item FROM said AS s WHERE s.function = %L AND s.code NOT IN ('ok', 'invalid_argument')$$, f),
	format('%s never breaks', f)) FROM (SELECT DISTINCT function FROM said) AS x (f) ORDER BY f;
SELECT is_empty(format($$SELECT s.n, s.item, s.results FROM said AS s WHERE s.function = %L AND s.code = 'ok' AND (jsonb_array_length(s.results) <> 1
	OR s.results #>> '{0,result}' NOT IN ('ok', 'stale_epoch', 'stale_revision', 'unknown', 'not_yours', 'ignored'))$$, f),
	format('%s answers one known word an item', f)) FROM (SELECT DISTINCT function FROM said) AS x (f) WHERE pg_temp.answers_words(f) ORDER BY f;
SELECT is_empty($$SELECT s.n, s.item, s.results FROM said AS s WHERE s.function = 'read_event_batch' AND s.results #>> '{0,error,code}' IS DISTINCT FROM 'unauthorized'$$,
	'an item without a good actor is told that he is unauthorized');
SELECT is_empty($$SELECT s.n, s.item, s.results FROM said AS s WHERE s.function = 'review_viewers' AND s.results IS DISTINCT FROM '{"cut": []}'$$,
	'an item that names no viewer is passed over');
SELECT is_empty(format($$SELECT s.n, s.item, s.changed FROM said AS s WHERE s.function = %L AND s.changed <> '{}'
	AND NOT (pg_temp.answers_words(s.function) AND s.results #>> '{0,result}' = 'ok')$$, f), format('what %s does not take changes no row', f))
  FROM (SELECT DISTINCT function FROM said) AS x (f) ORDER BY f;
SELECT is_empty($$SELECT s.function, s.n, s.item, s.results FROM said AS s WHERE s.n <= 17 AND s.results #>> '{0,result}' = 'ok'$$,
	'nothing is taken without agent and epoch');

-- What is no array, and what is too much, is refused as a whole.
SELECT is(t.code('api', pg_temp.call_with(f.name, v)), 'invalid_argument', format('%s(%s)', f.name, left(v, 30)))
  FROM t.api_function AS f, unnest(ARRAY['NULL', '''null''', '''{}''', '''"x"''']) AS v WHERE 'p_items' = ANY (f.argument_names) ORDER BY f.name, v;
SELECT is(t.code('api', format('SELECT streamspace.claim_commands(p_agents => %L, p_limit => %s)', a, l)) IN ('ok', 'invalid_argument'), true,
	format('claim_commands(%s, %s)', a, l))
  FROM unnest(ARRAY['[]', '{}', '[null]', '[1]', '[{"agent": 1, "epoch": "x"}]', '[{"agent": "agent-1", "epoch": 1e300}]']) AS a,
       unnest(ARRAY['0', '-1', 'NULL', '2147483647']) AS l;
SELECT is(t.code('api', format('SELECT streamspace.record_inventory(p_agent => %L, p_epoch => %s, p_objects => %L, p_complete => true)', 'agent-1',
	t.epoch('agent-1'), o)) IN ('ok', 'invalid_argument'), true, format('record_inventory(%s)', left(o, 60)))
  FROM unnest(ARRAY['null', '{}', '[null]', '[1, "x", [], {}]', '[{"kind": 1, "id": 2}]', '[{"kind": "session", "id": "", "revision": 1e300}]',
	'[{"kind": "session", "id": "x", "revision": -1, "uid": {}, "state": []}]', '[{"kind": "toaster", "id": "x"}]',
	'[{"kind": "template", "id": "x", "revision": "1"}]', '[{"kind": "session", "id": "x"}, {"kind": "session", "id": "x"}]',
	format('[{"kind": "session", "id": "%s", "uid": "%s", "state": "%s"}]', repeat('x', 5000), repeat('u', 5000), repeat('s', 5000))]) AS o;

-- A good item among bad ones.
SELECT is(t.must('api', format('SELECT streamspace.observe_sessions(p_items => %L)', (SELECT jsonb_agg(n.item ORDER BY n.n) FROM nasty AS n WHERE jsonb_typeof(n.item) = 'object')
	|| jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'), 'sessionId', o.object_id, 'state', 'hibernated', 'revision', o.revision)))
	-> -1 ->> 'result', 'ok', 'the good item after all the bad ones counts') FROM own AS o;

SELECT * FROM finish();
ROLLBACK;
