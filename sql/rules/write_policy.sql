CREATE FUNCTION streamspace_rules.write_policy(p_org_id integer, p_scope text, p_id integer, p_session text, p_policy jsonb,
	p_if_revision bigint, p_identity text, p_bounded boolean) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_policy streamspace_data.policy;
	v_found boolean := false;
	v_origin jsonb := jsonb_build_object('by', p_identity, 'at', v_now) || CASE WHEN p_bounded THEN '{"bounded": true}' ELSE '{}' END::jsonb;
BEGIN
	-- Twice: who finds none and then cannot make one finds the one that another call has just made.
	FOR i IN 1..2 LOOP
		SELECT p.* INTO v_policy FROM streamspace_data.policy AS p
		WHERE p.org_id = p_org_id AND p.scope = p_scope
			AND (p.group_id, p.user_id, p.template_id, p.session_id) IS NOT DISTINCT FROM (CASE p_scope WHEN 'group' THEN p_id END,
				CASE p_scope WHEN 'user' THEN p_id END, CASE p_scope WHEN 'template' THEN p_id END, p_session)
		FOR UPDATE;
		v_found := FOUND;
		EXIT WHEN v_found OR i = 2;
		INSERT INTO streamspace_data.policy (org_id, scope, group_id, user_id, template_id, session_id, revision, created_at, updated_at)
		VALUES (p_org_id, p_scope, CASE p_scope WHEN 'group' THEN p_id END, CASE p_scope WHEN 'user' THEN p_id END,
			CASE p_scope WHEN 'template' THEN p_id END, p_session, 0, v_now, v_now)
		ON CONFLICT DO NOTHING;
	END LOOP;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, nullif(v_policy.revision, 0)));
	UPDATE streamspace_data.policy AS p SET
		idle_seconds = CASE WHEN p_policy ? 'idle_seconds' THEN (p_policy ->> 'idle_seconds')::numeric::integer ELSE p.idle_seconds END,
		max_seconds = CASE WHEN p_policy ? 'max_seconds' THEN (p_policy ->> 'max_seconds')::numeric::integer ELSE p.max_seconds END,
		max_action = CASE WHEN p_policy ? 'max_action' THEN p_policy ->> 'max_action' ELSE p.max_action END,
		warn_seconds = CASE WHEN p_policy ? 'warn_seconds' THEN (p_policy ->> 'warn_seconds')::numeric::integer ELSE p.warn_seconds END,
		extend_seconds = CASE WHEN p_policy ? 'extend_seconds' THEN (p_policy ->> 'extend_seconds')::numeric::integer ELSE p.extend_seconds END,
		origins = jsonb_strip_nulls(p.origins || (SELECT coalesce(jsonb_object_agg(k.key, CASE WHEN k.value <> 'null' THEN v_origin END), '{}')
			FROM jsonb_each(p_policy) AS k)),
		revision = p.revision + 1,
		updated_at = v_now
	WHERE p.org_id = p_org_id AND p.policy_id = v_policy.policy_id;
	-- Where nothing is said any more nothing is left that would keep a group from being deleted.
	DELETE FROM streamspace_data.policy AS p
	WHERE p.org_id = p_org_id AND p.policy_id = v_policy.policy_id
		AND num_nonnulls(p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds) = 0;
END
$$;
COMMENT ON FUNCTION streamspace_rules.write_policy IS
	'Writes the values that p_policy names into the policy of a scope: p_id of a group, user or template, p_session of a session. Raises revision_mismatch. p_bounded: by the owner of the session';
