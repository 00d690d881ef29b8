CREATE FUNCTION streamspace_rules.count_session_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	NEW.revision := OLD.revision + 1;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION streamspace_rules.count_session_revision IS
	'Trigger: one revision more with every update that changes what callers see of a session, whoever makes it';
