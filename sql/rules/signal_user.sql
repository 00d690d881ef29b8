CREATE FUNCTION streamspace_rules.signal_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO streamspace_data.signal (org_id, event, user_id) VALUES (OLD.org_id, TG_ARGV[0], OLD.user_id);
	ELSE
		INSERT INTO streamspace_data.signal (org_id, event, user_id) VALUES (NEW.org_id, TG_ARGV[0], NEW.user_id);
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.signal_user IS
	'Trigger: what a user sees may be another set of sessions (access), or one of his credentials has ended (credential)';
