CREATE FUNCTION streamspace_rules.org_of_home(p_home text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT h.org_id FROM streamspace_data.home AS h WHERE h.home_id = p_home);
END
$$;
COMMENT ON FUNCTION streamspace_rules.org_of_home IS 'Organisation of a home, for an actor who reaches all of them; NULL when there is no such home';
