-- Calls as a login of the test, their answers as values, and a small world to begin with.

-- What a call came to: code is 'ok' or the error code of the refusal (a bare SQLSTATE if it is not ours).
CREATE TYPE t.answer AS (code text, value jsonb, detail text, hint text, message text, sqlstate text);

CREATE FUNCTION t.error_code(p_sqlstate text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
	SELECT coalesce((SELECT e.code FROM streamspace_data.error_code AS e WHERE e.sqlstate = p_sqlstate), p_sqlstate)
$$;

-- Runs one SELECT that yields one value, as this login, undone if it fails. NULL stays who we are.
CREATE FUNCTION t.ask(p_login text, p_sql text) RETURNS t.answer LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer;
BEGIN
	BEGIN
		IF p_login IS NOT NULL THEN
			PERFORM pg_catalog.set_config('session_authorization', p_login, true);
		END IF;
		EXECUTE 'SELECT pg_catalog.to_jsonb(x) FROM (' || p_sql || ') AS q (x)' INTO v_answer.value;
		v_answer.code := 'ok';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS v_answer.sqlstate = RETURNED_SQLSTATE, v_answer.message = MESSAGE_TEXT,
			v_answer.detail = PG_EXCEPTION_DETAIL, v_answer.hint = PG_EXCEPTION_HINT;
		v_answer.code := t.error_code(v_answer.sqlstate);
	END;
	RESET SESSION AUTHORIZATION;
	RETURN v_answer;
END
$$;

-- The value of a call that has to succeed.
CREATE FUNCTION t.must(p_login text, p_sql text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer := t.ask(p_login, p_sql);
BEGIN
	IF v_answer.code <> 'ok' THEN
		RAISE EXCEPTION '% as %: % (% %)', p_sql, p_login, v_answer.code, v_answer.message, v_answer.detail;
	END IF;
	RETURN v_answer.value;
END
$$;

CREATE FUNCTION t.code(p_login text, p_sql text) RETURNS text LANGUAGE sql AS $$
	SELECT (t.ask(p_login, p_sql)).code
$$;

-- The token of a user (or key of an agent) of the world, as it would come over HTTP, and the actor that it makes.
CREATE FUNCTION t.token(p_name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT encode(sha256(convert_to('token of ' || p_name, 'UTF8')), 'hex')
$$;

CREATE FUNCTION t.actor(p_name text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT sha256(convert_to(t.token(p_name), 'UTF8'))
$$;

-- Shaped like a hash of argon2id; no password has it.
CREATE FUNCTION t.password_hash(p_name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$' || rtrim(encode(sha256(convert_to(p_name, 'UTF8')), 'base64'), '=')
$$;

-- p_token: the log-in's token is t.token(p_token), its actor t.actor(p_token).
CREATE FUNCTION t.login(p_org text, p_user text, p_token text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_hash text := t.must('api', format('SELECT streamspace.login_challenge(p_org => %L, p_user => %L, p_address => %L)', p_org, p_user, '127.0.0.1'))
		->> 'password_hash';
BEGIN
	PERFORM t.must('api', format('SELECT streamspace.complete_login(p_org => %L, p_user => %L, p_verified_hash => %L,
		p_token_hash => %L, p_address => %L)', p_org, p_user, v_hash, t.actor(coalesce(p_token, p_user)), '127.0.0.1'));
END
$$;

-- The public id of the log-in (or API key) whose token is t.token(p_token).
CREATE FUNCTION t.login_id(p_token text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
	SELECT c.credential_id FROM streamspace_data.credential AS c WHERE c.token_hash = t.actor(p_token)
$$;

-- A user with a password, logged in with the token t.actor(name).
CREATE FUNCTION t.make_user(p_name text, p_org text, p_role text DEFAULT 'user', p_max_sessions integer DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_token text := t.must('dba', format('SELECT streamspace.create_user(p_name => %L, p_org => %L, p_role => %L,
		p_display_name => %L, p_max_sessions => %L)', p_name, p_org, p_role, initcap(p_name), p_max_sessions))
		->> 'set_password_token';
BEGIN
	PERFORM t.must('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)',
		sha256(convert_to(v_token, 'UTF8')), t.password_hash(p_name)));
	PERFORM t.login(p_org, p_name);
END
$$;

-- An agent with a key of its own (t.actor(id)): registered, approved and connected, with its stream socket. Answers its epoch.
CREATE FUNCTION t.make_agent(p_agent text, p_platform text DEFAULT 'process', p_max_sessions integer DEFAULT 100)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	v_epoch bigint;
BEGIN
	PERFORM t.must('api', format('SELECT streamspace.register_agent(p_agent => %L, p_platform => %L, p_region => %L,
		p_capacity => %L, p_metadata => %L, p_protocol_version => 3, p_key_hash => %L, p_actor => %L)',
		p_agent, p_platform, 'here', jsonb_build_object('maxSessions', p_max_sessions), '{}',
		encode(t.actor(p_agent), 'hex'), t.actor('bootstrap')));
	PERFORM t.must('dba', format('SELECT streamspace.approve_agent(p_agent => %L, p_key_prefix => %L)', p_agent,
		left(encode(t.actor(p_agent), 'hex'), 8)));
	v_epoch := t.connect(p_agent);
	PERFORM t.stream(p_agent);
	RETURN v_epoch;
END
$$;

CREATE FUNCTION t.connect(p_agent text, p_instance text DEFAULT 'instance-1') RETURNS bigint LANGUAGE sql AS $$
	SELECT (t.must('api', format('SELECT streamspace.connect_agent(p_agent => %L, p_instance => %L, p_replica => %L,
		p_address => %L, p_replace_epoch => NULL, p_actor => %L)', p_agent, p_instance, 'replica-1', '127.0.0.1',
		t.actor(p_agent))) ->> 'epoch')::bigint
$$;

-- The epoch of the agent's open connection.
CREATE FUNCTION t.epoch(p_agent text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS $$
	SELECT c.epoch FROM streamspace_data.agent_connection AS c WHERE c.agent_id = p_agent AND c.disconnected_at IS NULL
$$;

-- The stream socket of an agent at this server; answers its number.
CREATE FUNCTION t.stream(p_agent text, p_replica text DEFAULT 'replica-1', p_address text DEFAULT '127.0.0.1:9090') RETURNS bigint LANGUAGE sql AS $$
	SELECT (t.must('api', format('SELECT streamspace.connect_agent_stream(p_agent => %L, p_epoch => %s, p_replica => %L, p_address => %L, p_actor => %L)',
		p_agent, t.epoch(p_agent), p_replica, p_address, t.actor(p_agent))) ->> 'stream')::bigint
$$;

-- What opening a viewer with this ticket comes to.
CREATE FUNCTION t.view(p_session text, p_ticket text, p_replica text DEFAULT 'replica-1') RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.open_viewer(p_session => %L, p_ticket_hash => %L, p_replica => %L, p_address => %L)',
		p_session, sha256(convert_to(p_ticket, 'UTF8')), p_replica, '192.0.2.7'))
$$;

-- A viewer of a session by this user: its id.
CREATE FUNCTION t.open_viewer(p_user text, p_session text, p_mode text DEFAULT NULL, p_replica text DEFAULT 'replica-1') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer := t.view(p_session, t.must_as(p_user, format('create_viewer_ticket(p_session => %L, p_mode => %L)', p_session, p_mode)) ->> 'ticket',
		p_replica);
BEGIN
	IF v_answer.code <> 'ok' THEN
		RAISE EXCEPTION 'viewer of %: % %', p_user, v_answer.code, v_answer.detail;
	END IF;
	RETURN v_answer.value ->> 'connection';
END
$$;

-- Commands for the agent, as the dispatcher claims them.
CREATE FUNCTION t.claim(p_agent text, p_epoch bigint DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.claim_commands(p_agents => %L, p_limit => 100)',
		jsonb_build_array(jsonb_build_object('agent', p_agent, 'epoch', coalesce(p_epoch, t.epoch(p_agent))))))
$$;

-- One report of an agent: acknowledge_commands, complete_commands, observe_sessions, ... Answers its result word.
CREATE FUNCTION t.report(p_function text, p_agent text, p_item jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.%I(p_items => %L)', p_function,
		jsonb_build_array(jsonb_build_object('agent', p_agent, 'epoch', t.epoch(p_agent)) || p_item))) #>> '{0,result}'
$$;

-- Claims what waits for the agent and completes what was sent for this session, as an agent of protocol 3 does.
CREATE FUNCTION t.run_command(p_agent text, p_session text, p_observed text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_command record;
BEGIN
	PERFORM t.claim(p_agent);
	SELECT c.command_id, c.action, c.revision INTO STRICT v_command FROM streamspace_data.agent_command AS c
	 WHERE c.agent_id = p_agent AND c.object_id = p_session AND c.state IN ('sent', 'acked') ORDER BY c.command_number DESC LIMIT 1;
	PERFORM t.report('acknowledge_commands', p_agent, jsonb_build_object('commandId', v_command.command_id));
	PERFORM t.report('observe_sessions', p_agent, jsonb_build_object('sessionId', p_session, 'state', p_observed,
		'revision', v_command.revision));
	PERFORM t.report('complete_commands', p_agent, jsonb_build_object('commandId', v_command.command_id, 'ok', true,
		'result', jsonb_build_object('state', p_observed, 'revision', v_command.revision)));
	RETURN v_command.action;
END
$$;

-- A call of a user of the world, through the server's login.
CREATE FUNCTION t.as(p_user text, p_call text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.%s%sp_actor => %L)', left(p_call, -1),
		CASE WHEN p_call ~ '\(\)$' THEN '' ELSE ', ' END, t.actor(p_user)))
$$;

CREATE FUNCTION t.must_as(p_user text, p_call text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer := t.as(p_user, p_call);
BEGIN
	IF v_answer.code <> 'ok' THEN
		RAISE EXCEPTION '% as %: % (% %)', p_call, p_user, v_answer.code, v_answer.message, v_answer.detail;
	END IF;
	RETURN v_answer.value;
END
$$;

CREATE FUNCTION t.code_as(p_user text, p_call text) RETURNS text LANGUAGE sql AS $$
	SELECT (t.as(p_user, p_call)).code
$$;

-- A session of the world, and its state as its owner is told.
CREATE FUNCTION t.create_session(p_user text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must_as(p_user, $q$create_session(p_template => 'term')$q$) ->> 'id'
$$;

CREATE FUNCTION t.state(p_session text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', p_session)) ->> 'state'
$$;

-- Sessions that an agent holds places for, by the counters of its pool.
CREATE VIEW t.agent_load AS
	SELECT p.agent_id::text AS agent_id, (p.sessions - sum(f.sessions))::integer AS sessions
	FROM streamspace_data.pool AS p JOIN streamspace_data.pool_slot AS f ON f.pool_id = p.pool_id
	WHERE p.kind = 'agent' GROUP BY p.pool_id;

-- Counters of pools that differ from the rows they count, in any dimension: none when all is right.
CREATE FUNCTION t.miscounts() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER AS $$
	WITH charged AS (
		SELECT p.pool_id, 1 AS sessions, s.millicores, s.memory_mib, 0 AS storage_mib
		  FROM streamspace_data.session AS s, unnest(s.pools) AS p (pool_id) WHERE s.state <> 'terminated'
		UNION ALL
		SELECT p.pool_id, 1, s.millicores, s.memory_mib, 0
		  FROM streamspace_data.session AS s JOIN streamspace_data.pool AS p ON p.agent_id = s.agent_id WHERE s.holds_place
		UNION ALL
		SELECT p.pool_id, 0, 0, 0, h.size_mib
		  FROM streamspace_data.home AS h, unnest(h.pools) AS p (pool_id) WHERE h.state = 'kept'
	), used AS (
		SELECT c.pool_id, sum(c.sessions) AS sessions, sum(c.millicores) AS millicores, sum(c.memory_mib) AS memory_mib,
		       sum(c.storage_mib) AS storage_mib FROM charged AS c GROUP BY c.pool_id
	), free AS (
		SELECT f.pool_id, sum(f.sessions) AS sessions, sum(f.millicores) AS millicores, sum(f.memory_mib) AS memory_mib,
		       sum(f.storage_mib) AS storage_mib, count(*) AS slots FROM streamspace_data.pool_slot AS f GROUP BY f.pool_id
	)
	SELECT format('pool %s (%s), %s: limit %s, used %s, free %s', p.pool_id, p.kind, d.name, d.max, d.used, d.free)
	  FROM streamspace_data.pool AS p
	  JOIN free AS f ON f.pool_id = p.pool_id
	  LEFT JOIN used AS u ON u.pool_id = p.pool_id,
	       LATERAL (VALUES ('sessions', p.sessions, u.sessions, f.sessions), ('millicores', p.millicores, u.millicores, f.millicores),
	               ('memory_mib', p.memory_mib, u.memory_mib, f.memory_mib), ('storage_mib', p.storage_mib, u.storage_mib, f.storage_mib),
	               ('slots', p.slots, 0, f.slots)) AS d (name, max, used, free)
	 WHERE coalesce(d.max, 1000000000000000) <> coalesce(d.used, 0) + d.free
	UNION ALL
	SELECT format('pool %s (%s) has no slot', p.pool_id, p.kind) FROM streamspace_data.pool AS p
	 WHERE p.kind <> 'user_default' AND NOT EXISTS (SELECT FROM streamspace_data.pool_slot AS f WHERE f.pool_id = p.pool_id)
$$;

-- The world: two organisations, red (ann and art are users, amy its administrator) and blue (bob, and bea its
-- administrator), the platform administrator root, the template `term` in both, and no agent.
CREATE FUNCTION t.world() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.must('dba', format('SELECT streamspace.initialize(p_org => %L, p_admin => %L, p_password_hash => %L,
		p_bootstrap_key_hash => %L)', 'default', 'root', t.password_hash('root'), t.actor('bootstrap')));
	PERFORM t.login('default', 'root');
	PERFORM t.must('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_display_name => ''Red'', p_max_sessions => 100,
		p_max_sessions_per_user => 50)');
	PERFORM t.must('dba', 'SELECT streamspace.put_org(p_name => ''blue'', p_display_name => ''Blue'', p_max_sessions => 100,
		p_max_sessions_per_user => 50)');
	PERFORM t.make_user('ann', 'red'), t.make_user('art', 'red'), t.make_user('amy', 'red', 'org_admin');
	PERFORM t.make_user('bob', 'blue'), t.make_user('bea', 'blue', 'org_admin');
	PERFORM t.must('dba', format('SELECT streamspace.put_template(p_name => ''term'', p_spec => %L, p_org => %L)', s.spec, o.org))
		FROM (VALUES ('red'), ('blue')) AS o (org),
		     (VALUES ('{"displayName": "Terminal", "platforms": ["process"], "command": ["xterm"]}')) AS s (spec);
END
$$;
