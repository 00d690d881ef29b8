-- The proofs about the state machine: t.transition_flaws() is empty, or the table is wrong.
-- Each proof has an injected flaw in tests/sql/transitions.sql that must turn it red.

CREATE FUNCTION t.transition_flaws() RETURNS TABLE (proof text, flaw text) LANGUAGE sql STABLE AS $$
	WITH RECURSIVE
	edge AS (
		SELECT x.from_state, x.event, x.to_state, x.deadline, x.on_deadline FROM streamspace_data.session_transition AS x
	),
	state (state) AS (
		SELECT e.from_state FROM edge AS e UNION SELECT e.to_state FROM edge AS e
	),
	reached (state) AS (
		SELECT 'none' COLLATE "C" UNION SELECT e.to_state FROM reached AS r JOIN edge AS e ON e.from_state = r.state
	),
	leads_to_final (state) AS (
		SELECT 'terminated' COLLATE "C" UNION SELECT e.from_state FROM leads_to_final AS l JOIN edge AS e ON e.to_state = l.state
	),
	-- What the clock alone does: from a state that was entered with this timer to the next one.
	timer (state, event, next_state, next_event) AS (
		SELECT DISTINCT a.to_state, a.on_deadline, b.to_state, b.on_deadline
		  FROM edge AS a JOIN edge AS b ON b.from_state = a.to_state AND b.event = a.on_deadline
		 WHERE a.deadline IS NOT NULL
	),
	run (start, state, event, path) AS (
		SELECT m.state, m.next_state, m.next_event, ARRAY[m.state] FROM timer AS m
		UNION ALL
		SELECT r.start, m.next_state, m.next_event, r.path || m.state
		  FROM run AS r JOIN timer AS m ON m.state = r.state AND m.event = r.event
		 WHERE NOT m.state = ANY (r.path)
	)
	SELECT 'every state reaches the final one', s.state FROM state AS s
	 WHERE s.state NOT IN (SELECT l.state FROM leads_to_final AS l)
	UNION ALL
	SELECT 'every state can be reached', s.state FROM state AS s
	 WHERE s.state NOT IN (SELECT r.state FROM reached AS r)
	UNION ALL
	SELECT 'a waiting state has a deadline', format('%s by %s', e.to_state, e.event) FROM edge AS e
	 WHERE e.to_state NOT IN ('running', 'hibernated', 'terminated') AND (e.deadline IS NULL OR e.deadline <= '0')
	UNION ALL
	SELECT 'the event of a deadline is legal', format('%s in %s', e.on_deadline, e.to_state) FROM edge AS e
	 WHERE e.on_deadline IS NOT NULL
	   AND NOT EXISTS (SELECT FROM edge AS n WHERE n.from_state = e.to_state AND n.event = e.on_deadline)
	UNION ALL
	SELECT 'a forced way out from every state', s.state FROM state AS s
	 WHERE s.state NOT IN ('none', 'terminated')
	   AND NOT EXISTS (SELECT FROM edge AS e WHERE e.from_state = s.state AND e.event = 'force_terminate'
	                   AND e.to_state = 'terminated')
	UNION ALL
	SELECT 'a user can end it from every state', s.state FROM state AS s
	 WHERE s.state NOT IN ('none', 'terminating', 'terminated')
	   AND NOT EXISTS (SELECT FROM edge AS e WHERE e.from_state = s.state AND e.event = 'terminate'
	                   AND e.to_state IN ('terminating', 'terminated'))
	UNION ALL
	SELECT 'no way out of the final state', e.event FROM edge AS e WHERE e.from_state = 'terminated'
	UNION ALL
	SELECT 'timers do not loop', format('%s again after %s', r.state, array_to_string(r.path, ' > ')) FROM run AS r
	 WHERE r.state = ANY (r.path) AND r.event IS NOT NULL
	UNION ALL
	SELECT 'timers end in a state that stays', format('%s after %s', r.state, array_to_string(r.path, ' > '))
	  FROM run AS r
	 WHERE r.event IS NULL AND r.state NOT IN ('running', 'hibernated', 'terminated')
	UNION ALL
	SELECT 'a session begins in one way', e.event FROM edge AS e
	 WHERE e.from_state = 'none' AND (e.event, e.to_state) <> ('create', 'pending')
$$;
