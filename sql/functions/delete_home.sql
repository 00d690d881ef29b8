CREATE FUNCTION streamspace.delete_home(p_home text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('home', left(p_home, 200), 'if_revision', p_if_revision);
	v_me record;
	v_org_id integer;
	v_home streamspace_data.home;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.delete_home(p_home, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'delete_home') AS e;
	v_org_id := CASE WHEN v_me.reach = 'all' THEN streamspace_rules.org_of_home(p_home) ELSE v_me.org_id END;
	PERFORM streamspace_rules.set_org(v_org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_home_access(v_me.reach, v_me.user_id, p_home));
	v_answer := streamspace_rules.find_request(v_me.identity, 'delete_home', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT h.* INTO STRICT v_home FROM streamspace_data.home AS h WHERE h.org_id = v_org_id AND h.home_id = p_home FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_home.revision));
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.remove_home(v_org_id, p_home));
	IF v_home.state = 'kept' THEN
		PERFORM streamspace_rules.release('{}', '{}', ARRAY[p_home]);
	END IF;
	v_answer := streamspace_rules.home_json(p_home);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_org_id, 'delete_home', v_arguments, p_request_id, p_home, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.delete_home FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.delete_home TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.delete_home IS
	'Deletes the home of id p_home and everything in it, for good. It is deleting until its agent has removed it, and at once deleted when no agent has it; its name and its storage are free from now on. Refused while it is attached to a session, also a hibernated or failed one. Returns the home. Errors: actor_required, unauthorized, forbidden, home_not_found, home_in_use, home_not_removable, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
