CREATE FUNCTION streamspace_rules.session_tags(p_org_id integer, p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(g.tag ORDER BY g.tag), '[]') FROM streamspace_data.session_tag AS g
		WHERE g.org_id = p_org_id AND g.session_id = p_session);
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_tags IS 'Tags of a session as callers see them, sorted';
