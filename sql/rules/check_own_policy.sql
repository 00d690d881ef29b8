CREATE FUNCTION streamspace_rules.check_own_policy(p_session streamspace_data.session, p_policy jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_policy record;
	v_key text;
	v_limit jsonb;
BEGIN
	SELECT p.* INTO v_policy FROM streamspace_rules.effective_policy(p_session.org_id, p_session.user_id, p_session.template_id,
		p_session.template_revision, NULL) AS p;
	SELECT k.key, k.bound INTO v_key, v_limit FROM (VALUES
		('idle_seconds', to_jsonb(v_policy.idle_seconds), streamspace_rules.is_stricter(v_policy.idle_seconds, (p_policy ->> 'idle_seconds')::numeric::integer)),
		('max_seconds', to_jsonb(v_policy.max_seconds), streamspace_rules.is_stricter(v_policy.max_seconds, (p_policy ->> 'max_seconds')::numeric::integer)),
		('max_action', to_jsonb(v_policy.max_action), v_policy.max_seconds > 0 AND v_policy.max_action = 'terminate' AND p_policy ->> 'max_action' = 'hibernate'),
		('extend_seconds', to_jsonb(v_policy.extend_seconds), (p_policy ->> 'extend_seconds')::numeric::integer > v_policy.extend_seconds)) AS k (key, bound, looser)
	WHERE p_policy ->> k.key IS NOT NULL AND k.looser LIMIT 1;
	IF v_key IS NOT NULL THEN
		RETURN streamspace_rules.refusal('policy_not_stricter', jsonb_build_object('pointer', '/policy/' || v_key, 'limit', v_limit));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_own_policy IS
	'Refusal policy_not_stricter for a policy by which the owner of a session would loosen what holds for it, else NULL';
