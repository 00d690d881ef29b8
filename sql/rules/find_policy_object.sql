CREATE FUNCTION streamspace_rules.find_policy_object(p_org_id integer, p_scope text, p_name text, OUT id integer, OUT refusal jsonb)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF p_scope = 'org' THEN
		IF p_name IS NOT NULL AND NOT EXISTS (SELECT FROM streamspace_data.org AS o WHERE o.org_id = p_org_id AND o.name = p_name) THEN
			refusal := streamspace_rules.invalid('/name', 'the policy of an organisation has no other name than its own');
		END IF;
	ELSIF p_scope IS NULL OR p_scope NOT IN ('group', 'user', 'template') THEN
		refusal := streamspace_rules.invalid('/scope', 'org, group, user and template are allowed');
	ELSIF p_name IS NULL THEN
		refusal := streamspace_rules.invalid('/name', 'is required');
	ELSIF p_scope = 'group' THEN
		SELECT g.group_id INTO id FROM streamspace_data.user_group AS g WHERE g.org_id = p_org_id AND g.name = p_name;
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('group_not_found', jsonb_build_object('group', left(p_name, 100)));
		END IF;
	ELSIF p_scope = 'user' THEN
		SELECT u.user_id INTO id FROM streamspace_data.app_user AS u WHERE u.org_id = p_org_id AND u.name = p_name;
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_name, 100)));
		END IF;
	ELSE
		SELECT t.template_id INTO id FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.name = p_name;
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('template_not_found', jsonb_build_object('template', left(p_name, 100)));
		END IF;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_policy_object IS
	'Id of the group, user or template that a policy is for (NULL for the organisation), or a refusal: invalid_argument, group_not_found, user_not_found, template_not_found';
