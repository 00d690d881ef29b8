CREATE FUNCTION streamspace_rules.settle_home(p_org_id integer, p_home text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	UPDATE streamspace_data.home AS h SET state = 'deleted', revision = h.revision + 1, updated_at = streamspace_rules.now()
	WHERE h.org_id = p_org_id AND h.home_id = p_home AND h.state = 'deleting';
	IF FOUND THEN
		DELETE FROM streamspace_data.home_location AS l WHERE l.org_id = p_org_id AND l.home_id = p_home;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.settle_home IS 'Its agent has removed a home that was given up';
