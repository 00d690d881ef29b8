CREATE FUNCTION streamspace.put_group(p_name text, p_display_name text DEFAULT NULL, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('name', left(p_name, 200), 'display_name', left(p_display_name, 201), 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_now timestamptz := streamspace_rules.now();
	v_group_id integer;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_group(p_name, p_display_name, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_group', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_group', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/name', p_name),
		streamspace_rules.check_display_name(p_display_name)));
	INSERT INTO streamspace_data.user_group (org_id, name, display_name, created_at, updated_at)
	VALUES (v_me.org_id, p_name, coalesce(p_display_name, ''), v_now, v_now)
	ON CONFLICT ON CONSTRAINT user_group_name_is_unique_in_its_org DO NOTHING
	RETURNING group_id INTO v_group_id;
	IF v_group_id IS NULL THEN
		SELECT f.group_id, f.revision INTO v_group_id, v_revision
		FROM streamspace_rules.find_group(v_me.org_id, p_name, true) AS f;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	IF v_revision IS NOT NULL THEN
		UPDATE streamspace_data.user_group AS g SET display_name = coalesce(p_display_name, g.display_name), updated_at = v_now,
			revision = g.revision + 1
		WHERE g.org_id = v_me.org_id AND g.group_id = v_group_id;
	END IF;
	v_answer := streamspace_rules.group_json(v_group_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_group', v_arguments, p_request_id, p_name, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_group FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_group TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_group IS
	'Makes the group of users p_name, or changes its name for people (p_display_name, at most 200 characters; NULL keeps what is there). For administrators. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
