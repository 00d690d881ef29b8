CREATE VIEW streamspace.v_stuck AS
SELECT s.session_id, o.name AS org, s.state, s.desired_state, s.observed_state, s.agent_id,
	CASE
		WHEN s.cleanup_debt THEN 'cleanup_debt'
		WHEN s.deadline_at < now() THEN 'past_deadline'
		WHEN s.state = 'failed' THEN 'failed'
		WHEN a.state = 'offline' THEN 'agent_offline'
		WHEN s.state = 'pending' THEN 'waiting_for_an_agent'
		ELSE 'observed_differs'
	END AS why,
	s.reason, s.message, s.deadline_at, s.on_deadline,
	CASE
		WHEN s.cleanup_debt THEN 'connect the agent again: it cleans up by itself'
		WHEN s.deadline_at < now() THEN 'check that a server runs: its sweep acts on deadlines'
		WHEN s.state = 'failed' THEN 'streamspace.retry_session(''' || s.session_id || ''')'
		WHEN a.state = 'offline' THEN 'connect the agent again, or streamspace.terminate_session(''' || s.session_id || ''', p_force => true)'
		WHEN s.state = 'pending' THEN 'connect an agent of the platform, or free a place'
		ELSE 'the next report or inventory of the agent settles it'
	END AS way_out
FROM streamspace_data.session AS s
JOIN streamspace_data.org AS o ON o.org_id = s.org_id
LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id
WHERE s.cleanup_debt OR s.state = 'pending' OR (s.state = 'failed' AND s.retry_at IS NULL) OR s.deadline_at < now()
	OR (a.state = 'offline' AND s.state <> 'terminated')
	OR (s.state = 'running' AND s.observed_state IS DISTINCT FROM 'running')
	OR (s.state = 'hibernated' AND s.observed_state IS DISTINCT FROM 'hibernated');
GRANT SELECT ON streamspace.v_stuck TO streamspace_dba;
COMMENT ON VIEW streamspace.v_stuck IS 'Sessions that do not go on by themselves: why, and the way out';
