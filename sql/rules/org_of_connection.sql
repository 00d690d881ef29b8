CREATE FUNCTION streamspace_rules.org_of_connection(p_connection text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT c.org_id FROM streamspace_data.connection AS c WHERE c.connection_id = p_connection);
END
$$;
COMMENT ON FUNCTION streamspace_rules.org_of_connection IS 'Organisation of the session of a viewer, for an actor who reaches all of them; NULL when there is no such viewer';
