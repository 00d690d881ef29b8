CREATE FUNCTION streamspace.list_error_codes() RETURNS TABLE (sqlstate text, code text, http_status integer, title text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT e.sqlstate, e.code, e.http_status, e.title, e.hint FROM streamspace_data.error_code AS e ORDER BY e.sqlstate;
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_error_codes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_error_codes TO streamspace_api, streamspace_dba, streamspace_monitor;
COMMENT ON FUNCTION streamspace.list_error_codes IS
	'Every refusal: SQLSTATE, code, HTTP status, title (the MESSAGE of the error) and hint';
