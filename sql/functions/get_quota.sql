CREATE FUNCTION streamspace.get_quota(p_scope text, p_name text DEFAULT NULL, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_quota record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_quota', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF v_me.reach = 'own' AND (p_scope IS DISTINCT FROM 'user' OR p_name IS DISTINCT FROM v_me.name) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('scope', left(p_scope, 100))));
	END IF;
	SELECT f.* INTO v_quota FROM streamspace_rules.find_quota(v_me.org_id, p_scope, p_name) AS f;
	PERFORM streamspace_rules.raise_refusal(v_quota.refusal);
	RETURN streamspace_rules.quota_json(v_quota.pool_id);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_quota FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_quota TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_quota IS
	'A quota and what of it is used: {scope, name, org, limits, own, used, updated_at, revision}; null is no limit, own names the limits of a user that are his own. p_scope org, group, user or user_default; p_name: the group or user. Users see their own. Errors: actor_required, unauthorized, forbidden, org_not_found, group_not_found, user_not_found, invalid_argument';
