CREATE FUNCTION streamspace.create_home(p_name text, p_size_mib bigint DEFAULT NULL, p_retention_seconds bigint DEFAULT NULL,
	p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('name', left(p_name, 200), 'size_mib', p_size_mib, 'retention_seconds', p_retention_seconds,
		'owner', left(p_owner, 200), 'org', left(p_org, 200));
	v_me record;
	v_owner_id integer;
	v_id text;
	v_taken record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_home(p_name, p_size_mib, p_retention_seconds, p_owner, p_org, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'create_home', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF v_me.reach = 'own' AND p_owner <> v_me.name THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(p_owner, 100))));
	END IF;
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_home', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(streamspace_rules.check_home_name('/name', p_name),
		streamspace_rules.check_home_bounds(p_size_mib, p_retention_seconds)));
	IF p_owner IS NOT NULL THEN
		SELECT u.user_id INTO v_owner_id FROM streamspace_data.app_user AS u
		WHERE u.org_id = v_me.org_id AND u.name = p_owner AND u.active;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_owner, 100))));
		END IF;
	ELSIF v_me.user_id IS NULL OR v_me.user_org_id <> v_me.org_id THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('owner_required'));
	ELSE
		v_owner_id := v_me.user_id;
	END IF;
	v_id := streamspace_rules.make_home(v_me.org_id, v_owner_id, p_name, NULL, p_size_mib, p_retention_seconds, NULL, '{}');
	IF v_id IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('already_exists', jsonb_build_object('name', p_name)));
	END IF;
	SELECT k.* INTO v_taken FROM streamspace_rules.take_storage(v_me.org_id, v_owner_id, '{}', 0,
		(SELECT h.size_mib FROM streamspace_data.home AS h WHERE h.org_id = v_me.org_id AND h.home_id = v_id)) AS k;
	PERFORM streamspace_rules.raise_refusal(v_taken.refusal);
	UPDATE streamspace_data.home AS h SET pools = v_taken.pools WHERE h.org_id = v_me.org_id AND h.home_id = v_id;
	v_answer := streamspace_rules.home_json(v_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_home', v_arguments, p_request_id, v_id, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_home FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_home TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_home IS
	'Makes a home: files that outlive sessions, for create_session(p_home). p_name: a label, once for each owner. p_size_mib 1 to 1073741824 counts against the storage quota, p_retention_seconds (0 to 2147483647) is how long it is kept after its last session, -1 until it is deleted by hand; NULL is what the installation says. It comes to be on the agent of its first session and stays there. p_owner: user name, default the actor; users own only their own, a DBA must name one. Returns the home. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, owner_required, already_exists, quota_exceeded, session_too_large, invalid_argument, request_in_flight, request_mismatch';
