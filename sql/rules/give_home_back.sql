CREATE FUNCTION streamspace_rules.give_home_back(p_org_id integer, p_home text, p_made boolean) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	IF p_home IS NULL THEN
		RETURN;
	ELSIF p_made THEN
		DELETE FROM streamspace_data.home AS h WHERE h.org_id = p_org_id AND h.home_id = p_home;
	ELSE
		UPDATE streamspace_data.home AS h SET session_id = NULL, revision = h.revision - 1,
			delete_at = coalesce(h.last_used_at, h.created_at) + h.retention_seconds * interval '1 second'
		WHERE h.org_id = p_org_id AND h.home_id = p_home;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.give_home_back IS 'Takes back what take_home() did in the same transaction, for a session that is not made after all';
