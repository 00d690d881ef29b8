CREATE FUNCTION streamspace_rules.check_template_access(p_org_id integer, p_user_id integer, p_template_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_template record;
BEGIN
	SELECT t.name, t.restricted, t.deleted_at INTO v_template
	FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.template_id = p_template_id;
	IF NOT FOUND OR v_template.deleted_at IS NOT NULL OR (p_user_id IS NOT NULL AND v_template.restricted AND NOT EXISTS (
		SELECT FROM streamspace_data.template_group AS g
		JOIN streamspace_data.group_member AS m ON m.org_id = g.org_id AND m.group_id = g.group_id AND m.user_id = p_user_id
		WHERE g.org_id = p_org_id AND g.template_id = p_template_id))
	THEN
		RETURN streamspace_rules.refusal('template_not_found', jsonb_build_object('template', v_template.name));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_access IS
	'Refusal for a template that is not there, is deleted, or is kept for groups of which the user is no member, else NULL: what one may not see looks like none. p_user_id NULL: an actor who sees all of the organisation';
