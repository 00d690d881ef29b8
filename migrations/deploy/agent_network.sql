-- Deploy streamspace:agent_network to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.agent_heartbeat
	ADD COLUMN network text COLLATE "C",
	ADD CONSTRAINT agent_heartbeat_network_is_known CHECK (network IN ('open', 'closed'));
COMMENT ON COLUMN streamspace_data.agent_heartbeat.network IS
	'Whether strangers reach the desktops of this agent over the network; NULL when it does not know';

COMMIT;
