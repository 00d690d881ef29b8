-- A branch for each reason, so that each has its own index.
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
		WHEN s.state = 'pending' THEN 'connect an agent, or free a place: streamspace.explain_placement(p_session => ''' || s.session_id || ''') says what each lacks'
		ELSE 'the next report or inventory of the agent settles it'
	END AS way_out
FROM (
	SELECT x.org_id, x.session_id FROM streamspace_data.session AS x WHERE x.cleanup_debt
	UNION
	SELECT x.org_id, x.session_id FROM streamspace_data.session AS x WHERE x.state = 'pending'
	UNION
	SELECT x.org_id, x.session_id FROM streamspace_data.session AS x WHERE x.state = 'failed' AND x.retry_at IS NULL
	UNION
	SELECT x.org_id, x.session_id FROM streamspace_data.session AS x WHERE x.deadline_at < now()
	UNION
	SELECT x.org_id, x.session_id FROM streamspace_data.agent AS g
	JOIN streamspace_data.session AS x ON x.agent_id = g.agent_id AND x.state <> 'terminated' WHERE g.state = 'offline'
	UNION
	SELECT x.org_id, x.session_id FROM streamspace_data.session AS x
	WHERE (x.state = 'running' AND x.observed_state IS DISTINCT FROM 'running') OR (x.state = 'hibernated' AND x.observed_state IS DISTINCT FROM 'hibernated')
) AS k
JOIN streamspace_data.session AS s ON s.org_id = k.org_id AND s.session_id = k.session_id
JOIN streamspace_data.org AS o ON o.org_id = s.org_id
LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id;
GRANT SELECT ON streamspace.v_stuck TO streamspace_dba;
COMMENT ON VIEW streamspace.v_stuck IS
	'Sessions that do not go on by themselves: why (cleanup_debt, past_deadline, failed, agent_offline, waiting_for_an_agent, observed_differs), and the way out';
