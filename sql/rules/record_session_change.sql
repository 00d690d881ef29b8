CREATE FUNCTION streamspace_rules.record_session_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_new jsonb := to_jsonb(NEW);
	v_was jsonb;
BEGIN
	-- What is written often, or only for the machinery, is no part of how a session looks.
	SELECT jsonb_object_agg(o.key, o.value) INTO v_was FROM jsonb_each(to_jsonb(OLD)) AS o
	WHERE o.value IS DISTINCT FROM v_new -> o.key
		AND o.key NOT IN ('updated_at', 'observed_at', 'observed_revision', 'agent_revision', 'state_event', 'details', 'endpoint', 'holds_place',
			'check_at', 'decided_at', 'started_at');
	IF v_was IS NOT NULL THEN
		INSERT INTO streamspace_data.session_change (org_id, session_id, at, was)
		VALUES (OLD.org_id, OLD.session_id, clock_timestamp(), v_was);
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.record_session_change IS
	'Trigger: keeps the values that a change of a session replaced, of every column that is part of how the session looks';
