CREATE FUNCTION streamspace_rules.find_quota(p_org_id integer, p_scope text, p_name text,
	OUT pool_id integer, OUT refusal jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CASE coalesce(p_scope, '')
	WHEN 'org', 'user_default' THEN
		SELECT p.pool_id INTO pool_id FROM streamspace_data.pool AS p WHERE p.org_id = p_org_id AND p.kind = p_scope;
	WHEN 'group' THEN
		-- Not as a join, for which the planner may walk through all pools of the organisation.
		SELECT p.pool_id INTO pool_id FROM streamspace_data.pool AS p
		WHERE p.org_id = p_org_id AND p.group_id = (SELECT g.group_id FROM streamspace_data.user_group AS g
			WHERE g.org_id = p_org_id AND g.name = p_name);
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('group_not_found', jsonb_build_object('group', left(p_name, 100)));
		END IF;
	WHEN 'user' THEN
		SELECT p.pool_id INTO pool_id FROM streamspace_data.pool AS p
		WHERE p.org_id = p_org_id AND p.user_id = (SELECT u.user_id FROM streamspace_data.app_user AS u
			WHERE u.org_id = p_org_id AND u.name = p_name);
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_name, 100)));
		END IF;
	ELSE
		refusal := streamspace_rules.invalid('/scope', 'org, group, user and user_default are allowed');
	END CASE;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_quota IS 'The pool of an organisation, its users'' default, a group or a user by name; or a refusal';
