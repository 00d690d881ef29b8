CREATE FUNCTION streamspace_rules.record_direct_dml() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM streamspace_rules.write_audit(NULL, 'login:' || session_user, 'direct_dml', jsonb_build_object(
		'table', TG_TABLE_NAME, 'operation', lower(TG_OP), 'query', left(current_query(), 2000)), NULL, TG_TABLE_NAME);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.record_direct_dml IS
	'Trigger: a statement of somebody who is not one of our functions wrote a table; the audit log gets his login, the table and the query';
