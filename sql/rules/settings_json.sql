CREATE FUNCTION streamspace_rules.settings_json() RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object(
		'login_idle_seconds', extract(epoch FROM i.login_idle)::bigint,
		'login_max_seconds', extract(epoch FROM i.login_lifetime)::bigint,
		'api_key_max_seconds', extract(epoch FROM i.api_key_lifetime)::bigint,
		'login_window_seconds', extract(epoch FROM i.login_window)::bigint,
		'login_attempts_per_account', i.login_attempts_per_account,
		'login_attempts_per_address', i.login_attempts_per_address,
		'event_retention_seconds', extract(epoch FROM i.event_retention)::bigint,
		'audit_retention_seconds', extract(epoch FROM i.audit_retention)::bigint,
		'command_retention_seconds', extract(epoch FROM i.command_retention)::bigint,
		'request_retention_seconds', extract(epoch FROM i.request_retention)::bigint,
		'orphan_grace_seconds', extract(epoch FROM i.orphan_grace)::bigint,
		'connection_retention_seconds', extract(epoch FROM i.connection_retention)::bigint,
		'viewers_per_session', i.viewers_per_session,
		'viewer_tickets_per_user', i.viewer_tickets_per_user,
		'home_size_mib', i.home_size_mib,
		'home_retention_seconds', i.home_retention_seconds,
		'revision', i.revision)
	INTO STRICT v_json FROM streamspace_data.installation AS i;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.settings_json IS 'The settings of the installation as callers see them';
