CREATE FUNCTION streamspace_rules.next_step(p_state text, p_reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE
		WHEN p_state = 'pending' AND p_reason = 'no_capacity' THEN 'It starts as soon as a place on an agent is free; or terminate it.'
		WHEN p_state = 'pending' THEN 'It starts as soon as an agent of its platform is connected; or terminate it.'
		WHEN p_state = 'failed' THEN (SELECT f.next_step FROM streamspace_rules.failure_advice(p_reason) AS f)
		WHEN p_state IN ('starting', 'waking') AND p_reason <> 'agent_offline' THEN streamspace_rules.waiting_advice(p_reason)
		WHEN p_reason = 'agent_offline' THEN 'It goes on as soon as its agent is connected again; or terminate it by force.'
		WHEN p_state = 'terminating' AND p_reason = 'stop_failed' THEN 'It is tried again until the deadline; or terminate it by force.'
		WHEN p_state IN ('hibernating', 'hibernated') AND p_reason IN ('idle', 'max_duration', 'schedule')
			THEN 'Wake it to go on; its outlook says which rules will stop it again.'
	END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.next_step IS 'What a person can do about a session in this state for this reason; NULL where nothing is needed';
