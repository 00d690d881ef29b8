CREATE FUNCTION streamspace_rules.policy_json(p_org_id integer, p_scope text, p_id integer, p_session text, p_policy streamspace_data.policy)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_org text := (SELECT o.name FROM streamspace_data.org AS o WHERE o.org_id = p_org_id);
	v_name text := CASE p_scope WHEN 'org' THEN v_org WHEN 'session' THEN p_session
		WHEN 'group' THEN (SELECT g.name FROM streamspace_data.user_group AS g WHERE g.org_id = p_org_id AND g.group_id = p_id)
		WHEN 'user' THEN (SELECT u.name FROM streamspace_data.app_user AS u WHERE u.org_id = p_org_id AND u.user_id = p_id)
		WHEN 'template' THEN (SELECT t.name FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.template_id = p_id) END;
BEGIN
	RETURN jsonb_build_object('scope', p_scope, 'name', v_name, 'org', v_org,
		'idle_seconds', p_policy.idle_seconds, 'max_seconds', p_policy.max_seconds, 'max_action', p_policy.max_action,
		'warn_seconds', p_policy.warn_seconds, 'extend_seconds', p_policy.extend_seconds,
		'set', coalesce((SELECT jsonb_object_agg(k.key, k.value - 'bounded') FROM jsonb_each(p_policy.origins) AS k), '{}'),
		'revision', coalesce(p_policy.revision, 0), 'updated_at', p_policy.updated_at);
END
$$;
COMMENT ON FUNCTION streamspace_rules.policy_json(integer, text, integer, text, streamspace_data.policy) IS
	'The row of a policy as callers see it; revision 0 when it is NULL: nothing was ever set';

CREATE FUNCTION streamspace_rules.policy_json(p_org_id integer, p_scope text, p_id integer, p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_policy streamspace_data.policy;
BEGIN
	SELECT p.* INTO v_policy FROM streamspace_data.policy AS p
	WHERE p.org_id = p_org_id AND p.scope = p_scope
		AND (p_scope = 'org' OR p.group_id = p_id OR p.user_id = p_id OR p.template_id = p_id OR p.session_id = p_session);
	RETURN streamspace_rules.policy_json(p_org_id, p_scope, p_id, p_session, v_policy);
END
$$;
COMMENT ON FUNCTION streamspace_rules.policy_json(integer, text, integer, text) IS 'The policy of a scope as callers see it; revision 0 when nothing was ever set';
