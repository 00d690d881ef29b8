CREATE FUNCTION streamspace.add_group_member(p_group text, p_user text, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('group', left(p_group, 200), 'user', left(p_user, 200), 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_max constant integer := 50;
	v_user record;
	v_group record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.add_group_member(p_group, p_user, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'add_group_member', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'add_group_member', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/group', p_group),
		streamspace_rules.check_name('/user', p_user)));
	SELECT f.* INTO v_user FROM streamspace_rules.find_user(v_me.org_id, p_user, true) AS f;
	SELECT f.* INTO v_group FROM streamspace_rules.find_group(v_me.org_id, p_group, true) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_group.refusal, v_user.refusal,
		streamspace_rules.check_revision(p_if_revision, v_group.revision)));
	INSERT INTO streamspace_data.group_member (org_id, group_id, user_id, added_at)
	VALUES (v_me.org_id, v_group.group_id, v_user.user_id, streamspace_rules.now())
	ON CONFLICT ON CONSTRAINT group_member_pkey DO NOTHING;
	IF FOUND THEN
		IF (SELECT count(*) FROM streamspace_data.group_member AS m WHERE m.org_id = v_me.org_id AND m.user_id = v_user.user_id) > v_max THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('limit_reached',
				jsonb_build_object('what', 'groups of a user', 'limit', v_max)));
		END IF;
		UPDATE streamspace_data.user_group AS g SET members = g.members + 1, updated_at = streamspace_rules.now(), revision = g.revision + 1
		WHERE g.org_id = v_me.org_id AND g.group_id = v_group.group_id;
		-- The strictest policy of his groups may be another one now.
		IF EXISTS (SELECT FROM streamspace_data.policy AS p WHERE p.org_id = v_me.org_id AND p.group_id = v_group.group_id) THEN
			PERFORM streamspace_rules.ask_review(v_me.org_id, 'user', v_user.user_id);
		END IF;
	END IF;
	v_answer := streamspace_rules.group_json(v_group.group_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'add_group_member', v_arguments, p_request_id, p_group, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.add_group_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.add_group_member TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.add_group_member IS
	'Puts the user p_user into the group p_group of the same organisation, and answers the group; who is in it already stays. A user is in at most 50 groups. For administrators. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, user_not_found, limit_reached, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
