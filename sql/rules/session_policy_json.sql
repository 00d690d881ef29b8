CREATE FUNCTION streamspace_rules.session_policy_json(p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_policy record;
BEGIN
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	SELECT p.* INTO v_policy FROM streamspace_rules.effective_policy(v_session.org_id, v_session.user_id, v_session.template_id,
		v_session.template_revision, p_session) AS p;
	RETURN jsonb_build_object('policy', streamspace_rules.policy_json(v_session.org_id, 'session', NULL, p_session),
		'effective', jsonb_build_object(
		'idle_seconds', v_policy.idle_seconds, 'max_seconds', v_policy.max_seconds, 'max_action', v_policy.max_action,
		'warn_seconds', v_policy.warn_seconds, 'extend_seconds', v_policy.extend_seconds,
		'sources', (SELECT coalesce(jsonb_object_agg(k.key, k.value - 'rank' - 'bounded'), '{}') FROM jsonb_each(v_policy.sources) AS k)));
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_policy_json IS 'The policy of a session as callers see it, with what holds for it and who said so';
