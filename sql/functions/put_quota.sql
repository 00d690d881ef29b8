CREATE FUNCTION streamspace.put_quota(p_scope text, p_name text DEFAULT NULL, p_limits jsonb DEFAULT NULL, p_org text DEFAULT NULL,
	p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('scope', left(p_scope, 200), 'name', left(p_name, 200), 'limits', left(p_limits::text, 2000),
		'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_quota record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_quota(p_scope, p_name, p_limits, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_quota', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	-- What users of an organisation may have in sum is for the platform to say.
	IF p_scope = 'org' AND v_me.reach <> 'all' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('scope', 'org')));
	END IF;
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_quota', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT f.* INTO v_quota FROM streamspace_rules.find_quota(v_me.org_id, p_scope, p_name) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_quota.refusal, streamspace_rules.check_limits(p_limits, p_scope),
		streamspace_rules.change_quota(v_quota.pool_id, p_limits, p_if_revision)));
	v_answer := streamspace_rules.quota_json(v_quota.pool_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_quota', v_arguments, p_request_id, coalesce(p_name, p_scope), v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_quota FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_quota TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_quota IS
	'Changes limits. p_scope org, group, user or user_default (of every user who has none of his own); p_name: the group or user. p_limits: {sessions, millicores, memory_mib, storage_mib: in sum; session_millicores, session_memory_mib, session_storage_mib: of one session or home}, integers from 0; a key that is absent stays, null is no limit, and of a user "default" is that of user_default again. A limit below what is used ends nothing and admits nothing new. For administrators; scope org only for those of the platform. Returns the quota. Errors: actor_required, unauthorized, forbidden, org_not_found, group_not_found, user_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
