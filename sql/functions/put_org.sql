CREATE FUNCTION streamspace.put_org(p_name text, p_display_name text DEFAULT NULL, p_max_sessions integer DEFAULT NULL,
	p_max_sessions_per_user integer DEFAULT NULL, p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('name', left(p_name, 200), 'display_name', left(p_display_name, 201),
		'max_sessions', p_max_sessions, 'max_sessions_per_user', p_max_sessions_per_user,
		'if_revision', p_if_revision);
	v_me record;
	v_org_id integer;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_org(p_name, p_display_name, p_max_sessions, p_max_sessions_per_user, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'put_org') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_org', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/name', p_name),
		streamspace_rules.check_display_name(p_display_name),
		CASE WHEN p_max_sessions IS NOT NULL THEN streamspace_rules.check_range('/max_sessions', p_max_sessions, 0, 1000000) END,
		CASE WHEN p_max_sessions_per_user IS NOT NULL
			THEN streamspace_rules.check_range('/max_sessions_per_user', p_max_sessions_per_user, 0, 1000000) END));
	v_org_id := streamspace_rules.new_org(p_name, p_display_name);
	IF v_org_id IS NULL THEN
		SELECT o.revision INTO v_revision FROM streamspace_data.org AS o WHERE o.name = p_name FOR NO KEY UPDATE;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	UPDATE streamspace_data.org AS o SET
		display_name = coalesce(p_display_name, o.display_name),
		updated_at = streamspace_rules.now(),
		revision = coalesce(v_revision, 0) + 1
	WHERE o.name = p_name RETURNING o.org_id INTO v_org_id;
	IF p_max_sessions_per_user IS NOT NULL THEN
		PERFORM streamspace_rules.set_quota(q.pool_id, jsonb_build_object('sessions', p_max_sessions_per_user))
		FROM streamspace_rules.find_quota(v_org_id, 'user_default', NULL) AS q;
	END IF;
	IF p_max_sessions IS NOT NULL THEN
		PERFORM streamspace_rules.set_quota(q.pool_id, jsonb_build_object('sessions', p_max_sessions))
		FROM streamspace_rules.find_quota(v_org_id, 'org', NULL) AS q;
	END IF;
	v_answer := streamspace_rules.org_json(v_org_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_org_id, 'put_org', v_arguments, p_request_id, p_name, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_org FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_org TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_org IS
	'Makes the organisation p_name or changes it; NULL keeps what is there. p_display_name: at most 200 characters. p_max_sessions and p_max_sessions_per_user (0 to 1000000) are limits of sessions that are not terminated, of the organisation and of each user without a limit of his own; put_quota sets the others. For platform administrators. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
