-- Every mutation as a call that succeeds on t.stage(): dry runs and idempotency keys are tested with all of them.
-- A function with p_dry_run that is not in t.calls() fails tests/sql/dry_run.sql.

-- The world with an agent of ours that is connected, a 2.0 agent that waits for approval, and sessions in every
-- state from which a call leads on. Their ids stand in t.staged.
CREATE TABLE t.staged (name text PRIMARY KEY, id text NOT NULL);
GRANT SELECT ON t.staged TO PUBLIC;

CREATE FUNCTION t.stage() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_id text;
BEGIN
	PERFORM t.world();
	PERFORM t.make_agent('agent-1');
	PERFORM t.must('api', format('SELECT streamspace.register_agent(p_agent => ''agent-old'', p_platform => ''kubernetes'',
		p_region => NULL, p_capacity => ''{"maxSessions": 5}'', p_metadata => ''{}'', p_protocol_version => 2, p_key_hash => NULL,
		p_actor => %L)', t.actor('bootstrap')));
	PERFORM t.must('api', format('SELECT streamspace.register_agent(p_agent => ''agent-new'', p_platform => ''process'',
		p_region => NULL, p_capacity => ''{"maxSessions": 5}'', p_metadata => ''{}'', p_protocol_version => 3, p_key_hash => %L,
		p_actor => %L)', encode(t.actor('agent-new'), 'hex'), t.actor('bootstrap')));
	PERFORM t.must_as('amy', 'put_template(p_name => ''only-red'', p_spec => ''{"displayName": "Red''''s", "platforms": ["process"], "command": ["x"]}'')');
	v_id := t.create_session('ann');
	PERFORM t.run_command('agent-1', v_id, 'running');
	INSERT INTO t.staged VALUES ('running', v_id);
	INSERT INTO t.staged VALUES ('viewer-1', t.open_viewer('ann', v_id)), ('viewer-2', t.open_viewer('ann', v_id));
	INSERT INTO t.staged VALUES ('home', t.must_as('ann', 'create_home(p_name => ''first'')') ->> 'id');
	INSERT INTO t.staged VALUES ('share', t.must_as('ann', format('share_session(p_session => %L, p_user => ''art'')', v_id)) ->> 'id');
	v_id := t.create_session('ann');
	PERFORM t.run_command('agent-1', v_id, 'running');
	PERFORM t.must_as('ann', format('hibernate_session(p_session => %L)', v_id));
	PERFORM t.run_command('agent-1', v_id, 'hibernated');
	INSERT INTO t.staged VALUES ('hibernated', v_id);
	PERFORM t.must_as('ann', format('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "UTC", "days": [1], "stop": "18:00"}'')', v_id));
	v_id := t.create_session('ann');
	PERFORM t.run_command('agent-1', v_id, 'failed');
	INSERT INTO t.staged VALUES ('failed', v_id);
	PERFORM t.must_as('amy', 'put_group(p_name => ''team'', p_display_name => ''Team'')');
	PERFORM t.must_as('amy', 'add_group_member(p_group => ''team'', p_user => ''ann'')');
	INSERT INTO t.staged SELECT k.name, t.must_as('ann', format('create_api_key(p_name => %L, p_scopes => ''{read,sessions}'')', k.name))
		#>> '{api_key,id}' FROM (VALUES ('key-1'), ('key-2')) AS k (name);
	INSERT INTO t.staged VALUES ('agent-token', t.must('dba', 'SELECT streamspace.create_agent_token(p_agent => ''agent-staged'')') #>> '{agent_token,id}');
	PERFORM t.login('red', 'ann', 'ann-2'), t.login('red', 'ann', 'ann-3');
	INSERT INTO t.staged SELECT k.name, t.login_id(k.name) FROM (VALUES ('ann-2'), ('ann-3')) AS k (name);
END
$$;

-- call: what to do. other: the same function with other arguments, for a key that is used twice.
CREATE FUNCTION t.calls() RETURNS TABLE (function text, actor text, call text, other text, secret text) LANGUAGE sql STABLE AS $$
	WITH s AS (
		SELECT max(x.id) FILTER (WHERE x.name = 'running') AS running,
		       max(x.id) FILTER (WHERE x.name = 'hibernated') AS hibernated,
		       max(x.id) FILTER (WHERE x.name = 'failed') AS failed,
		       max(x.id) FILTER (WHERE x.name = 'share') AS share, max(x.id) FILTER (WHERE x.name = 'home') AS home,
		       max(x.id) FILTER (WHERE x.name = 'viewer-1') AS viewer_1, max(x.id) FILTER (WHERE x.name = 'viewer-2') AS viewer_2,
		       max(x.id) FILTER (WHERE x.name = 'agent-token') AS agent_token,
		       max(x.id) FILTER (WHERE x.name = 'key-1') AS key_1, max(x.id) FILTER (WHERE x.name = 'key-2') AS key_2,
		       max(x.id) FILTER (WHERE x.name = 'ann-2') AS ann_2, max(x.id) FILTER (WHERE x.name = 'ann-3') AS ann_3 FROM t.staged AS x
	)
	SELECT v.* FROM s, LATERAL (VALUES
		('create_session', 'ann', 'create_session(p_template => ''term'')', 'create_session(p_template => ''other'')', NULL),
		('create_session', 'root', 'create_session(p_template => ''term'', p_owner => ''bob'', p_org => ''blue'')',
			'create_session(p_template => ''term'', p_owner => ''bea'', p_org => ''blue'')', NULL),
		('hibernate_session', 'ann', format('hibernate_session(p_session => %L)', s.running),
			format('hibernate_session(p_session => %L)', s.hibernated), NULL),
		('wake_session', 'ann', format('wake_session(p_session => %L)', s.hibernated),
			format('wake_session(p_session => %L)', s.running), NULL),
		('create_home', 'ann', 'create_home(p_name => ''work'', p_size_mib => 100)', 'create_home(p_name => ''work'', p_size_mib => 200)', NULL),
		('create_home', 'root', 'create_home(p_name => ''work'', p_owner => ''bob'', p_org => ''blue'')',
			'create_home(p_name => ''work'', p_owner => ''bea'', p_org => ''blue'')', NULL),
		('update_home', 'ann', format('update_home(p_home => %L, p_size_mib => 100)', s.home), format('update_home(p_home => %L, p_size_mib => 200)', s.home), NULL),
		('delete_home', 'ann', format('delete_home(p_home => %L)', s.home), format('delete_home(p_home => %L, p_if_revision => 1)', s.home), NULL),
		('change_sessions', 'ann', format('change_sessions(p_sessions => ARRAY[%L, %L, ''s-none''], p_action => ''hibernate'')', s.running, s.hibernated),
			format('change_sessions(p_sessions => ARRAY[%L, %L, ''s-none''], p_action => ''terminate'')', s.running, s.hibernated), NULL),
		('change_sessions', 'amy', 'change_sessions(p_filter => ''{"owner": "ann"}'', p_action => ''add_tag'', p_argument => ''old'')',
			'change_sessions(p_filter => ''{"owner": "ann"}'', p_action => ''add_tag'', p_argument => ''older'')', NULL),
		('update_session', 'ann', format('update_session(p_session => %L, p_name => ''Mine'', p_tags => ''{b,a}'')', s.running),
			format('update_session(p_session => %L, p_name => ''Mine'', p_tags => ''{b}'')', s.running), NULL),
		('share_session', 'ann', format('share_session(p_session => %L, p_user => ''amy'', p_mode => ''control'')', s.running),
			format('share_session(p_session => %L, p_user => ''amy'', p_mode => ''view'')', s.running), NULL),
		('share_session', 'ann', format('share_session(p_session => %L, p_user => ''art'', p_mode => ''control'')', s.running),
			format('share_session(p_session => %L, p_user => ''amy'', p_mode => ''control'')', s.running), NULL),
		('revoke_share', 'ann', format('revoke_share(p_session => %L, p_share => %L)', s.running, s.share),
			format('revoke_share(p_session => %L, p_share => %L)', s.hibernated, s.share), NULL),
		('create_viewer_ticket', 'ann', format('create_viewer_ticket(p_session => %L)', s.running),
			format('create_viewer_ticket(p_session => %L, p_mode => ''view'')', s.running), 'ticket'),
		('close_connection', 'ann', format('close_connection(p_connection => %L)', s.viewer_1),
			format('close_connection(p_connection => %L)', s.viewer_2), NULL),
		('terminate_session', 'ann', format('terminate_session(p_session => %L)', s.running),
			format('terminate_session(p_session => %L)', s.hibernated), NULL),
		('terminate_session', 'amy', format('terminate_session(p_session => %L, p_force => true)', s.running),
			format('terminate_session(p_session => %L)', s.running), NULL),
		('retry_session', 'ann', format('retry_session(p_session => %L)', s.failed),
			format('retry_session(p_session => %L)', s.running), NULL),
		('extend_session', 'ann', format('extend_session(p_session => %L, p_seconds => 3600)', s.running),
			format('extend_session(p_session => %L, p_seconds => 3601)', s.running), NULL),
		('put_schedule', 'ann', format('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "Europe/Berlin", "days": [1, 5], "start": "09:00", "stop": "18:00"}'')', s.running),
			format('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "Europe/Berlin", "days": [1], "start": "09:00"}'')', s.running), NULL),
		('delete_schedule', 'ann', format('delete_schedule(p_session => %L)', s.hibernated),
			format('delete_schedule(p_session => %L)', s.running), NULL),
		('put_session_policy', 'ann', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 3600}'')', s.running),
			format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 3601}'')', s.running), NULL),
		('put_policy', 'amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 3600}'')',
			'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 3601}'')', NULL),
		('put_policy', 'amy', 'put_policy(p_scope => ''group'', p_name => ''team'', p_policy => ''{"max_seconds": 3600, "max_action": "terminate"}'')',
			'put_policy(p_scope => ''group'', p_name => ''team'', p_policy => ''{"max_seconds": 3600}'')', NULL),
		('put_quota', 'amy', 'put_quota(p_scope => ''user'', p_name => ''art'', p_limits => ''{"sessions": 7, "memory_mib": 4096}'')',
			'put_quota(p_scope => ''user'', p_name => ''art'', p_limits => ''{"sessions": 8}'')', NULL),
		('put_quota', 'root', 'put_quota(p_scope => ''user_default'', p_org => ''red'', p_limits => ''{"sessions": 7}'')',
			'put_quota(p_scope => ''org'', p_org => ''red'', p_limits => ''{"sessions": 8}'')', NULL),
		('put_template', 'amy', 'put_template(p_name => ''term'', p_spec => ''{"displayName": "Other", "platforms": ["process"], "command": ["xterm"]}'')',
			'put_template(p_name => ''term'', p_spec => ''{"displayName": "More", "platforms": ["process"], "command": ["xterm"]}'')', NULL),
		('put_template', 'amy', 'put_template(p_name => ''fresh'', p_spec => ''{"displayName": "New", "platforms": ["process"], "command": ["xterm"]}'')',
			'put_template(p_name => ''fresher'', p_spec => ''{"displayName": "New", "platforms": ["process"], "command": ["xterm"]}'')', NULL),
		('delete_template', 'amy', 'delete_template(p_template => ''term'')', 'delete_template(p_template => ''other'')', NULL),
		('set_template_access', 'amy', 'set_template_access(p_template => ''term'', p_groups => ''{}'')',
			'set_template_access(p_template => ''term'', p_groups => NULL)', NULL),
		('publish_template', 'root', 'publish_template(p_template => ''only-red'', p_orgs => ''{blue}'', p_org => ''red'')',
			'publish_template(p_template => ''only-red'', p_orgs => ''{default}'', p_org => ''red'')', NULL),
		('create_user', 'amy', 'create_user(p_name => ''new'', p_org => NULL, p_role => ''user'', p_display_name => ''New'', p_max_sessions => 3)',
			'create_user(p_name => ''newer'', p_org => NULL, p_role => ''user'', p_display_name => ''New'', p_max_sessions => 3)', 'set_password_token'),
		('reset_password', 'amy', 'reset_password(p_user => ''ann'', p_org => NULL)', 'reset_password(p_user => ''art'', p_org => NULL)',
			'set_password_token'),
		('update_user', 'amy', 'update_user(p_user => ''ann'', p_role => ''operator'', p_display_name => ''Ann'')',
			'update_user(p_user => ''ann'', p_role => ''auditor'', p_display_name => ''Ann'')', NULL),
		('update_user', 'amy', 'update_user(p_user => ''ann'', p_active => false)', 'update_user(p_user => ''art'', p_active => false)', NULL),
		('put_group', 'amy', 'put_group(p_name => ''crew'')', 'put_group(p_name => ''crews'')', NULL),
		('put_group', 'amy', 'put_group(p_name => ''team'', p_display_name => ''Others'')', 'put_group(p_name => ''team'', p_display_name => ''More'')',
			NULL),
		('delete_group', 'amy', 'delete_group(p_group => ''team'')', 'delete_group(p_group => ''crew'')', NULL),
		('add_group_member', 'amy', 'add_group_member(p_group => ''team'', p_user => ''art'')',
			'add_group_member(p_group => ''team'', p_user => ''amy'')', NULL),
		('remove_group_member', 'amy', 'remove_group_member(p_group => ''team'', p_user => ''ann'')',
			'remove_group_member(p_group => ''team'', p_user => ''amy'')', NULL),
		('create_api_key', 'ann', 'create_api_key(p_name => ''new'', p_scopes => ''{read}'')',
			'create_api_key(p_name => ''new'', p_scopes => ''{sessions}'')', 'secret'),
		('revoke_api_key', 'ann', format('revoke_api_key(p_key => %L)', s.key_1), format('revoke_api_key(p_key => %L)', s.key_2), NULL),
		('revoke_login', 'ann', format('revoke_login(p_login => %L)', s.ann_2), format('revoke_login(p_login => %L)', s.ann_3), NULL),
		('put_settings', 'root', 'put_settings(p_settings => ''{"login_idle_seconds": 3600}'')',
			'put_settings(p_settings => ''{"login_idle_seconds": 3601}'')', NULL),
		('put_org', 'root', 'put_org(p_name => ''green'', p_display_name => ''Green'', p_max_sessions => 5, p_max_sessions_per_user => 2)',
			'put_org(p_name => ''green'', p_display_name => ''Green'', p_max_sessions => 6, p_max_sessions_per_user => 2)', NULL),
		('put_org', 'root', 'put_org(p_name => ''red'', p_display_name => ''Redder'', p_max_sessions => 7, p_max_sessions_per_user => 7)',
			'put_org(p_name => ''red'', p_display_name => ''Redder'', p_max_sessions => 8, p_max_sessions_per_user => 7)', NULL),
		('set_bootstrap_key', 'root', format('set_bootstrap_key(p_key_hash => %L)', sha256('new key')),
			format('set_bootstrap_key(p_key_hash => %L)', sha256('newer key')), NULL),
		('set_cleanup_key', 'root', format('set_cleanup_key(p_agent => ''agent-1'', p_key_hash => %L)', sha256('clean key')),
			format('set_cleanup_key(p_agent => ''agent-1'', p_key_hash => %L)', sha256('cleaner key')), NULL),
		('set_agent', 'root', 'set_agent(p_agent => ''agent-1'', p_labels => ''{"gpu": "yes"}'', p_orgs => ''{red}'', p_draining => true, p_max_sessions => 7)',
			'set_agent(p_agent => ''agent-1'', p_max_millicores => 9000)', NULL),
		('create_agent_token', 'root', 'create_agent_token(p_agent => ''agent-next'')', 'create_agent_token(p_agent => ''agent-other'')', 'secret'),
		('revoke_agent_token', 'root', format('revoke_agent_token(p_token => %L)', s.agent_token), 'revoke_agent_token(p_token => ''t-1'')', NULL),
		('approve_agent', 'root', 'approve_agent(p_agent => ''agent-old'', p_key_prefix => NULL)',
			'approve_agent(p_agent => ''agent-new'', p_key_prefix => NULL)', 'api_key'),
		('approve_agent', 'root', format('approve_agent(p_agent => ''agent-new'', p_key_prefix => %L)', left(encode(t.actor('agent-new'), 'hex'), 8)),
			'approve_agent(p_agent => ''agent-old'', p_key_prefix => NULL)', NULL),
		('after_restore', 'root', 'after_restore(p_reason => ''from last night'')', 'after_restore(p_reason => ''again'')', NULL),
		('reject_agent', 'root', 'reject_agent(p_agent => ''agent-new'', p_reason => ''unknown'')',
			'reject_agent(p_agent => ''agent-new'', p_reason => ''other'')', NULL)) AS v (function, actor, call, other, secret)
$$;

-- The contents of every table of ours: table -> hash over all rows.
CREATE FUNCTION t.contents() RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	v_table regclass;
	v_hash text;
	v_all jsonb := '{}';
BEGIN
	FOR v_table IN SELECT k.oid::regclass FROM pg_class AS k
	                WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') AND NOT k.relispartition LOOP
		EXECUTE format('SELECT count(*) || '' '' || md5(coalesce(string_agg(x::text, E''\n'' ORDER BY x::text COLLATE "C"), ''''))
			FROM %s AS x', v_table) INTO v_hash;
		v_all := v_all || jsonb_build_object(v_table::text, v_hash);
	END LOOP;
	RETURN v_all;
END
$$;

-- An answer without what two calls may differ in: new ids, times, and secrets.
CREATE FUNCTION t.plain(p_answer jsonb, p_known text[]) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	v_text text := p_answer #>> '{}';
BEGIN
	CASE jsonb_typeof(p_answer)
	WHEN 'object' THEN
		RETURN (SELECT coalesce(jsonb_object_agg(e.key, CASE
			WHEN e.key IN ('set_password_token', 'secret', 'ticket', 'url') OR (e.key = 'api_key' AND jsonb_typeof(e.value) <> 'object')
				THEN '"secret or nothing"'
			WHEN e.key = 'prefix' THEN '"of the secret"'
			ELSE t.plain(e.value, p_known) END), '{}') FROM jsonb_each(p_answer) AS e);
	WHEN 'array' THEN
		RETURN (SELECT coalesce(jsonb_agg(t.plain(e.value, p_known) ORDER BY e.number), '[]')
			FROM jsonb_array_elements(p_answer) WITH ORDINALITY AS e (value, number));
	WHEN 'string' THEN
		IF v_text ~ '^[a-z]{1,2}-[0-9a-v]{26}$' AND v_text <> ALL (p_known) THEN
			RETURN '"a new id"';
		ELSIF v_text ~ '^\d{4}-\d\d-\d\dT' THEN
			RETURN '"a time"';
		END IF;
		RETURN p_answer;
	ELSE
		RETURN p_answer;
	END CASE;
END
$$;
