-- A view of plain columns and not a function that makes a message, because it stands between a commit and the agent: asked
-- after a pause, when the processor has forgotten them, PL/pgSQL or json_build_object alone take longer than this query
-- (docs/decisions/0048).
-- An open connection is that of an approved agent under its last epoch: whatever ends that closes it in the same transaction.
-- The clock is the real one; where a test has moved the other one, claim_commands decides.
CREATE VIEW streamspace.v_waiting AS
SELECT c.agent_id, n.epoch, c.command_number, c.command_id, c.action, c.object_kind, c.object_id, c.revision, c.deadline_at AS deadline,
	c.payload
FROM streamspace_data.agent_connection AS n
JOIN streamspace_data.agent_command AS c ON c.agent_id = n.agent_id AND c.state = 'pending'
	AND (c.not_before IS NULL OR c.not_before <= pg_catalog.now())
WHERE n.disconnected_at IS NULL;
GRANT SELECT ON streamspace.v_waiting TO streamspace_api;
COMMENT ON VIEW streamspace.v_waiting IS
	'What claim_commands would give each connection of a protocol 3 agent now, in the order of command_number: the fields of its messages. A server whose own claim follows in the same transaction may send them while that is being written: like a claim that a crash loses, it is at worst sent again. For streamspaced only';
