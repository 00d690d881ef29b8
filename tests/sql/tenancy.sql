-- Two tenants: what red has, blue cannot see, touch or refer to; as logins without SUPERUSER or BYPASSRLS.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE x AS SELECT t.create_session('ann') AS red, t.create_session('bob') AS blue;
GRANT SELECT ON x TO PUBLIC;
SELECT t.must_as('amy', 'put_template(p_name => ''secret-red'', p_spec => ''{"displayName": "R", "platforms": ["process"], "command": ["x"]}'')');

SELECT is_empty($$SELECT r.rolname FROM pg_roles AS r WHERE r.rolname IN ('api', 'dba', 'streamspace_definer')
	AND (r.rolsuper OR r.rolbypassrls)$$, 'the roles of this test bypass nothing');

-- 1. Through the functions, as every role of blue.
SELECT is(t.code_as(w.who, format(c.call, (SELECT red FROM x))), c.want, format('%s of blue: %s', w.who, c.call)) FROM
	(VALUES ('bob'), ('bea')) AS w (who),
	(VALUES ('get_session(p_session => %L)', 'session_not_found'), ('hibernate_session(p_session => %L)', 'session_not_found'),
		('wake_session(p_session => %L)', 'session_not_found'), ('terminate_session(p_session => %L)', 'session_not_found'),
		('terminate_session(p_session => %L, p_force => true)', 'session_not_found'),
		('get_template(p_name => ''secret-red'')', 'template_not_found'),
		('create_session(p_template => ''secret-red'')', 'template_not_found'),
		('list_sessions(p_org => ''red'')', 'forbidden'), ('list_templates(p_org => ''red'')', 'forbidden'),
		('list_users(p_org => ''red'')', 'forbidden'),
		('get_template(p_name => ''secret-red'', p_org => ''red'')', 'forbidden')) AS c (call, want);
SELECT is_empty($$SELECT i ->> 'id' FROM jsonb_array_elements(t.must_as('bea', 'list_sessions()') -> 'items') AS i
	WHERE i ->> 'org' <> 'blue' OR i ->> 'id' = (SELECT red FROM x)$$, 'a list of sessions is one organisation''s');
SELECT isnt_empty($$SELECT i FROM jsonb_array_elements(t.must_as('bea', 'list_sessions()') -> 'items') AS i$$, 'and not empty');
SELECT is_empty($$SELECT i FROM jsonb_array_elements(t.must_as('bea', 'list_templates()') -> 'items') AS i
	WHERE i ->> 'name' = 'secret-red' OR i ->> 'org' <> 'blue'$$, 'so is a list of templates');
SELECT is_empty($$SELECT i FROM jsonb_array_elements(t.must_as('bea', 'list_users()') -> 'items') AS i
	WHERE i ->> 'name' IN ('ann', 'amy', 'art', 'root')$$, 'and a list of users');
SELECT is(t.state((SELECT red FROM x)), 'starting', 'red''s session is as it was');
SELECT is(t.code_as('root', format('get_session(p_session => %L)', (SELECT red FROM x))), 'ok', 'a platform administrator sees it');

-- 2. In the tables, as the role that the functions run as.
CREATE FUNCTION pg_temp.org(p_name text) RETURNS int LANGUAGE sql STABLE AS $$
	SELECT o.org_id FROM streamspace_data.org AS o WHERE o.name = p_name
$$;
CREATE TEMP TABLE tenant_table AS
	SELECT k.oid::regclass AS name FROM pg_class AS k
	  JOIN pg_attribute AS a ON a.attrelid = k.oid AND a.attname = 'org_id' AND NOT a.attisdropped
	 WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') AND NOT k.relispartition
	   AND has_table_privilege('streamspace_definer', k.oid, 'SELECT');
CREATE TEMP TABLE leak (name regclass, foreign_rows bigint, own_rows bigint);
GRANT ALL ON leak, tenant_table TO PUBLIC;

