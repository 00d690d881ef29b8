-- Many rows for organisation red, and every list with every filter: for the plans of tests/sql/list_plans.py and the times of
-- bench/p11.py. A fraction of each table stays the same at every size, so that pages are as full with 1,000 sessions as with
-- 1,000,000.

-- On t.world(), of a database that is thrown away: the triggers of sessions stay off. As the superuser; other triggers and
-- foreign keys are passed over.
CREATE FUNCTION t.fill(p_sessions integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_org integer := (SELECT o.org_id FROM streamspace_data.org AS o WHERE o.name = 'red');
	v_ann integer := (SELECT u.user_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_org AND u.name = 'ann');
	v_art integer := (SELECT u.user_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_org AND u.name = 'art');
	v_term integer := (SELECT x.template_id FROM streamspace_data.template AS x WHERE x.org_id = v_org AND x.name = 'term');
	v_part integer := p_sessions / 8;
	v_spec jsonb := '{"displayName": "Terminal", "platforms": ["process"], "command": ["xterm"]}';
BEGIN
	PERFORM set_config('session_replication_role', 'replica', true);
	ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
	ALTER TABLE streamspace_data.session_tag DISABLE TRIGGER USER;
	RAISE NOTICE 'filling template';
	INSERT INTO streamspace_data.template (org_id, template_id, name)
	OVERRIDING SYSTEM VALUE SELECT v_org, v_term + n, 'template-' || n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling template_revision';
	INSERT INTO streamspace_data.template_revision (org_id, template_id, revision, spec, platforms, created_by)
	SELECT v_org, v_term + n, 1, v_spec, ARRAY['process'], 'test' FROM generate_series(1, v_part) AS n;
	INSERT INTO streamspace_data.template_revision (org_id, template_id, revision, spec, platforms, created_by)
	SELECT v_org, v_term, n + 1, v_spec, ARRAY['process'], 'test' FROM generate_series(1, v_part) AS n;

	-- Half of them ann's; of those, and of the others, half hibernated; of all these half from `term`.
	RAISE NOTICE 'filling session';
	INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform, agent_id, state, state_event,
		desired_state, created_at, updated_at, state_at)
	SELECT v_org, 's-' || lpad(n::text, 26, '0'), CASE WHEN n % 2 = 0 THEN v_ann ELSE v_art END,
		CASE WHEN n / 4 % 2 = 0 THEN v_term ELSE v_term + 1 END, 1, 'process', 'agent-1',
		CASE WHEN n / 2 % 2 = 0 THEN 'hibernated' ELSE 'terminated' END, 'create', 'terminated', x.at, x.at, x.at
	FROM generate_series(1, p_sessions) AS n, LATERAL (SELECT now() - n * interval '1 second' AS at) AS x;
	RAISE NOTICE 'filling session_tag';
	INSERT INTO streamspace_data.session_tag (org_id, tag, created_at, session_id, user_id)
	SELECT s.org_id, 'blue', s.created_at, s.session_id, s.user_id FROM streamspace_data.session AS s
	WHERE s.org_id = v_org AND right(s.session_id, 1)::integer < 5;
	RAISE NOTICE 'filling session_share';
	INSERT INTO streamspace_data.session_share (org_id, share_id, session_id, user_id, mode, session_created_at, created_by, created_at)
	SELECT s.org_id, 'sh-' || right(s.session_id, 26), s.session_id, v_art, 'view', s.created_at, 'test', s.created_at
	FROM streamspace_data.session AS s WHERE s.org_id = v_org AND s.user_id = v_ann;
	INSERT INTO streamspace_data.session_share (org_id, share_id, session_id, user_id, mode, session_created_at, created_by, created_at)
	SELECT v_org, 'sh-z' || lpad(n::text, 25, '0'), 's-' || lpad('2', 26, '0'), v_art + n, 'view', now(), 'test', now() FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling session_event';
	INSERT INTO streamspace_data.session_event (org_id, session_id, at, event, from_state, to_state, revision, actor)
	SELECT v_org, 's-' || lpad(CASE WHEN n % 2 = 0 THEN '2' ELSE n::text END, 26, '0'), now(), 'place', 'pending', 'starting', 1, 'test'
	FROM generate_series(1, p_sessions / 2) AS n;
	RAISE NOTICE 'filling audit_log';
	INSERT INTO streamspace_data.audit_log (org_id, at, actor, function, arguments, object_id, result)
	SELECT v_org, now(), CASE WHEN n % 2 = 0 THEN 'user:red/ann' ELSE 'user:red/art' END,
		CASE WHEN n / 2 % 2 = 0 THEN 'create_session' ELSE 'hibernate_session' END, '{}',
		's-' || lpad((n % 4)::text, 26, '0'), 'ok' FROM generate_series(1, p_sessions / 2) AS n;
	RAISE NOTICE 'filling audit_seal';
	INSERT INTO streamspace_data.audit_seal (chain, seal_number, sealed_at, generation, from_xid, to_xid, month, audit_ids, leaves, previous_hash, hash)
	SELECT v_org, n, now(), 1, '1', '1', date_trunc('month', now())::date, ARRAY[n], sha256('x'), sha256('x'), sha256(n::text::bytea)
	FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling home';
	INSERT INTO streamspace_data.home (org_id, home_id, user_id, name, size_mib, state, created_at)
	SELECT v_org, 'h-' || lpad(n::text, 26, '0'), CASE WHEN n % 2 = 0 THEN v_ann ELSE v_art END, 'home-' || n, 1,
		CASE WHEN n / 2 % 2 = 0 THEN 'kept' ELSE 'deleted' END, now() - n * interval '1 second' FROM generate_series(1, p_sessions / 2) AS n;
	-- A quarter of one session, half of them closed.
	RAISE NOTICE 'filling connection';
	INSERT INTO streamspace_data.connection (org_id, connection_id, session_id, owner_id, user_org_id, user_id, credential_id, viewer, mode, agent_id,
		run_at, replica, opened_at, reviewed_at, closed_at, reason)
	SELECT v_org, 'c-' || lpad(n::text, 26, '0'), 's-' || lpad(CASE WHEN n % 4 = 0 THEN '2' ELSE n::text END, 26, '0'), CASE WHEN n % 2 = 0 THEN v_ann ELSE v_art END,
		v_org, v_art, 'l-' || lpad(n::text, 26, '0'), 'user:red/art', 'view', 'agent-1', now(), 'r', now(), now(),
		CASE WHEN n / 8 % 2 = 0 THEN now() END, CASE WHEN n / 8 % 2 = 0 THEN 'closed' END
	FROM generate_series(1, p_sessions / 2) AS n;
	RAISE NOTICE 'filling session_schedule';
	INSERT INTO streamspace_data.session_schedule (org_id, session_id, user_id, time_zone, days, start_time, stop_time, enabled, set_by, set_at)
	SELECT s.org_id, s.session_id, s.user_id, 'UTC', ARRAY[1], '08:00', '18:00', true, 'test', now()
	FROM streamspace_data.session AS s WHERE s.org_id = v_org AND s.state = 'hibernated' AND s.template_id = v_term;
	RAISE NOTICE 'filling policy';
	INSERT INTO streamspace_data.policy (org_id, scope, session_id, idle_seconds)
	SELECT s.org_id, 'session', s.session_id, 600 FROM streamspace_data.session AS s WHERE s.org_id = v_org AND s.state = 'hibernated' AND s.template_id = v_term;

	RAISE NOTICE 'filling app_user';
	INSERT INTO streamspace_data.app_user (org_id, user_id, name, role, active)
	OVERRIDING SYSTEM VALUE SELECT v_org, v_art + 1000 + n, 'user-' || n, 'user', n % 2 = 0 FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling pool';
	INSERT INTO streamspace_data.pool (pool_id, kind, org_id, user_id)
	OVERRIDING SYSTEM VALUE SELECT 1000000 + n, 'user', v_org, v_art + 1000 + n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling user_group';
	INSERT INTO streamspace_data.user_group (org_id, group_id, name, members)
	OVERRIDING SYSTEM VALUE SELECT v_org, 1000 + n, 'group-' || n, 1 FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling group_member';
	INSERT INTO streamspace_data.group_member (org_id, group_id, user_id)
	SELECT v_org, 1001, v_art + 1000 + n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling pool';
	INSERT INTO streamspace_data.pool (pool_id, kind, org_id, group_id)
	OVERRIDING SYSTEM VALUE SELECT 10000000 + n, 'group', v_org, 1000 + n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling credential';
	INSERT INTO streamspace_data.credential (token_hash, kind, org_id, user_id, expires_at, credential_id)
	SELECT sha256(('login ' || n)::bytea), 'login', v_org, v_ann, now() + interval '1 hour', 'l-' || lpad(n::text, 26, '0') FROM generate_series(1, v_part) AS n;
	INSERT INTO streamspace_data.credential (token_hash, kind, org_id, user_id, expires_at, credential_id, name, scopes, prefix)
	SELECT sha256(('key ' || n)::bytea), 'api_key', v_org, v_ann, now() + interval '1 hour', 'k-' || lpad(n::text, 26, '0'), 'key', ARRAY['read'], '0123abcd'
	FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling agent';
	INSERT INTO streamspace_data.agent (agent_id, platform, approval) SELECT 'agent-' || n, 'process', 'approved' FROM generate_series(1, v_part) AS n;
	INSERT INTO streamspace_data.agent_token (token_id, token_hash, agent_id, created_by, created_at, expires_at, used_at)
	SELECT 't-' || lpad(n::text, 26, '0'), sha256(n::text::bytea), 'agent-' || 1 + n % (v_part / 200 + 1), 'dba', now(), now() + interval '1 day', now()
	FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling pool';
	INSERT INTO streamspace_data.pool (pool_id, kind, agent_id)
	OVERRIDING SYSTEM VALUE SELECT 20000000 + n, 'agent', 'agent-' || n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling org';
	INSERT INTO streamspace_data.org (org_id, name) OVERRIDING SYSTEM VALUE SELECT 1000 + n, 'org-' || n FROM generate_series(1, v_part) AS n;
	RAISE NOTICE 'filling pool';
	INSERT INTO streamspace_data.pool (pool_id, kind, org_id)
	OVERRIDING SYSTEM VALUE SELECT 30000000 + n, 'org', 1000 + n FROM generate_series(1, v_part) AS n;
	PERFORM set_config('session_replication_role', 'origin', true);
	RAISE NOTICE 'filled';
