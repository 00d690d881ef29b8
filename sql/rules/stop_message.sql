CREATE FUNCTION streamspace_rules.stop_message(p_rule text, p_seconds integer, p_source jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE p_rule
		WHEN 'idle' THEN format('no input for %s s, the idle time of %s %s', p_seconds, p_source ->> 'scope', p_source ->> 'name')
		WHEN 'max_duration' THEN format('it ran for %s s, the maximum of %s %s', p_seconds, p_source ->> 'scope', p_source ->> 'name')
		WHEN 'schedule' THEN format('its schedule, set by %s', p_source ->> 'by')
	END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.stop_message IS 'Why a rule stopped or woke a session, for its message';
