CREATE FUNCTION streamspace_rules.find_user(p_org_id integer, p_user text, p_lock boolean,
	OUT user_id integer, OUT role text, OUT active boolean, OUT revision bigint, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	IF p_lock THEN
		SELECT u.user_id, u.role, u.active, u.revision INTO user_id, role, active, revision
		FROM streamspace_data.app_user AS u WHERE u.org_id = p_org_id AND u.name = p_user FOR NO KEY UPDATE;
	ELSE
		SELECT u.user_id, u.role, u.active, u.revision INTO user_id, role, active, revision
		FROM streamspace_data.app_user AS u WHERE u.org_id = p_org_id AND u.name = p_user;
	END IF;
	IF NOT FOUND THEN
		refusal := streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_user, 100)));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_user IS
	'The user of a name in an organisation, locked when asked for; refusal user_not_found when there is none';
