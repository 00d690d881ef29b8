CREATE FUNCTION streamspace_rules.find_group(p_org_id integer, p_group text, p_lock boolean,
	OUT group_id integer, OUT revision bigint, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	IF p_lock THEN
		SELECT g.group_id, g.revision INTO group_id, revision
		FROM streamspace_data.user_group AS g WHERE g.org_id = p_org_id AND g.name = p_group FOR NO KEY UPDATE;
	ELSE
		SELECT g.group_id, g.revision INTO group_id, revision
		FROM streamspace_data.user_group AS g WHERE g.org_id = p_org_id AND g.name = p_group;
	END IF;
	IF NOT FOUND THEN
		refusal := streamspace_rules.refusal('group_not_found', jsonb_build_object('group', left(p_group, 100)));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_group IS
	'The group of a name in an organisation, locked when asked for; refusal group_not_found when there is none';
