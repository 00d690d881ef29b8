-- The world of the matrix, and how one cell of it is tried. On top of tests/sql/lib; the database may be fresh, or have
-- an installation with the administrator root-admin.
--
-- red: pat (platform_admin), amy (org_admin), oda (operator), ann (user) and abe (auditor) are the actors; art is their
-- colleague, zoe a user who owns nothing. blue: bob (user), bea (org_admin). Everybody of m.person owns one of each
-- thing; m.subject says their ids.
CREATE SCHEMA m;
GRANT USAGE ON SCHEMA m TO PUBLIC;

CREATE TABLE m.subject (person text, var text, value text, PRIMARY KEY (person, var));

-- A session of this person in this state.
CREATE FUNCTION m.session(p_owner text, p_org text, p_state text, p_template text DEFAULT 'term') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_id text := t.must('dba', format('SELECT streamspace.create_session(p_template => %L, p_owner => %L, p_org => %L)', p_template, p_owner, p_org)) ->> 'id';
BEGIN
	IF p_state = 'failed' THEN
		PERFORM t.claim('agent-1');
		PERFORM t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', v_id, 'state', 'failed', 'reason', 'Crashed',
			'revision', (SELECT s.agent_revision FROM streamspace_data.session AS s WHERE s.session_id = v_id)));
	ELSE
		PERFORM t.run_command('agent-1', v_id, 'running');
	END IF;
	IF p_state = 'hibernated' THEN
		PERFORM t.must('dba', format('SELECT streamspace.hibernate_session(p_session => %L)', v_id));
		PERFORM t.run_command('agent-1', v_id, 'hibernated');
	END IF;
	IF t.state(v_id) <> p_state THEN
		RAISE EXCEPTION 'a session of % is %, not %', p_owner, t.state(v_id), p_state;
	END IF;
	RETURN v_id;
END
$$;

