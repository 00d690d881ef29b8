-- Deploy streamspace:commands to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.agent_command (
	command_id text COLLATE "C" NOT NULL,
	command_number bigint GENERATED ALWAYS AS IDENTITY,
	org_id integer,
	agent_id text COLLATE "C" NOT NULL,
	object_kind text COLLATE "C" NOT NULL,
	object_id text COLLATE "C" NOT NULL,
	session_id text COLLATE "C",
	action text COLLATE "C" NOT NULL,
	revision bigint NOT NULL,
	payload jsonb NOT NULL,
	state text COLLATE "C" NOT NULL DEFAULT 'pending',
	attempts integer NOT NULL DEFAULT 0,
	failures integer NOT NULL DEFAULT 0,
	epoch bigint,
	not_before timestamptz,
	lease_until timestamptz,
	deadline_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	acked_at timestamptz,
	finished_at timestamptz,
	result jsonb,
	error text,
	CONSTRAINT agent_command_pkey PRIMARY KEY (command_id),
	CONSTRAINT agent_command_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_command_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT agent_command_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT agent_command_id_is_ours CHECK (command_id ~ '^c-[0-9a-z]{26}$'),
	CONSTRAINT agent_command_object_is_known CHECK (object_kind IN ('session', 'template')),
	CONSTRAINT agent_command_action_is_known CHECK (action IN ('start_session', 'stop_session', 'hibernate_session', 'wake_session', 'apply', 'remove')),
	CONSTRAINT agent_command_session_is_its_object CHECK (session_id IS NULL OR (object_kind = 'session' AND object_id = session_id AND org_id IS NOT NULL)),
	CONSTRAINT agent_command_revision_fits_json CHECK (revision BETWEEN 0 AND 9007199254740991),
	CONSTRAINT agent_command_payload_is_an_object CHECK (jsonb_typeof(payload) = 'object'),
	CONSTRAINT agent_command_state_is_known CHECK (state IN ('pending', 'sent', 'acked', 'completed', 'failed', 'superseded', 'expired')),
	CONSTRAINT agent_command_sent_under_an_epoch CHECK (state NOT IN ('sent', 'acked') OR (epoch IS NOT NULL AND sent_at IS NOT NULL AND lease_until IS NOT NULL)),
	CONSTRAINT agent_command_end_has_a_time CHECK ((state IN ('completed', 'failed', 'superseded', 'expired')) = (finished_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX agent_command_waiting ON streamspace_data.agent_command (agent_id, command_number) WHERE state = 'pending';
CREATE INDEX agent_command_in_work ON streamspace_data.agent_command (agent_id, command_number) WHERE state IN ('sent', 'acked');
CREATE INDEX agent_command_by_lease ON streamspace_data.agent_command (lease_until) WHERE state IN ('sent', 'acked');
CREATE INDEX agent_command_of_an_object ON streamspace_data.agent_command (agent_id, object_kind, object_id, command_number) WHERE state IN ('pending', 'sent', 'acked');
CREATE INDEX agent_command_by_session ON streamspace_data.agent_command (org_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX agent_command_by_end ON streamspace_data.agent_command (finished_at) WHERE finished_at IS NOT NULL;
COMMENT ON TABLE streamspace_data.agent_command IS
	'Outbox: what an agent has to make true. payload is the whole desired state of the object at revision, never a difference';
COMMENT ON COLUMN streamspace_data.agent_command.command_number IS 'Order of sending; without an index of its own, which would tempt the planner to walk all finished commands';
COMMENT ON COLUMN streamspace_data.agent_command.epoch IS 'Connection on which it was last sent';
COMMENT ON COLUMN streamspace_data.agent_command.lease_until IS 'Without an answer until then it is sent again';

CREATE TABLE streamspace_data.agent_orphan (
	agent_id text COLLATE "C" NOT NULL,
	object_kind text COLLATE "C" NOT NULL,
	object_id text COLLATE "C" NOT NULL,
	uid text,
	revision bigint,
	state text,
	first_seen_at timestamptz NOT NULL,
	last_seen_at timestamptz NOT NULL,
	command_id text COLLATE "C",
	CONSTRAINT agent_orphan_pkey PRIMARY KEY (agent_id, object_kind, object_id),
	CONSTRAINT agent_orphan_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_orphan_texts_are_short CHECK (length(object_kind) <= 63 AND length(object_id) <= 253 AND length(uid) <= 100 AND length(state) <= 63)
);
CREATE INDEX agent_orphan_by_time ON streamspace_data.agent_orphan (first_seen_at) WHERE command_id IS NULL;
COMMENT ON TABLE streamspace_data.agent_orphan IS 'Objects that an agent holds and the database does not know; stopped after a grace period';

ALTER TABLE streamspace_data.agent_command ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_orphan ENABLE ROW LEVEL SECURITY;

COMMIT;
