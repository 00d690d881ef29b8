CREATE FUNCTION streamspace_rules.set_org(p_org_id integer) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	PERFORM set_config('streamspace.org', coalesce(p_org_id::text, ''), true);
END
$$;
COMMENT ON FUNCTION streamspace_rules.set_org IS 'Sets the tenancy of the running call; the caller carries SET streamspace.org, so that it ends with it';
