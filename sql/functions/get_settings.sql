CREATE FUNCTION streamspace.get_settings(p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_settings', NULL) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	RETURN streamspace_rules.settings_json();
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_settings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_settings TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_settings IS
	'What is set for the whole installation; put_settings says what each means. For platform administrators. Errors: actor_required, unauthorized, forbidden, scope_required';
