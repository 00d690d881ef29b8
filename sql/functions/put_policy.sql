CREATE FUNCTION streamspace.put_policy(p_scope text, p_name text, p_policy jsonb, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('scope', left(p_scope, 200), 'name', left(p_name, 200), 'policy', p_policy, 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_object record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_policy(p_scope, p_name, p_policy, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_policy', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_policy', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_policy(p_policy));
	SELECT f.* INTO v_object FROM streamspace_rules.find_policy_object(v_me.org_id, p_scope, p_name) AS f;
	PERFORM streamspace_rules.raise_refusal(v_object.refusal);
	PERFORM streamspace_rules.write_policy(v_me.org_id, p_scope, v_object.id, NULL, p_policy, p_if_revision, v_me.identity, false);
	PERFORM streamspace_rules.ask_review(v_me.org_id, p_scope, v_object.id);
	v_answer := streamspace_rules.policy_json(v_me.org_id, p_scope, v_object.id, NULL);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_policy', v_arguments, p_request_id, p_name, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_policy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_policy TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_policy IS
	'Sets when sessions are stopped by themselves. p_scope org (p_name NULL), group, user or template with its p_name; for one session put_session_policy. p_policy: idle_seconds (hibernated after so long without input), max_seconds (longest run; both 60 to 31536000, 0 for never), max_action (hibernate or terminate at the maximum), warn_seconds (how long before a stop it is shown, 0 to 86400), extend_seconds (by how much extend_session may put it off, 0 to 2592000). A value that is left out stays, null means: not said here. Each value by itself comes from the most specific scope that says it: session, template, user, group, org; of several groups the strictest; idleTimeout and maxSessionDuration of a template count as its own. Running sessions follow within seconds. For administrators. p_if_revision: only if this is its revision. Returns the policy. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, user_not_found, template_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
