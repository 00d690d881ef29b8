CREATE FUNCTION streamspace_rules.label_session(p_session text, p_tags text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_removed integer;
	v_added integer;
BEGIN
	DELETE FROM streamspace_data.session_tag AS g WHERE g.session_id = p_session AND g.tag <> ALL (p_tags)
		AND g.org_id = (SELECT s.org_id FROM streamspace_data.session AS s WHERE s.session_id = p_session);
	GET DIAGNOSTICS v_removed = ROW_COUNT;
	INSERT INTO streamspace_data.session_tag (org_id, tag, created_at, session_id, user_id)
	SELECT DISTINCT s.org_id, g.tag COLLATE "C", s.created_at, s.session_id, s.user_id
	FROM streamspace_data.session AS s, unnest(p_tags) AS g (tag) WHERE s.session_id = p_session
	ON CONFLICT ON CONSTRAINT session_tag_pkey DO NOTHING;
	GET DIAGNOSTICS v_added = ROW_COUNT;
	RETURN v_removed + v_added > 0;
END
$$;
COMMENT ON FUNCTION streamspace_rules.label_session IS
	'Gives a session exactly these tags, which were checked; the caller has locked or just made it. Returns whether any changed; NULL changes none';
