CREATE FUNCTION streamspace_rules.signal_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_event text := 'update';
BEGIN
	IF TG_OP = 'INSERT' OR NEW.state_at IS DISTINCT FROM OLD.state_at OR NEW.state <> OLD.state THEN
		v_event := NEW.state_event;
	END IF;
	INSERT INTO streamspace_data.signal (org_id, event, session_id) VALUES (NEW.org_id, v_event, NEW.session_id);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.signal_session IS
	'Trigger: a session is new or looks different; event is what moved it, update when its state stayed';
