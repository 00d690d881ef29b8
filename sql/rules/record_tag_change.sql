CREATE FUNCTION streamspace_rules.record_tag_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- The tags that a session is born with are no change.
	IF TG_OP = 'INSERT' AND NEW.created_at < streamspace_rules.now() THEN
		INSERT INTO streamspace_data.session_change (org_id, session_id, at, was)
		VALUES (NEW.org_id, NEW.session_id, clock_timestamp(), jsonb_build_object('tag_added', NEW.tag));
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO streamspace_data.session_change (org_id, session_id, at, was)
		VALUES (OLD.org_id, OLD.session_id, clock_timestamp(), jsonb_build_object('tag_removed', OLD.tag));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.record_tag_change IS 'Trigger: keeps which tag a session got or lost';