-- Rows of other organisations that the definer sees with the setting of this one.
CREATE FUNCTION pg_temp.look(p_org int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_table regclass;
	v_foreign bigint;
	v_own bigint;
BEGIN
	DELETE FROM leak;
	PERFORM set_config('streamspace.org', coalesce(p_org::text, ''), true);
	FOR v_table IN SELECT x.name FROM tenant_table AS x LOOP
		SET LOCAL ROLE streamspace_definer;
		EXECUTE format('SELECT count(*) FILTER (WHERE x.org_id IS DISTINCT FROM $1), count(*) FILTER (WHERE x.org_id = $1) FROM %s AS x',
			v_table) INTO v_foreign, v_own USING p_org;
		RESET ROLE;
		INSERT INTO leak VALUES (v_table, v_foreign, v_own);
	END LOOP;
	PERFORM set_config('streamspace.org', '', true);
END
$$;
SELECT cmp_ok((SELECT count(*) FROM tenant_table), '>=', 6::bigint, 'there are tenant tables that the definer reads');
SELECT pg_temp.look(pg_temp.org('blue'));
SELECT is_empty('SELECT * FROM leak WHERE foreign_rows > 0', 'with blue set, no table shows a row of another organisation');
SELECT set_has('SELECT name::text FROM leak WHERE own_rows > 0', $$VALUES ('streamspace_data.session'), ('streamspace_data.app_user'),
	('streamspace_data.template'), ('streamspace_data.template_revision')$$, 'and its own rows are there');
SELECT pg_temp.look(NULL);
SELECT is_empty('SELECT * FROM leak WHERE foreign_rows > 0', 'with none set, no table shows anything: a forgotten actor sees nothing');

CREATE FUNCTION pg_temp.write(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_rows bigint;
	v_result text;
BEGIN
	PERFORM set_config('streamspace.org', pg_temp.org('blue')::text, true);
	SET LOCAL ROLE streamspace_definer;
	BEGIN
		EXECUTE p_sql;
		GET DIAGNOSTICS v_rows = ROW_COUNT;
		v_result := v_rows || ' rows';
	EXCEPTION WHEN OTHERS THEN
		v_result := SQLSTATE;
	END;
	RESET ROLE;
	PERFORM set_config('streamspace.org', '', true);
	RETURN v_result;
END
$$;
SELECT is(pg_temp.write(format('UPDATE streamspace_data.session SET message = ''x'' WHERE session_id = %L', (SELECT red FROM x))), '0 rows',
	'an update does not find red''s row');
SELECT is(pg_temp.write(format('UPDATE streamspace_data.session SET message = ''x'' WHERE session_id = %L', (SELECT blue FROM x))), '1 rows',
	'control: it finds blue''s');
SELECT is(pg_temp.write(format('UPDATE streamspace_data.template SET org_id = %s', pg_temp.org('red'))), '42501', 'no row moves over');
SELECT is(pg_temp.write(format('INSERT INTO streamspace_data.template (org_id, name) VALUES (%s, ''planted'')', pg_temp.org('red'))),
	'42501', 'no row is planted');
SELECT is(pg_temp.write(format('INSERT INTO streamspace_data.template (org_id, name) VALUES (%s, ''planted'')', pg_temp.org('blue'))),
	'1 rows', 'control: blue''s own is');

-- 3. The red control: the same look with the policies gone must see the neighbour.
SELECT lives_ok(format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name), format('control: policies of %s off', name)) FROM tenant_table;
SELECT pg_temp.look(pg_temp.org('blue'));
SELECT set_has('SELECT name::text FROM leak WHERE foreign_rows > 0', $$VALUES ('streamspace_data.session'), ('streamspace_data.app_user'),
	('streamspace_data.template'), ('streamspace_data.template_revision')$$,
	'control: without policies every such table leaks, so the look above can see');
SELECT lives_ok(format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name), format('control: policies of %s on', name)) FROM tenant_table;

-- 4. Keys, which row-level security does not guard: a reference from tenant table to tenant table carries org_id.
SELECT is_empty($$
	SELECT c.conname FROM pg_constraint AS c
	 WHERE c.contype = 'f' AND c.connamespace = 'streamspace_data'::regnamespace
	   AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attname = 'org_id')
	   AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.confrelid AND a.attname = 'org_id')
	   -- A viewer may be of another organisation than the session (a platform administrator): the row names both.
	   AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attname IN ('org_id', 'user_org_id') AND a.attnum = ANY (c.conkey))
	   -- A copy names its source in another organisation; only functions of the system write it.
	   AND c.conname <> 'template_copy_has_a_source'
$$, 'every foreign key between tenant tables contains org_id');
SELECT ok(NOT has_table_privilege('streamspace_definer', 'streamspace_data.template_copy', 'INSERT, UPDATE, DELETE'),
	'but for one, in a table that no function of an organisation writes');

-- 5. A call leaves no tenancy behind, and a partition cannot be read by name.
SELECT is(coalesce(current_setting('streamspace.org', true), ''), '', 'no organisation is left set');
CREATE FUNCTION pg_temp.left_over(p_call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.must_as('amy', p_call);
	RETURN coalesce(current_setting('streamspace.org', true), '');
END
$$;
SELECT is(pg_temp.left_over(c), '', format('nor after %s', c)) FROM unnest(ARRAY['get_me()', 'list_sessions()', 'list_users()', 'list_templates()', 'list_agents()',
	'get_template(p_name => ''term'')', format('get_session(p_session => %L)', (SELECT red FROM x)), 'create_session(p_template => ''term'')',
	'create_session(p_template => ''term'', p_dry_run => true)', 'reset_password(p_user => ''art'')',
	'put_template(p_name => ''x'', p_spec => ''{"displayName": "X", "platforms": ["process"], "command": ["x"]}'')']) AS c;
SELECT is(t.code_as('ann', 'get_template(p_name => ''none'')') || coalesce(current_setting('streamspace.org', true), ''), 'template_not_found', 'nor after a refusal');
SELECT ok(NOT has_table_privilege(r.role, i.inhrelid, 'SELECT, INSERT, UPDATE, DELETE'), format('%s may not touch %s', r.role, i.inhrelid::regclass))
  FROM pg_inherits AS i, unnest(ARRAY['streamspace_definer', 'streamspace_api', 'streamspace_dba', 'streamspace_monitor']) AS r (role)
 WHERE i.inhparent IN ('streamspace_data.session_event'::regclass, 'streamspace_data.audit_log'::regclass);

SELECT * FROM finish();
ROLLBACK;
