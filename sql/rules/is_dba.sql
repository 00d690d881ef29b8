CREATE FUNCTION streamspace_rules.is_dba() RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN EXISTS (
			SELECT FROM pg_catalog.pg_auth_members AS m
			JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
			JOIN pg_catalog.pg_roles AS l ON l.oid = m.member
			WHERE l.rolname = session_user AND g.rolname = 'streamspace_dba')
		AND NOT EXISTS (
			WITH RECURSIVE up AS (
				SELECT l.oid FROM pg_catalog.pg_roles AS l WHERE l.rolname = session_user
				UNION
				SELECT m.roleid FROM pg_catalog.pg_auth_members AS m JOIN up ON m.member = up.oid
			)
			SELECT FROM up JOIN pg_catalog.pg_roles AS g ON g.oid = up.oid WHERE g.rolname = 'streamspace_api');
END
$$;
COMMENT ON FUNCTION streamspace_rules.is_dba IS 'Whether session_user is a direct member of streamspace_dba and in no way one of streamspace_api';
