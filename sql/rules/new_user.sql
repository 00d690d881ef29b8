CREATE FUNCTION streamspace_rules.new_user(p_org_id integer, p_name text, p_role text, p_display_name text,
	p_max_sessions integer, p_password_hash text) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_user_id integer;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	INSERT INTO streamspace_data.app_user (org_id, name, role, display_name, password_hash, created_at, updated_at)
	VALUES (p_org_id, p_name, p_role, p_display_name, p_password_hash, v_now, v_now)
	ON CONFLICT ON CONSTRAINT app_user_name_is_unique_in_its_org DO NOTHING
	RETURNING user_id INTO v_user_id;
	IF v_user_id IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('already_exists', jsonb_build_object('user', p_name)));
	END IF;
	IF p_max_sessions IS NOT NULL THEN
		PERFORM streamspace_rules.set_quota(q.pool_id, jsonb_build_object('sessions', p_max_sessions))
		FROM streamspace_rules.find_quota(p_org_id, 'user', p_name) AS q;
	END IF;
	RETURN v_user_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.new_user IS 'Makes a user; p_max_sessions NULL leaves him the limit of all users; raises already_exists. Returns user_id';
