CREATE FUNCTION streamspace.put_settings(p_settings jsonb, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('settings', p_settings, 'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_settings(p_settings, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'put_settings') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_settings', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_settings(p_settings));
	SELECT i.revision INTO STRICT v_revision FROM streamspace_data.installation AS i FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	UPDATE streamspace_data.installation AS i SET
		login_idle = coalesce((p_settings ->> 'login_idle_seconds')::numeric::integer * interval '1 second', i.login_idle),
		login_lifetime = coalesce((p_settings ->> 'login_max_seconds')::numeric::integer * interval '1 second', i.login_lifetime),
		api_key_lifetime = coalesce((p_settings ->> 'api_key_max_seconds')::numeric::integer * interval '1 second', i.api_key_lifetime),
		login_window = coalesce((p_settings ->> 'login_window_seconds')::numeric::integer * interval '1 second', i.login_window),
		login_attempts_per_account = coalesce((p_settings ->> 'login_attempts_per_account')::numeric::integer, i.login_attempts_per_account),
		login_attempts_per_address = coalesce((p_settings ->> 'login_attempts_per_address')::numeric::integer, i.login_attempts_per_address),
		event_retention = coalesce((p_settings ->> 'event_retention_seconds')::numeric::integer * interval '1 second', i.event_retention),
		audit_retention = coalesce((p_settings ->> 'audit_retention_seconds')::numeric::integer * interval '1 second', i.audit_retention),
		command_retention = coalesce((p_settings ->> 'command_retention_seconds')::numeric::integer * interval '1 second', i.command_retention),
		request_retention = coalesce((p_settings ->> 'request_retention_seconds')::numeric::integer * interval '1 second', i.request_retention),
		orphan_grace = coalesce((p_settings ->> 'orphan_grace_seconds')::numeric::integer * interval '1 second', i.orphan_grace),
		connection_retention = coalesce((p_settings ->> 'connection_retention_seconds')::numeric::integer * interval '1 second', i.connection_retention),
		viewers_per_session = coalesce((p_settings ->> 'viewers_per_session')::numeric::integer, i.viewers_per_session),
		viewer_tickets_per_user = coalesce((p_settings ->> 'viewer_tickets_per_user')::numeric::integer, i.viewer_tickets_per_user),
		home_size_mib = coalesce((p_settings ->> 'home_size_mib')::numeric::bigint, i.home_size_mib),
		-- null stands for something here: kept until deleted by hand
		home_retention_seconds = CASE WHEN p_settings ? 'home_retention_seconds'
			THEN (p_settings ->> 'home_retention_seconds')::numeric::bigint ELSE i.home_retention_seconds END,
		revision = i.revision + 1;
	v_answer := streamspace_rules.settings_json();
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'put_settings', v_arguments, p_request_id, 'settings', v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_settings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_settings TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_settings IS
	'Changes settings of the whole installation, at once and for all servers: p_settings is an object, a key that is absent keeps its value. login_idle_seconds: a log-in unused for this long ends (60 to 31536000; existing ones too). login_max_seconds: longest life of a log-in (60 to 31536000; new ones). api_key_max_seconds: longest life of an API key (3600 to 315360000; new ones). login_window_seconds (60 to 86400), login_attempts_per_account (1 to 1000), login_attempts_per_address (1 to 100000): login_challenge says how failed log-ins are counted. event_retention_seconds and audit_retention_seconds (31 days to 10 years), command_retention_seconds and request_retention_seconds (1 day to 10 years): how long history is kept. orphan_grace_seconds (0 to 31536000): how long something that the database does not know may live on an agent. connection_retention_seconds (1 day to 10 years): how long the row of a viewer is kept after its end. viewers_per_session (1 to 10000) and viewer_tickets_per_user (1 to 10000): how many viewers one session, and unused tickets for viewers one user, may have at a time. home_size_mib (1 to 1073741824) and home_retention_seconds (0 to 2147483647, null: until it is deleted by hand): of a home for which nobody names one. For platform administrators. p_if_revision: only if this is the revision. Errors: actor_required, unauthorized, forbidden, scope_required, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
