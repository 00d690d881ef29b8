CREATE FUNCTION streamspace_rules.home_state(p_state text, p_agent text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE WHEN p_state <> 'kept' THEN p_state WHEN p_agent IS NULL THEN 'new' ELSE 'ready' END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.home_state IS 'State of a home as callers see it: new (no agent has it yet), ready, deleting, deleted';