END
$$;

-- Every list with every filter, and pairs and more of those that go together. call lacks p_limit, p_cursor and p_actor.
CREATE FUNCTION t.list_calls() RETURNS TABLE (function text, actor text, call text) LANGUAGE sql STABLE AS $$
	WITH filter (filter) AS (
		SELECT nullif(concat_ws(', ', CASE WHEN n & 1 > 0 THEN 'p_state => ''hibernated''' END, CASE WHEN n & 2 > 0 THEN 'p_template => ''term''' END,
			CASE WHEN n & 4 > 0 THEN 'p_tag => ''blue''' END), '') FROM generate_series(0, 7) AS n
	), whose (actor, whose) AS (VALUES ('amy', NULL), ('amy', 'p_owner => ''art'''), ('ann', NULL), ('root', 'p_org => ''red'''), ('art', 'p_shared => true'),
		('art', 'p_shared => true, p_owner => ''ann''')
	)
	SELECT 'list_sessions', w.actor, concat_ws(', ', w.whose, f.filter) FROM whose AS w, filter AS f
	WHERE w.actor <> 'art' OR w.whose NOT LIKE '%p_owner%'
	UNION ALL SELECT v.* FROM (VALUES
		('list_agents', 'root', ''), ('list_agent_tokens', 'root', ''), ('list_agent_tokens', 'root', 'p_agent => ''agent-1'''), ('list_orgs', 'root', ''),
		('list_api_keys', 'amy', ''), ('list_api_keys', 'amy', 'p_user => ''ann'''), ('list_api_keys', 'ann', ''),
		('list_logins', 'amy', ''), ('list_logins', 'amy', 'p_user => ''ann'''), ('list_logins', 'ann', ''),
		('list_audit', 'amy', ''), ('list_audit', 'amy', 'p_by => ''user:red/ann'''), ('list_audit', 'amy', 'p_function => ''create_session'''),
		('list_audit', 'amy', 'p_object => ''s-00000000000000000000000002'''), ('list_audit', 'amy', 'p_since => now() - interval ''1 hour'''),
		('list_audit', 'amy', 'p_until => now() + interval ''1 hour'''), ('list_audit', 'amy', 'p_by => ''user:red/ann'', p_function => ''create_session'''),
		('list_audit_heads', 'amy', ''),
		('list_groups', 'amy', ''), ('list_group_members', 'amy', 'p_group => ''group-1'''), ('list_groups', 'amy', 'p_user => ''ann'''),
		('list_connections', 'amy', ''), ('list_connections', 'ann', ''), ('list_connections', 'amy', 'p_session => ''s-00000000000000000000000002'''),
		('list_homes', 'amy', ''), ('list_homes', 'amy', 'p_state => ''new'''), ('list_homes', 'amy', 'p_owner => ''art'''),
		('list_homes', 'amy', 'p_owner => ''art'', p_state => ''new'''), ('list_homes', 'ann', ''), ('list_homes', 'ann', 'p_state => ''deleted'''),
		('list_policies', 'amy', ''), ('list_policies', 'amy', 'p_scope => ''session'''),
		('list_quotas', 'amy', 'p_scope => ''user'''), ('list_quotas', 'amy', 'p_scope => ''group'''),
		('list_schedules', 'amy', ''), ('list_schedules', 'ann', ''),
		('list_session_events', 'ann', 'p_session => ''s-00000000000000000000000002'''),
		('list_shares', 'ann', 'p_session => ''s-00000000000000000000000002'''),
		('list_stuck', 'amy', ''), ('list_stuck', 'root', 'p_org => ''red'''), ('list_stuck', 'amy', 'p_why => ''agent_offline'''), ('list_agents', 'root', 'p_approval => ''approved'''),
		('list_template_revisions', 'amy', 'p_template => ''term'''), ('list_templates', 'amy', ''), ('list_templates', 'ann', ''),
		('list_users', 'amy', ''), ('list_users', 'amy', 'p_role => ''user'''), ('list_users', 'amy', 'p_active => true'),
		('list_users', 'amy', 'p_role => ''user'', p_active => true')) AS v
$$;

-- Pages that are no list of ours: a table of constants.
CREATE FUNCTION t.unlisted_calls() RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'streamspace'::regnamespace AND p.proname LIKE 'list\_%' AND p.proname <> 'list_error_codes'
	EXCEPT SELECT c.function FROM t.list_calls() AS c ORDER BY 1
$$;
