CREATE FUNCTION streamspace_rules.leave_agent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
BEGIN
	INSERT INTO streamspace_data.agent_orphan (agent_id, object_kind, object_id, revision, first_seen_at, last_seen_at)
	VALUES (OLD.agent_id, 'session', OLD.session_id, OLD.agent_revision, v_now, v_now)
	ON CONFLICT ON CONSTRAINT agent_orphan_pkey DO NOTHING;
	DELETE FROM streamspace_data.agent_orphan AS o
	WHERE o.agent_id = NEW.agent_id AND o.object_kind = 'session' AND o.object_id = NEW.session_id;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.leave_agent IS
	'Trigger: a session that is tried again on another agent is an orphan on the former one, which cleans up after the grace period';
