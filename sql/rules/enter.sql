CREATE FUNCTION streamspace_rules.enter(p_actor bytea, p_function text, p_org text DEFAULT NULL, p_session text DEFAULT NULL,
	OUT user_id integer, OUT user_org_id integer, OUT role text, OUT name text, OUT identity text,
	OUT org_id integer, OUT reach text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_refusal jsonb;
BEGIN
	SELECT f.user_id, f.user_org_id, f.role, f.name, f.identity, f.org_id, f.reach, f.refusal
	INTO user_id, user_org_id, role, name, identity, org_id, reach, v_refusal
	FROM streamspace_rules.find_actor(p_actor, p_function, p_org, p_session) AS f;
	IF v_refusal IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(v_refusal);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.enter IS
	'find_actor(), with its refusal raised: actor_required, unauthorized, forbidden, scope_required, org_not_found';
