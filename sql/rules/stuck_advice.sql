CREATE FUNCTION streamspace_rules.stuck_advice(p_cleanup_debt boolean, p_deadline_at timestamptz, p_state text, p_agent_state text, p_reason text,
	OUT why text, OUT way_out text)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF p_cleanup_debt THEN
		why := 'cleanup_debt';
		way_out := 'Connect its agent again: it removes by itself what is left of the session.';
	ELSIF p_deadline_at < streamspace_rules.now() THEN
		why := 'past_deadline';
		way_out := 'See that a server runs: its sweep acts on deadlines.';
	ELSIF p_state = 'failed' THEN
		why := 'failed';
		way_out := (SELECT f.next_step FROM streamspace_rules.failure_advice(p_reason) AS f);
	ELSIF p_agent_state = 'offline' THEN
		why := 'agent_offline';
		way_out := 'Connect its agent again, or terminate the session by force.';
	ELSIF p_state = 'pending' THEN
		why := 'waiting_for_an_agent';
		way_out := 'Connect an agent that fits, or free a place; its placement says what each lacks.';
	ELSE
		why := 'observed_differs';
		way_out := 'Wait for the next report or inventory of its agent, which settles it.';
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.stuck_advice IS
	'Why a session does not go on by itself, the first reason that holds, as v_stuck says it too, and what a person does about it';
