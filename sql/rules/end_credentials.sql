CREATE FUNCTION streamspace_rules.end_credentials(p_org_id integer, p_user_id integer, p_kinds text[], p_except bytea DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_count integer;
BEGIN
	UPDATE streamspace_data.credential AS c SET revoked_at = streamspace_rules.now(), revision = c.revision + 1
	WHERE c.org_id = p_org_id AND c.user_id = p_user_id AND c.kind = ANY (p_kinds) AND c.revoked_at IS NULL
		AND c.token_hash IS DISTINCT FROM p_except;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN v_count;
END
$$;
COMMENT ON FUNCTION streamspace_rules.end_credentials IS
	'Ends the credentials of a user of these kinds (login, api_key, set_password), but for p_except; returns how many';
