CREATE FUNCTION streamspace.update_home(p_home text, p_name text DEFAULT NULL, p_size_mib bigint DEFAULT NULL,
	p_retention_seconds bigint DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('home', left(p_home, 200), 'name', left(p_name, 200), 'size_mib', p_size_mib,
		'retention_seconds', p_retention_seconds, 'if_revision', p_if_revision);
	v_me record;
	v_org_id integer;
	v_home streamspace_data.home;
	v_retention bigint;
	v_taken record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.update_home(p_home, p_name, p_size_mib, p_retention_seconds, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'update_home') AS e;
	v_org_id := CASE WHEN v_me.reach = 'all' THEN streamspace_rules.org_of_home(p_home) ELSE v_me.org_id END;
	PERFORM streamspace_rules.set_org(v_org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_home_access(v_me.reach, v_me.user_id, p_home));
	v_answer := streamspace_rules.find_request(v_me.identity, 'update_home', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_name IS NOT NULL THEN streamspace_rules.check_home_name('/name', p_name) END,
		streamspace_rules.check_home_bounds(p_size_mib, p_retention_seconds)));
	SELECT h.* INTO STRICT v_home FROM streamspace_data.home AS h WHERE h.org_id = v_org_id AND h.home_id = p_home FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_revision(p_if_revision, v_home.revision),
		CASE WHEN v_home.state <> 'kept' THEN streamspace_rules.refusal('home_not_found', jsonb_build_object('home', p_home)) END,
		CASE WHEN p_size_mib <> v_home.size_mib AND streamspace_rules.home_agent(v_org_id, p_home) IS NOT NULL
			THEN streamspace_rules.invalid('/size_mib', 'cannot change once an agent has the home') END,
		CASE WHEN p_name <> v_home.name AND EXISTS (SELECT FROM streamspace_data.home AS h
				WHERE h.org_id = v_org_id AND h.user_id = v_home.user_id AND h.name = p_name AND h.state = 'kept')
			THEN streamspace_rules.refusal('already_exists', jsonb_build_object('name', p_name)) END));
	v_retention := CASE WHEN p_retention_seconds IS NULL THEN v_home.retention_seconds WHEN p_retention_seconds >= 0 THEN p_retention_seconds END;
	IF p_size_mib <> v_home.size_mib THEN
		SELECT k.* INTO v_taken FROM streamspace_rules.take_storage(v_org_id, v_home.user_id, v_home.pools, v_home.size_mib, p_size_mib) AS k;
		PERFORM streamspace_rules.raise_refusal(v_taken.refusal);
		UPDATE streamspace_data.home AS h SET pools = v_taken.pools WHERE h.org_id = v_org_id AND h.home_id = p_home;
	END IF;
	IF (coalesce(p_name, v_home.name), coalesce(p_size_mib, v_home.size_mib), v_retention)
		IS DISTINCT FROM (v_home.name, v_home.size_mib, v_home.retention_seconds)
	THEN
		UPDATE streamspace_data.home AS h SET name = coalesce(p_name, h.name), size_mib = coalesce(p_size_mib, h.size_mib),
			retention_seconds = v_retention, revision = h.revision + 1, updated_at = streamspace_rules.now(),
			delete_at = CASE WHEN h.session_id IS NULL THEN coalesce(h.last_used_at, h.created_at) + v_retention * interval '1 second' END
		WHERE h.org_id = v_org_id AND h.home_id = p_home;
	END IF;
	v_answer := streamspace_rules.home_json(p_home);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_org_id, 'update_home', v_arguments, p_request_id, p_home, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.update_home FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.update_home TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.update_home IS
	'Changes the home of id p_home; NULL keeps what is there. p_name: a label, once for each owner. p_size_mib 1 to 1073741824, while no agent has it. p_retention_seconds 0 to 2147483647 counts from the end of its last session, -1: it is kept until it is deleted by hand. Returns the home. Errors: actor_required, unauthorized, forbidden, home_not_found, already_exists, quota_exceeded, session_too_large, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
