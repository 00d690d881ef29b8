CREATE FUNCTION streamspace_rules.viewers_heard_since() RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_since timestamptz := streamspace_rules.now() - interval '60 seconds';
BEGIN
	-- While the database was down nobody could be heard.
	RETURN CASE WHEN pg_postmaster_start_time() > v_since THEN '-infinity' ELSE v_since END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.viewers_heard_since IS
	'An open viewer that was last reviewed before this time is lost with its server; grace counts from the start of the database server';
