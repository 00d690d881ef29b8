-- Templates: revisions, whole documents, what is refused and where, and their projection on Kubernetes agents.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-kube', 'kubernetes');
SELECT count(t.claim('agent-kube'));

CREATE FUNCTION pg_temp.put(p_name text, p_spec jsonb) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.as('amy', format('put_template(p_name => %L, p_spec => %L)', p_name, p_spec))
$$;
CREATE FUNCTION pg_temp.pointer(p_answer t.answer) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s %s', p_answer.code, (p_answer.detail)::jsonb ->> 'pointer')
$$;

-- Revisions.
CREATE TEMP TABLE v (spec jsonb);
INSERT INTO v VALUES ('{"displayName": "Editor", "command": ["xterm"], "env": [{"name": "A", "value": "1"}], "defaultResources": {"memory": "1Gi", "cpu": "500m"}}');
SELECT is(((pg_temp.put('editor', (SELECT spec FROM v))).value ->> 'revision')::int, 1, 'a new template has revision 1');
SELECT is(((pg_temp.put('editor', (SELECT spec FROM v))).value ->> 'revision')::int, 1, 'the same content keeps it');
SELECT is(((pg_temp.put('editor', (SELECT spec || '{"displayName": "Editor 2"}' FROM v))).value ->> 'revision')::int, 2, 'another content raises it');
SELECT is(((pg_temp.put('editor', (SELECT spec FROM v))).value ->> 'revision')::int, 3, 'also one that was there before');
SELECT is(t.must_as('ann', 'get_template(p_name => ''editor'')') #>> '{spec,displayName}', 'Editor', 'without a revision it is the last one');
SELECT is(t.must_as('ann', 'get_template(p_name => ''editor'', p_revision => 2)') #>> '{spec,displayName}', 'Editor 2', 'an older one stays');
SELECT is(t.code_as('ann', 'get_template(p_name => ''editor'', p_revision => 9)'), 'template_not_found', 'one that never was');
SELECT is(t.code_as('ann', 'get_template(p_name => ''none'')'), 'template_not_found', 'a template that never was');
SELECT set_eq($$SELECT jsonb_object_keys(t.must_as('ann', 'get_template(p_name => ''editor'')'))$$,
	ARRAY['name', 'org', 'revision', 'platforms', 'spec', 'managed', 'created_at', 'updated_at'], 'a template has exactly the documented fields');

-- Whole documents.
SELECT is((pg_temp.put(NULL, '{"apiVersion": "stream.space/v1alpha1", "kind": "Template", "metadata": {"name": "whole"}, "spec": {"displayName": "W", "command": ["x"]}}'))
	.value ->> 'name', 'whole', 'a whole document names itself');
SELECT is((pg_temp.put('whole', '{"displayName": "W", "command": ["x"]}')).value ->> 'revision', '1', 'and its spec alone is the same content');
SELECT is(pg_temp.pointer(pg_temp.put('other', '{"apiVersion": "stream.space/v1alpha1", "kind": "Template", "metadata": {"name": "whole"}, "spec": {"displayName": "W", "command": ["x"]}}')),
	'invalid_argument /metadata/name', 'two names');
SELECT is(pg_temp.pointer(pg_temp.put(NULL, '{"apiVersion": "v1", "kind": "Template", "metadata": {"name": "whole"}, "spec": {}}')),
	'invalid_argument /apiVersion', 'another version');
SELECT is(pg_temp.pointer(pg_temp.put(NULL, '{"apiVersion": "stream.space/v1alpha1", "kind": "Pod", "metadata": {"name": "whole"}, "spec": {}}')),
	'invalid_argument /kind', 'another kind');

-- Where it runs.
SELECT is((pg_temp.put(n, s::jsonb)).value -> 'platforms', w::jsonb, format('platforms of %s', s)) FROM (VALUES
	('p1', '{"displayName": "X", "command": ["x"]}', '["process"]'), ('p2', '{"displayName": "X", "baseImage": "registry.test/x:1"}', '["kubernetes"]'),
	('p3', '{"displayName": "X", "command": ["x"], "baseImage": "registry.test/x:1", "platforms": ["kubernetes", "process"]}', '["kubernetes", "process"]')) AS x (n, s, w);

-- What is refused, and where.
SELECT is(pg_temp.pointer(pg_temp.put('bad', '{"displayName": "X", "command": ["x"]}' || s::jsonb)), 'invalid_argument ' || w, format('%s: %s', w, left(s, 60))) FROM (VALUES
	('{"surprise": 1}', '/spec/surprise'), ('{"displayName": 1}', '/spec/displayName'), ('{"displayName": null}', '/spec/displayName'),
	('{"platforms": "process"}', '/spec/platforms'), ('{"platforms": []}', '/spec/platforms'), ('{"command": []}', '/spec/command'),
	('{"command": "x"}', '/spec/command'), ('{"command": null}', '/spec/command'), ('{"network": "yes"}', '/spec/network'),
	('{"resolution": "big"}', '/spec/resolution'), ('{"persistentHome": 1}', '/spec/persistentHome'),
	('{"env": [{"value": "x"}]}', '/spec/env/0/name'), ('{"env": [{"name": "1A", "value": "x"}]}', '/spec/env/0/name'),
	('{"env": [{"name": "A", "value": "x"}, {"name": "B", "value": 2}]}', '/spec/env/1/value'),
	('{"ports": [{"containerPort": 0}]}', '/spec/ports/0/containerPort'), ('{"ports": [{"containerPort": 1.5}]}', '/spec/ports/0/containerPort'),
	('{"defaultResources": {"memory": "much"}}', '/spec/defaultResources/memory'), ('{"defaultResources": {"disk": "1Gi"}}', '/spec/defaultResources/disk'),
	('{"vnc": {"port": 70000}}', '/spec/vnc/port'), ('{"volumeMounts": [{"name": "a"}]}', '/spec/volumeMounts/0/mountPath'),
	('{"displayName": ""}', '/spec/displayName'), ('{"tags": [""]}', '/spec/tags/0'), ('{"capabilities": ["Root"]}', '/spec/capabilities/0'), ('{"capabilities": ["Audio", "Audio"]}', '/spec/capabilities'),
	('{"tags": ["a", "b", "a"]}', '/spec/tags'), ('{"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}', '/spec/env'),
	('{"volumeMounts": [{"name": "a", "mountPath": "/x"}, {"name": "b", "mountPath": "/x"}]}', '/spec/volumeMounts'),
	('{"volumeMounts": [{"name": "a", "mountPath": "/x/../y"}]}', '/spec/volumeMounts/0/mountPath'),
	('{"volumeMounts": [{"name": "a", "mountPath": "/.."}]}', '/spec/volumeMounts/0/mountPath'),
	('{"volumeMounts": [{"name": "a", "mountPath": "/x:y"}]}', '/spec/volumeMounts/0/mountPath'),
	('{"volumeMounts": [{"name": "a", "mountPath": "/"}]}', '/spec/volumeMounts/0/mountPath'),
	('{"kasmvnc": {"port": 0}}', '/spec/kasmvnc/port'), ('{"kasmvnc": {"password": "x"}}', '/spec/kasmvnc/password'),
	('{"platforms": ["kubernetes"]}', '/spec/baseImage'), ('{"baseImage": "-x"}', '/spec/baseImage')) AS x (s, w);
SELECT is(pg_temp.pointer(pg_temp.put('bad', s::jsonb)), 'invalid_argument /spec', format('a spec that is %s', s)) FROM unnest(ARRAY['[]', '1', '"x"', 'null']) AS s;
SELECT is((pg_temp.put('good', '{"displayName": "X", "command": ["x"]}' || s::jsonb)).code, 'ok', format('good: %s', s)) FROM unnest(ARRAY[
	'{"kasmvnc": {"enabled": true, "port": 3000}}', '{"capabilities": ["Network", "Audio", "Clipboard", "USB", "Printing"], "tags": ["a", "b c"]}',
	'{"volumeMounts": [{"name": "user-home", "mountPath": "/config"}, {"name": "b", "mountPath": "/x/..y/z.."}]}']) AS s;
SELECT is(pg_temp.pointer(pg_temp.put(n, '{"displayName": "X", "command": ["x"]}')), 'invalid_argument /name', format('the name %s', coalesce(left(n, 20), 'NULL')))
  FROM unnest(ARRAY[NULL, '', 'A', 'a_b', '-a', 'a-', 'a.b', repeat('a', 64), 'a b', 'ä']) AS n;
SELECT is((pg_temp.put('big', jsonb_build_object('displayName', 'X', 'command', jsonb_build_array('x'), 'description', repeat('x', 5000)))).code, 'invalid_argument', 'too long a text');
SELECT is_empty($$SELECT x.name FROM streamspace_data.template AS x WHERE x.name IN ('bad', 'big')$$, 'nothing of that was kept');
SELECT is_empty($$SELECT l.arguments FROM streamspace_data.audit_log AS l WHERE l.function = 'put_template' AND l.arguments::text ~ 'xterm'$$,
	'the audit log has a hash of the content, for its env may hold secrets');

-- A session keeps the revision that it was made from.
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT t.must_as('ann', 'create_session(p_template => ''editor'')') AS s;
SELECT is((SELECT s ->> 'template_revision' FROM s), '3', 'a session is made of the last revision');
SELECT is((pg_temp.put('editor', (SELECT spec || '{"displayName": "Editor 4"}' FROM v))).value ->> 'revision', '4', 'then there is a new one');
SELECT is(t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', (SELECT s ->> 'id' FROM s))) ->> 'template_revision', '3', 'the session keeps its own');
SELECT is((SELECT c -> 'message' #>> '{payload,templateManifest,spec,displayName}' FROM jsonb_array_elements(t.claim('agent-1')) AS c), 'Editor',
	'which is what its agent is sent');

-- The projection: a Kubernetes agent of protocol 3 is told of every change, and nobody else.
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE agent_id = 'agent-kube' AND state IN ('pending', 'sent', 'acked');
SELECT t.must_as('amy', format('put_template(p_name => ''kube'', p_spec => %L)', '{"displayName": "K1", "baseImage": "registry.test/k:1"}'));
SELECT t.must_as('amy', format('put_template(p_name => ''kube'', p_spec => %L)', '{"displayName": "K2", "baseImage": "registry.test/k:1"}'));
CREATE TEMP TABLE m AS SELECT c -> 'message' AS m FROM jsonb_array_elements(t.claim('agent-kube')) AS c;
SELECT is((SELECT count(*) FROM m), 1::bigint, 'two changes before it looked: one command, the later');
SELECT is((SELECT jsonb_build_array(m -> 'action', m -> 'objectKind', m -> 'objectId', m -> 'revision', m #> '{payload,spec,displayName}') FROM m),
	'["apply", "template", "kube.red", 2, "K2"]', 'with the whole content');
SELECT is(jsonb_array_length(t.claim('agent-1')), 0, 'a process agent hears nothing of it');
SELECT is(t.report('complete_commands', 'agent-kube', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM m), 'ok', true, 'result', '{"revision": 2}'::jsonb)), 'ok', 'done');
CREATE FUNCTION pg_temp.inventory(p_objects jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.record_inventory(p_agent => ''agent-kube'', p_epoch => %s, p_objects => %L, p_complete => true)', t.epoch('agent-kube'), p_objects))
$$;
CREATE FUNCTION pg_temp.held() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_agg(jsonb_build_object('kind', 'template', 'id', x.name || '.' || o.name, 'revision', x.revision, 'uid', 'u', 'state', 'ready'))
	  FROM streamspace_data.template AS x JOIN streamspace_data.org AS o USING (org_id)
	  JOIN streamspace_data.template_revision AS r ON (r.org_id, r.template_id, r.revision) = (x.org_id, x.template_id, x.revision)
	 WHERE x.deleted_at IS NULL AND 'kubernetes' = ANY (r.platforms)
$$;
SELECT is(pg_temp.inventory(pg_temp.held()), '{"commands": 0, "orphans": 0}', 'an agent that holds all is told nothing');
SELECT is(pg_temp.inventory(pg_temp.held() - 0) ->> 'commands', '1', 'one that misses one is told of it');
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE agent_id = 'agent-kube' AND state = 'pending';
SELECT is(pg_temp.inventory(jsonb_set(pg_temp.held(), '{0,revision}', '0')) ->> 'commands', '1', 'one that holds an older revision, too');
SELECT is(pg_temp.inventory(pg_temp.held() || '[{"kind": "template", "id": "gone.red", "revision": 1, "uid": "u", "state": "ready"}]') ->> 'orphans', '1', 'one that nobody knows is an orphan');
UPDATE streamspace_data.agent_orphan SET first_seen_at = first_seen_at - interval '11 minutes';
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is((SELECT c.action FROM streamspace_data.agent_command AS c WHERE c.object_id = 'gone.red'), 'remove', 'and removed after its grace');

SELECT * FROM finish();
ROLLBACK;