CREATE FUNCTION m.dba(p_call text, VARIADIC p_values text[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', 'SELECT streamspace.' || format(p_call, VARIADIC p_values))
$$;

-- An API key of the actor; its token is t.token(p_token).
CREATE FUNCTION m.key(p_owner text, p_scope text, p_token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_id text := t.must_as(p_owner, format('create_api_key(p_name => %L, p_scopes => ARRAY[%L])', p_token, p_scope)) #>> '{api_key,id}';
BEGIN
	UPDATE streamspace_data.credential SET token_hash = t.actor(p_token) WHERE credential_id = v_id;
	RETURN v_id;
END
$$;

CREATE FUNCTION m.build() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_spec constant text := '{"displayName": "T", "platforms": ["process"], "command": ["x"]}';
	v_person record;
	v_id text;
BEGIN
	IF EXISTS (SELECT FROM streamspace_data.app_user) THEN
		PERFORM m.dba('set_bootstrap_key(p_key_hash => %L)', t.actor('bootstrap')::text);
	ELSE
		PERFORM m.dba('initialize(p_org => ''default'', p_admin => ''root-admin'', p_password_hash => %L, p_bootstrap_key_hash => %L)',
			t.password_hash('root-admin'), t.actor('bootstrap')::text);
	END IF;
	PERFORM m.dba('put_org(p_name => %L, p_display_name => '''', p_max_sessions => 1000, p_max_sessions_per_user => 100)', o)
		FROM unnest(ARRAY['red', 'blue']) AS o;
	PERFORM t.make_user(u.name, u.org, u.role) FROM (VALUES ('pat', 'red', 'platform_admin'), ('amy', 'red', 'org_admin'), ('oda', 'red', 'operator'),
		('ann', 'red', 'user'), ('abe', 'red', 'auditor'), ('art', 'red', 'user'), ('zoe', 'red', 'user'), ('bob', 'blue', 'user'), ('bea', 'blue', 'org_admin'),
		('bib', 'blue', 'user'), ('ida', 'red', 'platform_admin'), ('lea', 'red', 'platform_admin'), ('rex', 'red', 'platform_admin'),
		('ina', 'red', 'platform_admin'), ('una', 'red', 'platform_admin')) AS u (name, org, role);
	PERFORM t.make_agent('agent-1', 'process', 500);
	PERFORM t.must('api', format('SELECT streamspace.register_agent(p_agent => ''agent-new'', p_platform => ''process'',
		p_capacity => ''{"maxSessions": 5}'', p_metadata => ''{}'', p_protocol_version => 3, p_key_hash => %L, p_actor => %L)',
		encode(t.actor('agent-new'), 'hex'), t.actor('bootstrap')));

	-- Groups: the actors are of `mine`, art of `theirs`, bob of `blues`; nobody needs `spare`.
	PERFORM m.dba('put_group(p_name => %L, p_org => %L)', g.name, g.org)
		FROM (VALUES ('mine', 'red'), ('theirs', 'red'), ('spare', 'red'), ('blues', 'blue'), ('spare', 'blue')) AS g (name, org);
	PERFORM m.dba('add_group_member(p_group => %L, p_user => %L, p_org => %L)', g.name, g.member, g.org)
		FROM (VALUES ('mine', 'red', 'pat'), ('mine', 'red', 'amy'), ('mine', 'red', 'oda'), ('mine', 'red', 'ann'), ('mine', 'red', 'abe'),
			('theirs', 'red', 'art'), ('blues', 'blue', 'bob')) AS g (name, org, member);
	-- Templates: one kept for each group, `term` for everybody; nobody needs `spare`.
	PERFORM m.dba('put_template(p_name => %L, p_spec => %L, p_org => %L)', x.name, v_spec, x.org)
		FROM (VALUES ('term', 'red'), ('term', 'blue'), ('homely', 'red'), ('for-mine', 'red'), ('for-theirs', 'red'), ('for-blues', 'blue'), ('spare', 'red'), ('spare', 'blue')) AS x (name, org);
	PERFORM m.dba('set_template_access(p_template => %L, p_groups => ARRAY[%L], p_org => %L)', x.name, x.kept, x.org)
		FROM (VALUES ('for-mine', 'mine', 'red'), ('for-theirs', 'theirs', 'red'), ('for-blues', 'blues', 'blue')) AS x (name, kept, org);

	-- A copy of a template of the platform in both; and one of red's that is published.
	PERFORM m.dba('put_template(p_name => ''gift'', p_spec => %L)', v_spec), m.dba('put_template(p_name => ''exported'', p_spec => %L, p_org => ''red'')', v_spec);
	PERFORM m.dba('publish_template(p_template => ''gift'', p_orgs => ''{red,blue}'')'),
		m.dba('publish_template(p_template => ''exported'', p_orgs => ''{default}'', p_org => ''red'')');

	FOR v_person IN
		SELECT u.name, o.name AS org, u.role FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o USING (org_id)
		WHERE u.name IN ('pat', 'amy', 'oda', 'ann', 'abe', 'art', 'bob') ORDER BY u.name
	LOOP
		INSERT INTO m.subject VALUES (v_person.name, 'user', v_person.name), (v_person.name, 'org_name', v_person.org),
			(v_person.name, 'group', CASE v_person.name WHEN 'art' THEN 'theirs' WHEN 'bob' THEN 'blues' ELSE 'mine' END),
			(v_person.name, 'template', CASE v_person.name WHEN 'art' THEN 'for-theirs' WHEN 'bob' THEN 'for-blues' ELSE 'for-mine' END),
			(v_person.name, 'newcomer', CASE v_person.org WHEN 'red' THEN 'zoe' ELSE 'bib' END),
			(v_person.name, 'running', m.session(v_person.name, v_person.org, 'running')),
			(v_person.name, 'asleep', m.session(v_person.name, v_person.org, 'hibernated')),
			(v_person.name, 'failed', m.session(v_person.name, v_person.org, 'failed'));
		PERFORM t.login(v_person.org, v_person.name, v_person.name || ' elsewhere');
		INSERT INTO m.subject VALUES (v_person.name, 'login', t.login_id(v_person.name || ' elsewhere'));
		-- An auditor cannot make a key; one that he had before is his.
		UPDATE streamspace_data.app_user SET role = 'user' WHERE name = 'abe' AND v_person.name = 'abe';
		INSERT INTO m.subject VALUES (v_person.name, 'key', m.key(v_person.name, 'read', 'key of ' || v_person.name));
		UPDATE streamspace_data.app_user SET role = 'auditor' WHERE name = 'abe' AND v_person.name = 'abe';
		INSERT INTO m.subject
		SELECT v_person.name, 'share', m.dba('share_session(p_session => %L, p_user => %L)', s.value, n.value) ->> 'id'
		FROM m.subject AS s JOIN m.subject AS n USING (person) WHERE person = v_person.name AND s.var = 'running' AND n.var = 'newcomer';
		INSERT INTO m.subject VALUES (v_person.name, 'home',
			m.dba('create_home(p_name => ''papers'', p_owner => %L, p_org => %L)', v_person.name, v_person.org) ->> 'id');
		-- A viewer of his own session: asked for in an earlier role, since an auditor gets no ticket.
		UPDATE streamspace_data.app_user SET role = 'user' WHERE name = 'abe' AND v_person.name = 'abe';
		INSERT INTO m.subject SELECT v_person.name, 'viewer', t.open_viewer(v_person.name, s.value) FROM m.subject AS s
		WHERE s.person = v_person.name AND s.var = 'running';
		UPDATE streamspace_data.app_user SET role = 'auditor' WHERE name = 'abe' AND v_person.name = 'abe';
		INSERT INTO m.subject VALUES (v_person.name, 'epoch', t.epoch('agent-1'));
		PERFORM m.dba('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "UTC", "days": [1, 2, 3, 4, 5, 6, 7], "start": "00:00", "stop": "23:59", "enabled": false}'')', s.value)
			FROM m.subject AS s WHERE s.person = v_person.name AND s.var = 'running';
		PERFORM m.dba('put_policy(p_scope => ''user'', p_name => %L, p_policy => ''{"idle_seconds": 40000}'', p_org => %L)', v_person.name, v_person.org);
		PERFORM m.dba('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 40000}'')', s.value)
			FROM m.subject AS s WHERE s.person = v_person.name AND s.var = 'running';
		PERFORM m.dba('update_session(p_session => %L, p_tags => ''{work}'')', s.value) FROM m.subject AS s WHERE s.person = v_person.name AND s.var = 'running';
		PERFORM t.must('api', format('SELECT streamspace.record_credential_uses(p_items => jsonb_build_array(jsonb_build_object(''hash'', %L, ''age_ms'', 5)))',
			encode(t.actor(v_person.name), 'hex')));
	END LOOP;
	-- A token of enrolment, which is of no organisation.
	v_id := m.dba('create_agent_token(p_agent => ''agent-tokened'')') #>> '{agent_token,id}';
	INSERT INTO m.subject SELECT s.person, 'agent_token', v_id FROM m.subject AS s WHERE s.var = 'user';
	-- Sessions of art that are shared with every actor.
	INSERT INTO m.subject VALUES ('art', 'viewed', m.session('art', 'red', 'running')), ('art', 'controlled', m.session('art', 'red', 'running')),
		('art', 'lent', m.session('art', 'red', 'running')), ('art', 'among_others', m.session('zoe', 'red', 'running'));
	PERFORM m.dba('share_session(p_session => %L, p_group => ''mine'', p_mode => %L)', s.value, CASE s.var WHEN 'viewed' THEN 'view' ELSE 'control' END)
		FROM m.subject AS s WHERE s.person = 'art' AND s.var IN ('viewed', 'controlled');

	-- A home of art of the template `homely`, which waits for his next session of it.
	v_id := m.session('art', 'red', 'running', 'homely');
	INSERT INTO m.subject SELECT 'art', 'waiting_home', s.home_id FROM streamspace_data.session AS s WHERE s.session_id = v_id;
	PERFORM m.dba('terminate_session(p_session => %L)', v_id);
	PERFORM t.run_command('agent-1', v_id, 'terminated');
	PERFORM m.dba('share_session(p_session => %L, p_user => %L)', s.value, u.name)
		FROM m.subject AS s, unnest(ARRAY['pat', 'amy', 'oda', 'ann', 'abe']) AS u (name) WHERE s.person = 'art' AND s.var = 'lent';
	PERFORM m.dba('share_session(p_session => %L, p_group => ''theirs'')', s.value) FROM m.subject AS s WHERE s.person = 'art' AND s.var = 'among_others';
	-- An own session that is shared with a group of one's own.
	PERFORM m.dba('share_session(p_session => %L, p_group => ''mine'')', s.value)
		FROM m.subject AS s WHERE s.person IN ('pat', 'amy', 'oda', 'ann', 'abe') AND s.var = 'failed';
	-- Their servers tell of the viewers for as long as this world lasts.
	UPDATE streamspace_data.connection SET reviewed_at = now() + interval '1 day';
	-- What nobody has called for yet: who was active, and where homes lie.
	INSERT INTO streamspace_data.session_activity (org_id, session_id, active_at, kind, actor)
	SELECT s.org_id, s.session_id, now(), 'input', 'user' FROM streamspace_data.session AS s WHERE s.state = 'running' ON CONFLICT DO NOTHING;
	INSERT INTO streamspace_data.home_location (org_id, home_id, agent_id, since)
	SELECT h.org_id, h.home_id, 'agent-1', now() FROM streamspace_data.home AS h ON CONFLICT DO NOTHING;

	-- Credentials of platform administrators that open nothing: unused for long, expired, revoked, of one who is inactive,
	-- a token for a new password.
	UPDATE streamspace_data.credential SET created_at = created_at - interval '9 hours', expires_at = now() + interval '1 hour' WHERE token_hash = t.actor('ida');
	UPDATE streamspace_data.credential SET expires_at = now() - interval '1 second', created_at = created_at - interval '1 hour' WHERE token_hash = t.actor('lea');
	UPDATE streamspace_data.credential SET revoked_at = now() WHERE token_hash = t.actor('rex');
	UPDATE streamspace_data.app_user SET active = false WHERE name = 'ina';
	PERFORM m.dba('reset_password(p_user => ''una'', p_org => ''red'')');
	DELETE FROM streamspace_data.credential WHERE token_hash = t.actor('una');
	UPDATE streamspace_data.credential AS c SET token_hash = t.actor('una') FROM streamspace_data.app_user AS u
	WHERE u.user_id = c.user_id AND u.name = 'una' AND c.kind = 'set_password' AND c.revoked_at IS NULL;
	-- Who has come into a group is told to read anew, instead of what has changed.
	DELETE FROM streamspace_data.signal AS g WHERE g.session_id IS NULL;
END
$$;

-- One cell: what the call came to, undone whatever it was. 'ok', 'hidden' (p_finds is not in the answer), or the error code.
CREATE FUNCTION m.try(p_login text, p_sql text, p_finds text, p_path text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_json jsonb;
	v_result text := 'ok';
BEGIN
	BEGIN
		PERFORM pg_catalog.set_config('session_authorization', p_login, true);
		EXECUTE 'SELECT pg_catalog.to_jsonb(x) FROM (' || p_sql || ') AS q (x)' INTO v_json;
		IF p_finds IS NOT NULL AND position('"' || p_finds || '"' IN v_json::text) = 0 THEN
			v_result := 'hidden';
		ELSIF p_path IS NOT NULL THEN
			v_result := coalesce(v_json #>> p_path, 'ok');
		END IF;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN
			NULL;
		WHEN OTHERS THEN
			v_result := t.error_code(SQLSTATE);
	END;
	RESET SESSION AUTHORIZATION;
	RETURN v_result;
END
$$;

CREATE TABLE m.cell (cell_id integer PRIMARY KEY, line text NOT NULL, login text NOT NULL, call text NOT NULL, finds text, path text[], want text NOT NULL);

-- The first of these cells that is not as expected after a change of the database, which is undone.
CREATE FUNCTION m.mutate(p_change text[], p_cells integer[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_change text;
	v_cell record;
	v_got text;
	v_red text := 'survived';
BEGIN
	FOREACH v_change IN ARRAY p_change LOOP
		EXECUTE v_change;
	END LOOP;
	FOR v_cell IN SELECT c.* FROM unnest(p_cells) WITH ORDINALITY AS i (cell_id, position) JOIN m.cell AS c USING (cell_id) ORDER BY i.position LOOP
		v_got := m.try(v_cell.login, v_cell.call, v_cell.finds, v_cell.path);
		IF v_got <> v_cell.want THEN
			v_red := format('red %s: %s instead of %s', v_cell.line, v_got, v_cell.want);
			EXIT;
		END IF;
	END LOOP;
	RAISE EXCEPTION USING ERRCODE = 'UNDO2';
EXCEPTION
	WHEN SQLSTATE 'UNDO2' THEN
		RETURN v_red;
	WHEN OTHERS THEN
		RETURN 'broken ' || SQLERRM;
END
$$;

-- Row-level security by itself, as the role that the functions run as, with blue set: what it reads, writes and moves.
-- p_column says whose a row is.
CREATE FUNCTION m.look(p_table regclass, p_column text, p_how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_red integer := (SELECT o.org_id FROM streamspace_data.org AS o WHERE o.name = 'red');
	v_blue integer := (SELECT o.org_id FROM streamspace_data.org AS o WHERE o.name = 'blue');
	v_row jsonb;
	v_n bigint;
	v_result text := 'passed';
BEGIN
	EXECUTE format('SELECT to_jsonb(x) FROM %s AS x WHERE x.%I = $1 LIMIT 1', p_table, p_column) INTO v_row USING v_red;
	IF v_row IS NULL THEN
		RETURN 'no row of red to look for';
	END IF;
	BEGIN
		PERFORM set_config('streamspace.org', v_blue::text, true);
		SET LOCAL ROLE streamspace_definer;
		CASE p_how
		WHEN 'read' THEN
			EXECUTE format('SELECT count(*) FROM %s AS x WHERE x.%I IS DISTINCT FROM $1', p_table, p_column) INTO v_n USING v_blue;
			v_result := CASE WHEN v_n = 0 THEN 'hidden' ELSE 'seen' END;
		WHEN 'write' THEN
			EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::%s, $1)', p_table, p_table) USING v_row;
		WHEN 'move' THEN
			EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2', p_table, p_column, p_column) USING v_red, v_blue;
			GET DIAGNOSTICS v_n = ROW_COUNT;
			v_result := CASE WHEN v_n = 0 THEN 'no row of blue to move' ELSE 'passed' END;
		WHEN 'delete' THEN
			EXECUTE format('DELETE FROM %s WHERE %I = $1', p_table, p_column) USING v_red;
			GET DIAGNOSTICS v_n = ROW_COUNT;
			v_result := CASE WHEN v_n = 0 THEN 'refused' ELSE 'passed' END;
		END CASE;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION
		WHEN SQLSTATE 'UNDO1' THEN
			NULL;
		WHEN insufficient_privilege THEN
			v_result := 'refused';
		WHEN integrity_constraint_violation THEN
			v_result := 'passed';
	END;
	RETURN v_result;
END
$$;
