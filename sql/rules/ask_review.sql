CREATE FUNCTION streamspace_rules.ask_review(p_org_id integer, p_scope text, p_id integer) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	IF p_scope = 'group' AND (SELECT count(*) FROM streamspace_data.group_member AS m WHERE m.org_id = p_org_id AND m.group_id = p_id) <= 100 THEN
		INSERT INTO streamspace_data.policy_review (org_id, user_id)
		SELECT m.org_id, m.user_id FROM streamspace_data.group_member AS m WHERE m.org_id = p_org_id AND m.group_id = p_id;
	ELSE
		INSERT INTO streamspace_data.policy_review (org_id, user_id, template_id)
		VALUES (p_org_id, CASE p_scope WHEN 'user' THEN p_id END, CASE p_scope WHEN 'template' THEN p_id END);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.ask_review IS
	'The policy of a scope (org, group, user, template; p_id of the object) has changed, or who is in a group: the sweep looks again at the running sessions that it concerns';
