-- Viewers: tickets, what they open, whether those who look may go on, and what is known of them. (Two at the same
-- moment: tests/isolation/viewers.py.)
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('ops', 'red', 'operator'), t.make_user('aud', 'red', 'auditor'), t.make_user('eve', 'red'), t.make_user('gil', 'red');
SELECT t.make_agent('agent-1'), t.make_agent('agent-2', 'kubernetes');
SELECT t.must_as('amy', 'put_group(p_name => ''team'')'), t.must_as('amy', 'add_group_member(p_group => ''team'', p_user => ''gil'')');

-- A refusal of a ticket, or its mode.
CREATE FUNCTION pg_temp.mode(p_user text, p_session text, p_mode text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(a.value ->> 'mode', a.code) FROM t.as(p_user, format('create_viewer_ticket(p_session => %L, p_mode => %L)', p_session, p_mode)) AS a
$$;
CREATE FUNCTION pg_temp.ticket(p_user text, p_session text, p_mode text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT t.must_as(p_user, format('create_viewer_ticket(p_session => %L, p_mode => %L)', p_session, p_mode)) ->> 'ticket'
$$;
-- What the review says of one viewer, at this distance from now; NULL: it may go on.
CREATE FUNCTION pg_temp.cut(p_connection text, p_input_ago_ms bigint DEFAULT NULL, p_after interval DEFAULT '0', p_replica text DEFAULT 'replica-1',
	p_bytes bigint DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_cut jsonb;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after::text, true);
	v_cut := t.must(NULL, format('SELECT streamspace.review_viewers(p_replica => %L, p_items => %L)', p_replica, jsonb_build_array(
		jsonb_build_object('connection', p_connection, 'input_ago_ms', p_input_ago_ms, 'received', p_bytes, 'sent', p_bytes * 2)))) -> 'cut';
	PERFORM set_config('streamspace.clock_offset', '', true);
	IF jsonb_array_length(v_cut) > 0 AND v_cut #>> '{0,connection}' IS DISTINCT FROM p_connection THEN
		RAISE EXCEPTION 'another one: %', v_cut;
	END IF;
	RETURN v_cut #>> '{0,reason}';
END
$$;
CREATE FUNCTION pg_temp.at(p_after interval, p_sql text) RETURNS t.answer LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after::text, true);
	v_answer := t.ask(NULL, p_sql);
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_answer;
END
$$;
CREATE FUNCTION pg_temp.open_at(p_after interval, p_session text, p_ticket text, p_replica text DEFAULT 'replica-1') RETURNS text LANGUAGE sql AS $$
	SELECT (pg_temp.at(p_after, format('SELECT streamspace.open_viewer(p_session => %L, p_ticket_hash => %L, p_replica => %L)', p_session,
		sha256(convert_to(p_ticket, 'UTF8')), p_replica))).code
$$;
CREATE FUNCTION pg_temp.relay(p_ticket text, p_replica text, p_after interval DEFAULT '0') RETURNS t.answer LANGUAGE sql AS $$
	SELECT pg_temp.at(p_after, format('SELECT streamspace.accept_relay(p_ticket_hash => %L, p_replica => %L)', sha256(convert_to(p_ticket, 'UTF8')), p_replica))
$$;

SELECT t.running('ann') AS s, t.running('ann') AS other, t.running('bob') AS bobs \gset
SELECT t.must_as('ann', format('share_session(p_session => %L, p_user => ''art'', p_mode => ''view'')', :'s')) ->> 'id' AS art_share,
	t.must_as('ann', format('share_session(p_session => %L, p_user => ''eve'', p_mode => ''control'')', :'s')) ->> 'id' AS eve_share,
	t.must_as('ann', format('share_session(p_session => %L, p_group => ''team'', p_mode => ''control'')', :'s')) ->> 'id' AS team_share \gset

-- Tickets.
SELECT t.must_as('ann', format('create_viewer_ticket(p_session => %L)', :'s')) AS made \gset
SELECT matches(:'made'::jsonb ->> 'ticket', '^[0-9a-f]{64}$', 'a ticket is a secret of 256 bits');
SELECT is(:'made'::jsonb - 'ticket' - 'url' - 'expires_at', jsonb_build_object('session', :'s', 'mode', 'control'), 'for a session and a mode');
SELECT is(:'made'::jsonb ->> 'url', '/api/v1/vnc/' || :'s' || '?ticket=' || (:'made'::jsonb ->> 'ticket'), 'it says where');
SELECT is((:'made'::jsonb ->> 'expires_at')::timestamptz, now() + interval '30 seconds', 'for how long');
SELECT is_empty(format($$SELECT 'stored' FROM (SELECT x::text AS line FROM streamspace_data.viewer_ticket AS x UNION ALL SELECT x::text FROM streamspace_data.request AS x
	UNION ALL SELECT x::text FROM streamspace_data.audit_log AS x UNION ALL SELECT x::text FROM streamspace_data.session_event AS x) AS r WHERE position(%L IN r.line) > 0$$,
	:'made'::jsonb ->> 'ticket'), 'it stands nowhere');
SELECT t.must_as('ann', format('create_viewer_ticket(p_session => %L, p_request_id => ''once'')', :'s')) ->> 'ticket' AS once \gset
SELECT is_empty(format($$SELECT 1 FROM streamspace_data.request AS x WHERE position(%L IN x::text) > 0$$, :'once'), 'nor under its idempotency key');
SELECT is((SELECT count(*) FROM streamspace_data.viewer_ticket AS v WHERE v.ticket_hash = sha256(convert_to(:'once', 'UTF8'))), 1::bigint, 'its hash does');
SELECT is((SELECT x.arguments FROM streamspace_data.audit_log AS x WHERE x.function = 'create_viewer_ticket' LIMIT 1),
	jsonb_build_object('session', :'s', 'mode', NULL), 'the audit log says who asked for what');

-- Who gets what.
SELECT is(pg_temp.mode(w.who, :'s', w.mode), w.want, format('%s asks for %s', w.who, coalesce(w.mode, 'nothing in particular')))
  FROM (VALUES ('ann', NULL, 'control'), ('ann', 'view', 'view'), ('ann', 'control', 'control'), ('ann', 'both', 'invalid_argument'),
	('ann', '', 'invalid_argument'), ('art', NULL, 'view'), ('art', 'view', 'view'), ('art', 'control', 'forbidden'), ('eve', NULL, 'control'), ('eve', 'view', 'view'),
	('gil', NULL, 'control'), ('ops', NULL, 'control'), ('amy', NULL, 'control'), ('root', NULL, 'control'), ('root', 'view', 'view'),
	('aud', NULL, 'forbidden'), ('aud', 'view', 'forbidden'), ('bob', NULL, 'session_not_found'), ('bea', NULL, 'session_not_found'),
	('nobody', NULL, 'unauthorized'), ('agent-1', NULL, 'unauthorized')) AS w (who, mode, want);
SELECT is(pg_temp.mode('art', :'other'), 'session_not_found', 'a share is of one session');
SELECT is(t.code('dba', format('SELECT streamspace.create_viewer_ticket(p_session => %L)', :'s')), 'actor_required', 'a DBA has no account to look with');
SELECT is(t.code('api', format('SELECT streamspace.create_viewer_ticket(p_session => %L)', :'s')), 'actor_required', 'nobody has none either');
SELECT is(t.code_as('ann', 'create_viewer_ticket(p_session => NULL)'), 'invalid_argument', 'no session');
SELECT is(pg_temp.mode('ann', 's-none'), 'session_not_found', 'an unknown one');
SELECT t.must_as('ann', 'create_api_key(p_name => ''reads'', p_scopes => ''{read}'')') AS reads,
	t.must_as('ann', 'create_api_key(p_name => ''works'', p_scopes => ''{sessions}'')') AS works \gset
UPDATE streamspace_data.credential AS c SET token_hash = t.actor(c.name) WHERE c.kind = 'api_key';
SELECT is(pg_temp.mode('reads', :'s'), 'scope_required', 'a key to read looks at no screen');
SELECT is(pg_temp.mode('works', :'s'), 'control', 'a key for sessions does');

-- Of which sessions.
SELECT t.create_session('ann') AS new \gset
SELECT is(pg_temp.mode('ann', :'new'), 'session_not_running', 'one that starts');
SELECT is((t.as('ann', format('create_viewer_ticket(p_session => %L)', :'new'))).detail::jsonb, jsonb_build_object('session', :'new', 'state', 'starting'),
	'the refusal says its state');
SELECT is((SELECT e.http_status FROM streamspace_data.error_code AS e WHERE e.code = 'session_not_running'), 409, 'as a conflict');
UPDATE streamspace_data.agent SET protocol_version = 2 WHERE agent_id = 'agent-1';
SELECT is(pg_temp.mode('ann', :'s'), 'viewer_unsupported', 'an agent of 2.0 carries no viewers');
UPDATE streamspace_data.agent SET protocol_version = 3 WHERE agent_id = 'agent-1';
SELECT t.must('api', format('SELECT streamspace.disconnect_agent_stream(p_agent => ''agent-1'', p_stream => %s)', t.stream('agent-1')));
SELECT is(pg_temp.mode('ann', :'s'), 'agent_unreachable', 'nor one without a stream socket');
SELECT t.stream('agent-1');
SELECT is(pg_temp.mode('ann', :'s'), 'control', 'until it has one');
SELECT t.connect('agent-1');
SELECT is(pg_temp.mode('ann', :'s'), 'agent_unreachable', 'of its present connection');
SELECT t.stream('agent-1');
UPDATE streamspace_data.agent SET approval = 'rejected' WHERE agent_id = 'agent-1';
SELECT is(pg_temp.mode('ann', :'s'), 'agent_unreachable', 'nor one that was rejected');
UPDATE streamspace_data.agent SET approval = 'approved' WHERE agent_id = 'agent-1';

-- How many.
SELECT t.must_as('root', 'put_settings(p_settings => ''{"viewer_tickets_per_user": 3}'')');
DELETE FROM streamspace_data.viewer_ticket;
SELECT is(pg_temp.mode('ann', :'s'), 'control', 'a ticket') FROM generate_series(1, 3);
SELECT is(pg_temp.mode('ann', :'s'), 'limit_reached', 'a user has so many unused tickets');
SELECT is(pg_temp.mode('ann', :'other'), 'limit_reached', 'whatever they are for');
SELECT is(pg_temp.mode('eve', :'s'), 'control', 'another user has his own');
SELECT is((pg_temp.at('31 seconds', format('SELECT streamspace.create_viewer_ticket(p_session => %L, p_actor => %L)', :'s', t.actor('ann')))).code, 'ok',
	'those that have expired count no more');
DELETE FROM streamspace_data.viewer_ticket;
SELECT t.must_as('root', 'put_settings(p_settings => ''{"viewer_tickets_per_user": 200}'')');

-- What a ticket opens.
SELECT pg_temp.ticket('ann', :'s') AS ticket \gset
SELECT is((t.view(:'other', :'ticket')).code, 'ticket_invalid', 'no other session');
SELECT (t.view(:'s', :'ticket')).value AS opened \gset
SELECT is(:'opened'::jsonb - 'connection', jsonb_build_object('session', :'s', 'mode', 'control', 'agent', 'agent-1', 'protocol_version', 3, 'local', true, 'relay', NULL),
	'its own');
SELECT matches(:'opened'::jsonb ->> 'connection', '^c-[0-9a-v]{26}$', 'as a viewer with a name');
SELECT is((t.view(:'s', :'ticket')).code, 'ticket_invalid', 'once');
SELECT is((t.view(:'s', repeat('0', 64))).code, 'ticket_invalid', 'a ticket that nobody gave');
SELECT is(t.code('api', format('SELECT streamspace.open_viewer(p_session => %s, p_ticket_hash => %s, p_replica => %s)', x.session, x.hash, x.replica)), 'ticket_invalid',
	format('no ticket: %s %s', x.session, x.hash)) FROM (VALUES ('NULL', 'NULL', 'NULL'), (quote_literal(:'s'), 'NULL', '''r'''), (quote_literal(:'s'), '''\x''', '''r'''),
	('NULL', '''\x00''', '''r'''), ('''''', '''\x00''', '''r''')) AS x (session, hash, replica);
SELECT is((SELECT (v.viewer, v.mode, v.address, v.replica, v.credential_id, v.closed_at IS NULL)::text FROM streamspace.v_connections AS v WHERE v.connection_id = :'opened'::jsonb ->> 'connection'),
	(('user:red/ann'::text, 'control'::text, '192.0.2.7'::text, 'replica-1'::text, t.login_id('ann'), true))::text, 'a row says who looks, from where, with which log-in');
SELECT is((SELECT l.arguments FROM streamspace_data.audit_log AS l WHERE l.function = 'open_viewer' AND l.actor = 'user:red/ann'),
	jsonb_build_object('connection', :'opened'::jsonb ->> 'connection', 'session', :'s', 'mode', 'control', 'address', '192.0.2.7'), 'the audit log too');
SELECT pg_temp.ticket('ann', :'s') AS ticket \gset
SELECT is(pg_temp.open_at('30 seconds', :'s', :'ticket'), 'ticket_invalid', 'half a minute later it opens nothing');
SELECT is(pg_temp.open_at('29 seconds', :'s', :'ticket'), 'ok', 'a second before it does');
-- What a ticket was given for is asked again.
CREATE FUNCTION pg_temp.in_vain(p_user text, p_session text, p_change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_ticket text := pg_temp.ticket(p_user, p_session);
	v_code text;
BEGIN
	BEGIN
		EXECUTE p_change;
		v_code := (t.view(p_session, v_ticket)).code;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN v_code || ', else ' || (t.view(p_session, v_ticket)).code;
END
$$;
-- The same of who looks already.
CREATE FUNCTION pg_temp.ended(p_user text, p_session text, p_change text, p_mode text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_connection text := t.open_viewer(p_user, p_session, p_mode);
	v_reason text;
BEGIN
	BEGIN
		EXECUTE p_change;
		v_reason := pg_temp.cut(v_connection);
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN coalesce(v_reason, 'goes on') || ', else ' || coalesce(pg_temp.cut(v_connection), 'goes on');
END
$$;
CREATE TEMP TABLE change (who text, what text, sql text, mode text, opens text, reason text);
INSERT INTO change VALUES
	('ann', 'his log-in ends', 'SELECT t.must_as(''ann'', ''log_out()'')', NULL, 'ticket_invalid', 'logged_out'),
	('art', 'somebody ends his log-in', format('SELECT t.must_as(''amy'', %L)', format('revoke_login(p_login => %L)', t.login_id('art'))), NULL, 'ticket_invalid', 'logged_out'),
	('ann', 'his log-in is over', 'UPDATE streamspace_data.credential SET created_at = now() - interval ''13 hours'', expires_at = now() WHERE token_hash = t.actor(''ann'')', NULL, 'ticket_invalid', 'logged_out'),
	('ann', 'his log-in is idle', 'UPDATE streamspace_data.credential SET created_at = now() - interval ''8 hours'' WHERE token_hash = t.actor(''ann'')', NULL, 'ticket_invalid', 'logged_out'),
	('ann', 'the row of his log-in is gone', 'DELETE FROM streamspace_data.credential WHERE token_hash = t.actor(''ann'')', NULL, 'ticket_invalid', 'logged_out'),
	('works', 'his key is revoked', format('SELECT t.must_as(''ann'', %L)', format('revoke_api_key(p_key => %L)', :'works'::jsonb #>> '{api_key,id}')), NULL, 'ticket_invalid', 'logged_out'),
	('works', 'his key loses its scope', 'UPDATE streamspace_data.credential SET scopes = ''{read}'' WHERE token_hash = t.actor(''works'')', NULL, 'ticket_invalid', 'access_revoked'),
	('art', 'he is deactivated', 'SELECT t.must_as(''amy'', ''update_user(p_user => ''''art'''', p_active => false)'')', NULL, 'ticket_invalid', 'logged_out'),
	('art', 'his share is revoked', format('SELECT t.must_as(''ann'', %L)', format('revoke_share(p_session => %L, p_share => %L)', :'s', :'art_share')), NULL, 'ticket_invalid', 'access_revoked'),
	('art', 'his share has expired', format('UPDATE streamspace_data.session_share SET expires_at = now() WHERE share_id = %L', :'art_share'), NULL, 'ticket_invalid', 'access_revoked'),
	('eve', 'he may only look now', format('SELECT t.must_as(''ann'', %L)', format('share_session(p_session => %L, p_user => ''eve'', p_mode => ''view'')', :'s')), NULL, 'ticket_invalid', 'access_revoked'),
	('eve', 'he who looks may only look now', format('SELECT t.must_as(''ann'', %L)', format('share_session(p_session => %L, p_user => ''eve'', p_mode => ''view'')', :'s')), 'view', 'ticket_invalid', 'goes on'),
	('art', 'he may act now', format('SELECT t.must_as(''ann'', %L)', format('share_session(p_session => %L, p_user => ''art'', p_mode => ''control'')', :'s')), NULL, 'ok', 'goes on'),
	('gil', 'he leaves the group', 'SELECT t.must_as(''amy'', ''remove_group_member(p_group => ''''team'''', p_user => ''''gil'''')'')', NULL, 'ticket_invalid', 'access_revoked'),
	('gil', 'the group is gone', 'DELETE FROM streamspace_data.session_share WHERE group_id IS NOT NULL; SELECT t.must_as(''amy'', ''delete_group(p_group => ''''team'''')'')', NULL, 'ticket_invalid', 'access_revoked'),
	('ops', 'he is an operator no more', 'SELECT t.must_as(''amy'', ''update_user(p_user => ''''ops'''', p_role => ''''user'''')'')', NULL, 'ticket_invalid', 'access_revoked'),
	('ops', 'he is an auditor now', 'SELECT t.must_as(''amy'', ''update_user(p_user => ''''ops'''', p_role => ''''auditor'''')'')', NULL, 'ticket_invalid', 'access_revoked'),
	('ann', 'the owner is an auditor now', 'SELECT t.must_as(''amy'', ''update_user(p_user => ''''ann'''', p_role => ''''auditor'''')'')', NULL, 'ticket_invalid', 'access_revoked'),
	('root', 'he is the administrator of his own organisation only', 'UPDATE streamspace_data.app_user SET role = ''org_admin'' WHERE name = ''root''', NULL, 'ticket_invalid', 'access_revoked'),
	('ann', 'it hibernates', format('SELECT t.must_as(''ann'', %L)', format('hibernate_session(p_session => %L)', :'s')), NULL, 'session_not_running', 'session_hibernated'),
	('ann', 'it has hibernated', format('SELECT t.must_as(''ann'', %L), t.run_command(''agent-1'', %L, ''hibernated'')', format('hibernate_session(p_session => %L)', :'s'), :'s'), NULL, 'session_not_running', 'session_hibernated'),
	('ann', 'it is terminated', format('SELECT t.must_as(''ann'', %L)', format('terminate_session(p_session => %L)', :'s')), NULL, 'session_not_running', 'session_terminated'),
	('ann', 'it is terminated by force', format('SELECT t.must_as(''amy'', %L)', format('terminate_session(p_session => %L, p_force => true)', :'s')), NULL, 'session_not_running', 'session_terminated'),
	('ann', 'it fails', format('SELECT t.report(''observe_sessions'', ''agent-1'', jsonb_build_object(''sessionId'', %L, ''state'', ''failed'', ''revision'', (SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = %L)))', :'s', :'s'), NULL, 'session_not_running', 'session_failed'),
	('ann', 'its compute is missing', format('UPDATE streamspace_data.session SET observed_at = now() - interval ''1 hour''; SELECT t.must(''api'', format(''SELECT streamspace.record_inventory(p_agent => ''''agent-1'''', p_epoch => %%s, p_objects => ''''[{"kind": "session", "id": "s-other", "revision": 1, "state": "running"}]'''', p_complete => true)'', t.epoch(''agent-1'')))', ''), NULL, 'session_not_running', 'session_restarted'),
	('ann', 'it runs on another agent', format('UPDATE streamspace_data.session SET agent_id = ''agent-2'' WHERE session_id = %L', :'s'), NULL, 'ok', 'session_restarted'),
	('ann', 'another run of it', format('UPDATE streamspace_data.connection SET run_at = run_at - interval ''1 second'' WHERE session_id = %L', :'s'), NULL, 'ok', 'session_restarted'),
	('ann', 'the name of another changes', format('SELECT t.must_as(''ann'', %L)', format('update_session(p_session => %L, p_name => ''x'')', :'s')), NULL, 'ok', 'goes on');
SELECT is(pg_temp.in_vain(c.who, :'s', c.sql), c.opens || ', else ok', format('a ticket of %s when %s', c.who, c.what)) FROM change AS c WHERE c.mode IS NULL;
SELECT is(pg_temp.ended(c.who, :'s', c.sql, c.mode), c.reason || ', else goes on', format('a viewer of %s when %s', c.who, c.what)) FROM change AS c;
-- Of two reasons the one that says least about the session.
SELECT is(pg_temp.ended('art', :'s', format('DELETE FROM streamspace_data.session_share WHERE share_id = %L; SELECT t.must_as(''ann'', %L)', :'art_share',
	format('terminate_session(p_session => %L)', :'s'))), 'access_revoked, else goes on', 'who may no more is not told what became of the session');
-- Who is of another organisation gains nothing by a share of the same number.
SELECT is(pg_temp.ended('root', :'bobs', 'UPDATE streamspace_data.app_user SET role = ''user'' WHERE name = ''root'''), 'access_revoked, else goes on',
	'a platform administrator of before has nothing in the other organisation');

-- A refusal does not use the ticket up.
SELECT pg_temp.ticket('ann', :'s') AS ticket \gset
SELECT is(pg_temp.in_vain('ann', :'s', 'DELETE FROM streamspace_data.agent_stream'), 'agent_unreachable, else ok', 'the agent comes back, and the ticket opens');

-- How many viewers.
DELETE FROM streamspace_data.connection;
SELECT t.must_as('root', 'put_settings(p_settings => ''{"viewers_per_session": 2}'')');
SELECT pg_temp.ticket('ann', :'s') AS third \gset
SELECT t.open_viewer('ann', :'s') AS one, t.open_viewer('art', :'s') AS two \gset
SELECT is(pg_temp.mode('ann', :'s'), 'too_many_viewers', 'a session has so many viewers');
SELECT is((t.view(:'s', :'third')).code, 'too_many_viewers', 'whatever was promised before');
SELECT is((t.view(:'s', :'third')).detail::jsonb, jsonb_build_object('session', :'s', 'limit', 2), 'the refusal says how many');
SELECT is(pg_temp.mode('ann', :'other'), 'control', 'another session has its own');
SELECT is(pg_temp.at('0', format('SELECT streamspace.close_viewers(p_items => %L)', jsonb_build_array(jsonb_build_object('connection', :'two', 'reason', 'closed')))),
	pg_temp.at('0', 'SELECT ''[{"index": 0, "result": "ok"}]''::jsonb'), 'one leaves');
SELECT is((t.view(:'s', :'third')).code, 'ok', 'and makes room');
SELECT is((pg_temp.at('10 minutes', format('SELECT streamspace.create_viewer_ticket(p_session => %L, p_actor => %L)', :'s', t.actor('ann')))).code, 'ok', 'who was lost with his server takes no room');
SELECT t.must_as('root', 'put_settings(p_settings => ''{"viewers_per_session": 200}'')');

-- Between servers.
SELECT t.stream('agent-1', 'replica-2', '192.0.2.2:9090');
SELECT (t.view(:'s', pg_temp.ticket('eve', :'s'))).value AS far \gset
SELECT is(:'far'::jsonb - 'connection' #- '{relay,ticket}', jsonb_build_object('session', :'s', 'mode', 'control', 'agent', 'agent-1', 'protocol_version', 3, 'local', false,
	'relay', jsonb_build_object('replica', 'replica-2', 'address', '192.0.2.2:9090')), 'the stream of the agent is elsewhere');
SELECT matches(:'far'::jsonb #>> '{relay,ticket}', '^[0-9a-f]{64}$', 'with a ticket for that server');
SELECT is((pg_temp.relay(:'far'::jsonb #>> '{relay,ticket}', w.replica, w.after)).code, w.want, w.what) FROM (VALUES
	('replica-1', interval '0', 'ticket_invalid', 'not for another server'), (NULL, '0', 'ticket_invalid', 'nor for none'), ('replica-2', '5 seconds', 'ticket_invalid', 'nor after 5 seconds'))
	AS w (replica, after, want, what);
SELECT is((pg_temp.relay(:'far'::jsonb #>> '{relay,ticket}', 'replica-2', '4 seconds')).value,
	jsonb_build_object('connection', :'far'::jsonb ->> 'connection', 'session', :'s', 'agent', 'agent-1', 'mode', 'control'), 'before that it says whose it is');
SELECT is((pg_temp.relay(:'far'::jsonb #>> '{relay,ticket}', 'replica-2')).code, 'ticket_invalid', 'once');
SELECT is((pg_temp.relay(:'far'::jsonb ->> 'connection', 'replica-2')).code, 'ticket_invalid', 'the name of a viewer is no ticket');
SELECT is(t.code('api', 'SELECT streamspace.accept_relay(p_ticket_hash => NULL, p_replica => NULL)'), 'ticket_invalid', 'nothing is none');
CREATE FUNCTION pg_temp.relayed(p_user text, p_change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_far jsonb := (t.view(current_setting('pg_temp.session'), pg_temp.ticket(p_user, current_setting('pg_temp.session')))).value;
BEGIN
	EXECUTE format(p_change, v_far ->> 'connection');
	RETURN (pg_temp.relay(v_far #>> '{relay,ticket}', 'replica-2')).code;
END
$$;
SELECT set_config('pg_temp.session', :'s', true);
SELECT is(pg_temp.relayed('eve', 'SELECT t.must(''api'', format(''SELECT streamspace.close_viewers(p_items => %%L)'', jsonb_build_array(jsonb_build_object(''connection'', ''%s''))))'),
	'ticket_invalid', 'not of a viewer who has gone');
SELECT is(pg_temp.relayed('eve', format('SELECT t.must_as(''ann'', %L)', format('revoke_share(p_session => %L, p_share => %L)', :'s', :'eve_share')) || ' -- %s'), 'ticket_invalid', 'nor of one who may no more');
SELECT is(pg_temp.relayed('ann', 'SELECT ''%s'''), 'ok', 'of one who may');
SELECT t.stream('agent-1', 'replica-2', NULL);
SELECT is((t.view(:'s', pg_temp.ticket('ann', :'s'))).code, 'agent_unreachable', 'a server without an address is reached by nobody');
SELECT is((t.view(:'s', pg_temp.ticket('ann', :'s'), 'replica-2')).code, 'ok', 'but by itself');
SELECT t.stream('agent-1');

-- Streams of agents.
CREATE FUNCTION pg_temp.stream(p_agent text, p_epoch bigint, p_key text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.connect_agent_stream(p_agent => %L, p_epoch => %L, p_replica => ''r'', p_actor => %L)', p_agent, p_epoch, t.actor(p_key)))
$$;
SELECT is(pg_temp.stream(w.agent, w.epoch, w.key), w.want, format('the stream of %s, %s, with the key of %s', w.agent, w.what, w.key)) FROM (VALUES
	('agent-1', t.epoch('agent-1'), 'agent-1', 'ok', 'now'), ('agent-1', t.epoch('agent-1') - 1, 'agent-1', 'stale_epoch', 'of before'),
	('agent-1', t.epoch('agent-1') + 1, 'agent-1', 'stale_epoch', 'of later'), ('agent-1', NULL, 'agent-1', 'stale_epoch', 'of no epoch'),
	('agent-1', t.epoch('agent-1'), 'agent-2', 'unauthorized', 'now'), ('agent-2', t.epoch('agent-2'), 'agent-1', 'unauthorized', 'now'),
	(NULL, t.epoch('agent-1'), 'agent-1', 'unauthorized', 'of nobody'), ('agent-1', t.epoch('agent-1'), 'bootstrap', 'unauthorized', 'now'),
	('agent-1', t.epoch('agent-1'), 'ann', 'unauthorized', 'now')) AS w (agent, epoch, key, want, what);
SELECT is(t.code('api', format('SELECT streamspace.connect_agent_stream(p_agent => ''agent-1'', p_epoch => %s)', t.epoch('agent-1'))), 'actor_required', 'without a key none');
SELECT t.stream('agent-1') AS first \gset
SELECT t.stream('agent-1', 'replica-2') AS second \gset
SELECT cmp_ok(:second, '>', :first, 'the numbers of sockets rise');
SELECT is(t.must('api', format('SELECT streamspace.disconnect_agent_stream(p_agent => ''agent-1'', p_stream => %s)', :first)), '{"disconnected": false}', 'the end of an older one');
SELECT is((SELECT a.stream_replica FROM streamspace.v_agents AS a WHERE a.agent_id = 'agent-1'), 'replica-2', 'takes nothing from a newer');
SELECT is(t.must('api', format('SELECT streamspace.disconnect_agent_stream(p_agent => ''agent-2'', p_stream => %s)', :second)), '{"disconnected": false}', 'nor the end of another agent''s');
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-2'', p_epoch => %s)', t.epoch('agent-2')));
SELECT is(pg_temp.stream('agent-2', (SELECT a.last_epoch FROM streamspace_data.agent AS a WHERE a.agent_id = 'agent-2'), 'agent-2'), 'stale_epoch', 'an agent that is not connected has none');
SELECT t.must_as('root', 'reject_agent(p_agent => ''agent-2'', p_reason => ''test'')');
SELECT is(pg_temp.stream('agent-2', 1, 'agent-2'), 'unauthorized', 'one that was rejected neither');
SELECT t.stream('agent-1');

-- The review.
DELETE FROM streamspace_data.connection;
SELECT t.open_viewer('ann', :'s') AS one, t.open_viewer('art', :'s') AS two, t.open_viewer('bob', :'bobs') AS three \gset
SELECT is(t.must('api', format('SELECT streamspace.review_viewers(p_replica => ''replica-1'', p_items => %L)', jsonb_build_array(jsonb_build_object('connection', :'one'),
	jsonb_build_object('connection', :'two'), jsonb_build_object('connection', :'three'), jsonb_build_object('connection', 'c-unknown')))),
	'{"cut": [{"connection": "c-unknown", "reason": "closed"}]}', 'those who may go on are not named');
SELECT is(pg_temp.cut(:'one', p_replica => 'replica-2'), 'closed', 'another server has it not');
SELECT t.must_as('ann', format('close_connection(p_connection => %L)', :'two'));
SELECT is(t.must('api', format('SELECT streamspace.review_viewers(p_replica => ''replica-1'', p_items => %L)', jsonb_build_array(jsonb_build_object('connection', :'one'),
	jsonb_build_object('connection', :'two'), jsonb_build_object('connection', :'three')))) -> 'cut', jsonb_build_array(jsonb_build_object('connection', :'two', 'reason', 'closed')),
	'of many the one that was put out');
SELECT is(t.code('api', format('SELECT streamspace.review_viewers(p_replica => ''replica-1'', p_items => %L)', i.items)), i.want, format('items: %s', left(i.items, 60))) FROM (VALUES
	(NULL, 'invalid_argument'), ('{}', 'invalid_argument'), ('"x"', 'invalid_argument'), ('[]', 'ok'), ('[1, null, "x", [], {}]', 'ok'), ('[{"connection": 7}]', 'ok'), ('[{"connection": null}]', 'ok'),
	((SELECT jsonb_agg(1) FROM generate_series(1, 5001))::text, 'invalid_argument'),
	(format('[{"connection": "%s", "received": -1, "sent": 1e30, "input_ago_ms": "x"}]', :'one'), 'ok'),
	(format('[{"connection": "%s", "input_ago_ms": 9007199254740991}, {"connection": "%s", "input_ago_ms": -5}]', :'one', :'one'), 'ok')) AS i (items, want);
SELECT is(t.code('api', format('SELECT streamspace.review_viewers(p_replica => NULL, p_items => ''[{"connection": "%s"}]'')', :'one')), 'ok', 'a server without a name has nothing');

-- Activity.
DELETE FROM streamspace_data.session_activity;
CREATE FUNCTION pg_temp.active(p_session text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((SELECT format('%s %s', a.actor, a.active_at - now()) FROM streamspace_data.session_activity AS a WHERE a.session_id = p_session), 'never')
$$;
SELECT t.open_viewer('art', :'s') AS looks, t.open_viewer('root', :'s') AS works \gset
SELECT pg_temp.cut(:'one', NULL);
SELECT is(pg_temp.active(:'s'), 'never', 'to look is no activity');
SELECT pg_temp.cut(:'looks', 0);
SELECT is(pg_temp.active(:'s'), 'never', 'nor what is said of who may only look');
SELECT pg_temp.cut(:'one', 1500);
SELECT is(pg_temp.active(:'s'), 'user:red/ann -00:00:01.5', 'input is');
SELECT pg_temp.cut(:'one', 0);
SELECT is(pg_temp.active(:'s'), 'user:red/ann -00:00:01.5', 'not written anew while somebody types');
SELECT pg_temp.cut(:'one', 2000, '2.5 seconds');
SELECT is(pg_temp.active(:'s'), 'user:red/ann 00:00:00.5', 'when he stops it is written as it was');
SELECT pg_temp.cut(:'one', 4000, '3 seconds');
SELECT is(pg_temp.active(:'s'), 'user:red/ann 00:00:00.5', 'an older one changes nothing');
SELECT pg_temp.cut(:'one', 0, '3 seconds');
SELECT is(pg_temp.active(:'s'), 'user:red/ann 00:00:03', 'who goes on typing is written every other second');
SELECT pg_temp.cut(:'works', 0, '1 minute');
SELECT is(pg_temp.active(:'s'), 'user:default/root 00:01:00', 'whoever it was');
SELECT is(pg_temp.cut(:'three', 0, p_replica => 'replica-2'), 'closed', 'a viewer of another server');
SELECT is(pg_temp.active(:'bobs'), 'never', 'gives no input');
SELECT is(pg_temp.cut(:'two', 0), 'closed', 'one that was put out');
SELECT is(pg_temp.active(:'s'), 'user:default/root 00:01:00', 'neither');
SELECT t.must_as('ann', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 600, "warn_seconds": 300}'')', :'s'));
SELECT pg_temp.at('7 minutes', 'SELECT count(*) FROM streamspace_rules.sweep_timers(500)');
SELECT isnt((SELECT x.warning FROM streamspace_data.session AS x WHERE x.session_id = :'s'), NULL, 'a session is warned of its idleness');
SELECT pg_temp.cut(:'one', 0, '7 minutes 1 second');
SELECT is((SELECT x.warning FROM streamspace_data.session AS x WHERE x.session_id = :'s'), NULL, 'input withdraws the warning at once');

-- Who works in a session uses his log-in.
CREATE FUNCTION pg_temp.used(p_token text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((SELECT (u.last_used_at - now())::text FROM streamspace_data.credential_use AS u WHERE u.token_hash = t.actor(p_token)), 'never')
$$;
DELETE FROM streamspace_data.credential_use;
SELECT pg_temp.cut(:'one', NULL, '1 hour'), pg_temp.cut(:'looks', 0, '1 hour');
SELECT is(pg_temp.used(w.who), 'never', format('%s looks: that is no use of the log-in', w.who)) FROM (VALUES ('ann'), ('art')) AS w (who);
SELECT is(pg_temp.cut(:'one', 1000, '7 hours'), NULL, 'after 7 hours he types');
SELECT is(pg_temp.used('ann'), '06:59:59', 'that is a use');
SELECT is(pg_temp.cut(:'one', NULL, '9 hours'), NULL, 'so he may go on after 9');
SELECT is(pg_temp.cut(:'looks', 0, '9 hours'), 'logged_out', 'who only looked may not');
SELECT is(pg_temp.used('art'), 'never', 'and what ended is not brought back');
SELECT is(pg_temp.cut(:'one', 0, '13 hours'), 'logged_out', 'nobody goes on beyond the life of his log-in');

-- What is known of them.
SELECT pg_temp.cut(:'one', 3000, '9 seconds', p_bytes => 100);
SELECT is((SELECT (c.received, c.sent)::text FROM streamspace_data.connection AS c WHERE c.connection_id = :'one'), '(0,0)', 'not every review writes');
SELECT pg_temp.cut(:'three', 3000, '10 seconds', p_bytes => 100);
SELECT is((SELECT (c.received, c.sent, c.last_input_at - now(), c.reviewed_at - now())::text FROM streamspace_data.connection AS c WHERE c.connection_id = :'three'), '(100,200,00:00:07,00:00:10)',
	'one in ten seconds does');
SELECT pg_temp.cut(:'three', NULL, '20 seconds', p_bytes => 50);
SELECT is((SELECT (c.received, c.sent, c.last_input_at - now())::text FROM streamspace_data.connection AS c WHERE c.connection_id = :'three'), '(100,200,00:00:07)', 'counts do not fall');
SELECT is((t.must_as('bob', 'list_connections()') #> '{items,0}') - '{id,opened_at,last_input_at}'::text[], jsonb_build_object('session', :'bobs', 'org', 'blue', 'owner', 'bob', 'viewer', 'user:blue/bob',
	'mode', 'control', 'address', '192.0.2.7', 'agent', 'agent-1', 'received', 100, 'sent', 200, 'closed_at', NULL, 'reason', NULL, 'revision', 1), 'a viewer as callers see it');
CREATE FUNCTION pg_temp.viewers(p_user text, p_call text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((SELECT string_agg(x ->> 'viewer', ' ' ORDER BY n) FROM jsonb_array_elements(a.value -> 'items') WITH ORDINALITY AS i (x, n)), a.code)
	FROM t.as(p_user, format('list_connections(%s)', p_call)) AS a
$$;
SELECT is(pg_temp.viewers('ann'), 'user:default/root user:red/art user:red/ann', 'the owner sees who looks at his sessions, the newest first');
SELECT is(pg_temp.viewers(w.who), pg_temp.viewers('ann'), format('%s sees those of the organisation', w.who)) FROM (VALUES ('ops'), ('amy'), ('aud')) AS w (who);
SELECT is(pg_temp.viewers('art'), 'ok', 'who looks at another''s session sees none');
SELECT is(pg_temp.viewers('art', format('p_session => %L', :'s')), 'session_not_found', 'not even those of that session');
SELECT is(pg_temp.viewers('ann', format('p_session => %L', :'other')), 'ok', 'another session has none');
SELECT is(pg_temp.viewers('bea', format('p_session => %L', :'s')), 'session_not_found', 'another organisation sees nothing');
SELECT is(pg_temp.viewers('bea'), 'user:blue/bob', 'but its own');
SELECT is(pg_temp.viewers('root', 'p_org => ''blue'''), 'user:blue/bob', 'a platform administrator names one');
SELECT is(pg_temp.viewers('ann', 'p_limit => 0'), 'invalid_argument', 'no page');
SELECT is(pg_temp.viewers('ann', 'p_cursor => ''63'''), 'invalid_argument', 'no cursor');
SELECT t.must_as('ann', 'list_connections(p_limit => 2)') ->> 'next_cursor' AS cursor \gset
SELECT is(pg_temp.viewers('ann', format('p_limit => 2, p_cursor => %L', :'cursor')), 'user:red/ann', 'page after page');
SELECT is((t.must_as('aud', 'list_connections()'))::text ~ encode(t.actor('ann'), 'hex'), false, 'without hashes');

-- Putting somebody out.
SELECT is(t.code_as(w.who, format('close_connection(p_connection => %L)', :'looks')), w.want, format('%s puts a viewer of ann''s session out', w.who)) FROM (VALUES
	('art', 'connection_not_found'), ('eve', 'connection_not_found'), ('bob', 'connection_not_found'), ('bea', 'connection_not_found'), ('aud', 'forbidden'), ('reads', 'scope_required')) AS w (who, want);
SELECT is((t.must_as('ann', format('close_connection(p_connection => %L, p_if_revision => 1)', :'looks'))) - '{id,opened_at,closed_at,last_input_at,received,sent,address,agent,session,org,owner}'::text[],
	'{"viewer": "user:red/art", "mode": "view", "reason": "closed", "revision": 2}', 'the owner does');
SELECT is(pg_temp.cut(:'looks'), 'closed', 'and he is out');
SELECT is((SELECT v.closed_by FROM streamspace.v_connections AS v WHERE v.connection_id = :'looks'), 'user:red/ann', 'it is known by whom');
SELECT is(t.code_as('ann', format('close_connection(p_connection => %L)', :'looks')), 'connection_not_found', 'once');
SELECT is(t.code_as('ann', format('close_connection(p_connection => %L, p_if_revision => 7)', :'one')), 'revision_mismatch', 'not another than was read');
SELECT is(t.code('dba', format('SELECT streamspace.close_connection(p_connection => %L)', :'works')), 'ok', 'a DBA may');
SELECT is(t.code_as('root', 'close_connection(p_connection => ''c-none'')'), 'connection_not_found', 'an unknown one');
SELECT is(t.code_as('ann', 'close_connection(p_connection => NULL)'), 'invalid_argument', 'none');

-- Ends.
SELECT is(t.must('api', format('SELECT streamspace.close_viewers(p_items => %L)', jsonb_build_array(
	jsonb_build_object('connection', :'one', 'reason', 'session_hibernated', 'received', 7, 'sent', 9), jsonb_build_object('connection', 'c-none'), 'x',
	jsonb_build_object('connection', :'one', 'reason', 'again', 'received', 8), jsonb_build_object('connection', :'looks', 'received', 5, 'sent', 6)))),
	'[{"index": 0, "result": "ok"}, {"index": 1, "result": "unknown"}, {"index": 2, "result": "unknown"}, {"index": 3, "result": "ignored"}, {"index": 4, "result": "ignored"}]', 'viewers end once');
SELECT is((SELECT (v.reason, v.received, v.sent, v.closed_at = now())::text FROM streamspace.v_connections AS v WHERE v.connection_id = :'one'), '(session_hibernated,8,9,t)', 'with a reason and their bytes');
SELECT is((SELECT (v.reason, v.received, v.sent)::text FROM streamspace.v_connections AS v WHERE v.connection_id = :'looks'), '(closed,5,6)', 'those of one that was put out too');
SELECT is(t.code('api', format('SELECT streamspace.close_viewers(p_items => %L)', i.items)), i.want, format('ends: %s', left(i.items, 60))) FROM (VALUES (NULL, 'invalid_argument'), ('{}', 'invalid_argument'),
	('[]', 'ok'), (format('[{"connection": "%s", "reason": "%s", "received": "x", "sent": -1}]', :'three', repeat('r', 300)), 'ok')) AS i (items, want);
SELECT is((SELECT length(v.reason) FROM streamspace.v_connections AS v WHERE v.connection_id = :'three'), 200, 'a long reason is cut');
SELECT is(pg_temp.viewers('ann'), 'ok', 'nobody looks any more');

-- What the sweep does.
SELECT t.open_viewer('ann', :'s') AS alive, t.open_viewer('ann', :'s') AS lost \gset
SELECT pg_temp.ticket('ann', :'s') AS ticket \gset
SELECT pg_temp.cut(:'alive', NULL, '9 minutes 30 seconds');
SELECT (pg_temp.at('10 minutes', 'SELECT streamspace.tick()')).value AS swept \gset
SELECT is((:'swept'::jsonb ->> 'viewers_lost')::integer, 1, 'a viewer of which nothing is heard is closed');
SELECT is((SELECT string_agg(coalesce(v.reason, 'open'), ' ' ORDER BY v.connection_id) FROM streamspace.v_connections AS v WHERE v.connection_id IN (:'alive', :'lost')), 'open lost', 'that one');
SELECT is(pg_temp.cut(:'lost', NULL, '10 minutes'), 'closed', 'its server is told when it is heard again');
SELECT is((SELECT count(*) FROM streamspace_data.viewer_ticket AS x WHERE x.expires_at < now() + interval '10 minutes'), 0::bigint, 'tickets that have expired are gone');
SELECT is((SELECT count(*) FROM streamspace_data.connection AS c WHERE c.connection_id = :'looks'), 1::bigint, 'those who have left are remembered');
SELECT pg_temp.at('29 days', 'SELECT streamspace_rules.sweep_viewers(500)');
SELECT is((SELECT count(*) FROM streamspace_data.connection AS c WHERE c.connection_id = :'looks'), 1::bigint, 'for 30 days');
SELECT is((pg_temp.at('30 days 1 second', 'SELECT streamspace_rules.sweep_viewers(500)')).value ->> 'viewers_purged', (SELECT count(*)::text FROM streamspace_data.connection AS c WHERE c.closed_at <= now() + interval '1 second'),
	'not longer');
SELECT is((SELECT count(*) FROM streamspace_data.connection AS c WHERE c.connection_id = :'looks'), 0::bigint, 'then they are gone');
SELECT is((SELECT count(*) FROM streamspace_data.agent_stream), 1::bigint, 'a stream');
SELECT t.connect('agent-1');
SELECT is((pg_temp.at('0', 'SELECT streamspace_rules.sweep_viewers(500)')).value ->> 'streams_purged', '1', 'of an earlier connection goes');

SELECT * FROM finish();
ROLLBACK;
