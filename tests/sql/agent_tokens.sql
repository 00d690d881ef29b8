-- One-time tokens with which agents enrol themselves: one agent, one use, and nothing else that they open.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

CREATE FUNCTION pg_temp.register(p_agent text, p_token text, p_key text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.register_agent(p_agent => %L, p_platform => ''kubernetes'',
		p_capacity => ''{"maxSessions": 9}'', p_protocol_version => 3, p_key_hash => %L, p_actor => sha256(%L))',
		p_agent, encode(sha256(convert_to(p_key, 'UTF8')), 'hex'), p_token))
$$;
CREATE FUNCTION pg_temp.connect(p_agent text, p_instance text, p_key text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.connect_agent(p_agent => %L, p_instance => %L, p_replica => ''replica-1'', p_actor => sha256(%L))',
		p_agent, p_instance, p_key))
$$;
CREATE FUNCTION pg_temp.token(p_agent text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must_as('root', format('create_agent_token(p_agent => %L)', p_agent)) ->> 'secret'
$$;
CREATE FUNCTION pg_temp.approval(p_agent text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_agent(p_agent => %L)', p_agent)) ->> 'approval'
$$;

-- As if all tokens were that much older.
CREATE FUNCTION pg_temp.age(p_by interval) RETURNS void LANGUAGE sql AS $$
	UPDATE streamspace_data.agent_token SET created_at = created_at - p_by, expires_at = expires_at - p_by
$$;

-- Made by administrators of the platform, shown once, kept as a hash.
SELECT t.must_as('root', 'create_agent_token(p_agent => ''kube-1'')') AS made \gset
SELECT matches(:'made'::jsonb ->> 'secret', '^[0-9a-f]{64}$', 'a secret of 64 hexadecimal digits');
SELECT is(:'made'::jsonb #>> '{agent_token,state}', 'open', 'open');
SELECT is((:'made'::jsonb #>> '{agent_token,expires_at}')::timestamptz - (:'made'::jsonb #>> '{agent_token,created_at}')::timestamptz, interval '1 day', 'for a day');
SELECT is((SELECT count(*) FROM streamspace_data.agent_token AS x WHERE x::text ~ (:'made'::jsonb ->> 'secret')), 0::bigint, 'the secret is not kept');
SELECT is((SELECT count(*) FROM streamspace_data.audit_log AS l WHERE l.function = 'create_agent_token' AND l.object_id = :'made'::jsonb #>> '{agent_token,id}'), 1::bigint, 'the audit says who made it');
SELECT is((SELECT count(*) FROM streamspace_data.audit_log AS l WHERE l::text ~ (:'made'::jsonb ->> 'secret')), 0::bigint, 'and not what it is');
SELECT is(t.must_as('root', 'list_agent_tokens()')::text ~ (:'made'::jsonb ->> 'secret'), false, 'no list shows it');
SELECT is(t.code_as(w.who, 'create_agent_token(p_agent => ''kube-1'')'), 'forbidden', format('not for %s', w.who)) FROM (VALUES ('amy'), ('ann'), ('bea')) AS w (who);
SELECT is(t.code('dba', 'SELECT streamspace.create_agent_token(p_agent => ''kube-dba'')'), 'ok', 'a DBA makes one too');
SELECT is(t.code('dba', c.call), 'invalid_argument', c.call) FROM (VALUES ('SELECT streamspace.create_agent_token(p_agent => NULL)'),
	('SELECT streamspace.create_agent_token(p_agent => ''a!'')'), ('SELECT streamspace.create_agent_token(p_agent => ''kube-1'', p_expires_at => now() - interval ''1 s'')'),
	('SELECT streamspace.create_agent_token(p_agent => ''kube-1'', p_expires_at => now() + interval ''31 days'')'),
	('SELECT streamspace.create_agent_token(p_agent => ''kube-1'', p_expires_at => ''infinity'')')) AS c (call);

-- It opens the registration of that agent and nothing else.
SELECT :'made'::jsonb ->> 'secret' AS secret \gset
SELECT is((pg_temp.register('kube-2', :'secret', 'key-1')).code, 'unauthorized', 'not that of another agent');
SELECT is((pg_temp.connect('kube-1', 'i', :'secret')).code, 'unauthorized', 'it connects nothing');
SELECT is(t.code('api', format('SELECT streamspace.%s(p_actor => sha256(%L))', f.name, :'secret')), 'unauthorized', format('nothing to %s', f.name))
	FROM (VALUES ('get_me'), ('list_agents'), ('list_sessions'), ('list_agent_tokens')) AS f (name);
SELECT is((pg_temp.register('kube-1', :'secret', NULL)).code, 'invalid_argument', 'an agent without a key of its own is not admitted');
SELECT is((pg_temp.register('kube-1', :'secret', :'secret')).code, 'invalid_argument', 'the token is not taken as a key');
SELECT is(t.must('dba', 'SELECT streamspace.list_agents()') -> 'items', '[]'::jsonb, 'refusals left no agent behind, and the token open');

-- One use: approved at once, by the agent's own key.
SELECT is((pg_temp.register('kube-1', :'secret', 'key-1')).value - 'agent', '{"created": true, "approval_status": "approved"}'::jsonb, 'registered and approved');
SELECT is((pg_temp.connect('kube-1', 'i-1', 'key-1')).code, 'ok', 'it connects with its own key');
SELECT is((pg_temp.register('kube-1', :'secret', 'key-1')).code, 'unauthorized', 'the same again: the token opens nothing');
SELECT is((pg_temp.register('kube-1', :'secret', 'key-2')).code, 'unauthorized', 'nor for another key');
SELECT is((pg_temp.connect('kube-1', 'i-1', :'secret')).code, 'unauthorized', 'nor does it connect');
SELECT is((pg_temp.register('kube-1', 'key-1', 'key-1')).value ->> 'approval_status', 'approved', 'the key registers again');
SELECT is(t.must_as('root', 'list_agent_tokens(p_agent => ''kube-1'')') #>> '{items,0,state}', 'used', 'shown as used');
SELECT is((SELECT l.arguments ->> 'token' FROM streamspace_data.audit_log AS l WHERE l.function = 'register_agent' AND l.arguments ->> 'with' = 'token'),
	:'made'::jsonb #>> '{agent_token,id}', 'the audit says which agent came with it');
SELECT is(t.code_as('root', format('revoke_agent_token(p_token => %L)', :'made'::jsonb #>> '{agent_token,id}')), 'agent_token_not_found', 'what was used cannot be revoked');

-- One at a time, revoked, expired.
SELECT pg_temp.token('kube-3') AS first \gset
SELECT pg_temp.token('kube-3') AS second \gset
SELECT is((pg_temp.register('kube-3', :'first', 'key-3')).code, 'unauthorized', 'a newer token ends the earlier one');
SELECT is(t.must_as('root', format('revoke_agent_token(p_token => %L)', t.must_as('root', 'list_agent_tokens(p_agent => ''kube-3'')') #>> '{items,0,id}')) ->> 'state', 'revoked', 'revoked');
SELECT is((pg_temp.register('kube-3', :'second', 'key-3')).code, 'unauthorized', 'it opens nothing');
SELECT pg_temp.token('kube-3') AS third \gset
SELECT pg_temp.age(interval '23 hours 59 minutes');
SELECT is(t.must_as('root', 'list_agent_tokens(p_agent => ''kube-3'')') #>> '{items,0,state}', 'open', 'within its day');
SELECT pg_temp.age(interval '2 minutes');
SELECT is(t.must_as('root', 'list_agent_tokens(p_agent => ''kube-3'')') #>> '{items,0,state}', 'expired', 'and after it');
SELECT is((pg_temp.register('kube-3', :'third', 'key-3')).code, 'unauthorized', 'nor does it open anything');
SELECT is(jsonb_array_length(t.must_as('root', 'list_agent_tokens(p_limit => 2)') -> 'items'), 2, 'pages');
SELECT is(jsonb_array_length(t.must_as('root', format('list_agent_tokens(p_limit => 200, p_cursor => %L)', t.must_as('root', 'list_agent_tokens(p_limit => 2)') ->> 'next_cursor')) -> 'items'), 3, 'and the rest');

-- An agent that lost its key: the new one replaces it, and what ran with the old one counts no more.
SELECT t.epoch('kube-1') AS epoch \gset
SELECT is((pg_temp.register('kube-1', pg_temp.token('kube-1'), 'key-9')).value ->> 'approval_status', 'approved', 'enrolled again');
SELECT is((pg_temp.connect('kube-1', 'i-2', 'key-1')).code, 'unauthorized', 'the old key opens nothing');
SELECT is((SELECT count(*) FROM streamspace_data.agent_connection AS c WHERE c.agent_id = 'kube-1' AND c.disconnected_at IS NULL), 0::bigint, 'its connection ended');
SELECT is(((pg_temp.connect('kube-1', 'i-2', 'key-9')).value ->> 'epoch')::bigint > :epoch + 1, true, 'under a higher epoch the new one works');

-- Rejection outranks what was given out before it, and is lifted by what is given out after it.
SELECT pg_temp.token('kube-1') AS before \gset
SELECT t.must_as('root', 'reject_agent(p_agent => ''kube-1'')');
SELECT is((pg_temp.register('kube-1', :'before', 'key-10')).code, 'unauthorized', 'a token from before the rejection is void');
SELECT is((pg_temp.register('kube-1', pg_temp.token('kube-1'), 'key-11')).value ->> 'approval_status', 'approved', 'one from after it admits the agent');

-- What an installer offers: never more than an enrolment that nobody decided about.
CREATE FUNCTION pg_temp.offer(p_agent text, p_token text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.offer_agent_token(p_agent => %L, p_token_hash => sha256(%L))', p_agent, p_token)) - 'agent_token'
$$;
SELECT is(t.code('dba', 'SELECT streamspace.offer_agent_token(p_agent => ''kube-5'', p_token_hash => sha256(''x''))'), '42501', 'a DBA uses create_agent_token');
SELECT is(pg_temp.offer('kube-1', 'chart'), '{"offered": false, "because": "approved"}'::jsonb, 'an enrolled agent keeps its key');
SELECT is(pg_temp.offer('kube-5', 'chart'), '{"offered": true}'::jsonb, 'offered');
SELECT pg_temp.age(interval '2 days');
SELECT is((pg_temp.register('kube-5', 'chart', 'key-5')).code, 'unauthorized', 'for a day');
SELECT is(pg_temp.offer('kube-5', 'chart'), '{"offered": true}'::jsonb, 'offered again: for another day');
SELECT is(pg_temp.offer('kube-6', 'chart'), '{"offered": false, "because": "used"}'::jsonb, 'not for two agents');
SELECT is((pg_temp.register('kube-5', t.token('bootstrap'), 'thief')).value ->> 'approval_status', 'pending', 'somebody with the bootstrap key came before it');
SELECT is((pg_temp.register('kube-5', 'chart', 'key-5')).value ->> 'approval_status', 'approved', 'and has nothing of it');
SELECT is((pg_temp.connect('kube-5', 'i', 'thief')).code, 'unauthorized', 'his key opens nothing');
SELECT is(pg_temp.offer('kube-5', 'chart'), '{"offered": false, "because": "approved"}'::jsonb, 'after its use: no effect');
SELECT t.must_as('root', 'reject_agent(p_agent => ''kube-5'')');
SELECT is(pg_temp.offer('kube-5', 'chart-2'), '{"offered": false, "because": "rejected"}'::jsonb, 'no installer lifts a rejection');
SELECT is(pg_temp.approval('kube-5'), 'rejected', 'it stands');

-- What ended is forgotten a week after it expired.
SELECT pg_temp.age(interval '9 days');
SELECT t.must('api', 'SELECT streamspace.tick()') IS NOT NULL;
SELECT is((SELECT count(*) FROM streamspace_data.agent_token), 0::bigint, 'forgotten');

SELECT * FROM finish();
ROLLBACK;
