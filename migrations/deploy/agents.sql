-- Deploy streamspace:agents to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.agent (
	agent_id text COLLATE "C" NOT NULL,
	platform text COLLATE "C" NOT NULL,
	region text,
	approval text COLLATE "C" NOT NULL DEFAULT 'pending',
	rejection_reason text,
	state text COLLATE "C" NOT NULL DEFAULT 'offline',
	protocol_version integer NOT NULL DEFAULT 2,
	key_hash bytea,
	max_sessions integer NOT NULL DEFAULT 10,
	capacity jsonb NOT NULL DEFAULT '{}',
	metadata jsonb NOT NULL DEFAULT '{}',
	last_epoch bigint NOT NULL DEFAULT 0,
	connected_at timestamptz,
	approved_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT agent_pkey PRIMARY KEY (agent_id),
	CONSTRAINT agent_id_is_a_name CHECK (agent_id ~ '^[A-Za-z0-9._-]{3,100}$'),
	CONSTRAINT agent_platform_is_known CHECK (platform IN ('process', 'kubernetes', 'docker', 'vm', 'cloud')),
	CONSTRAINT agent_region_is_short CHECK (length(region) <= 100),
	CONSTRAINT agent_approval_is_known CHECK (approval IN ('pending', 'approved', 'rejected')),
	CONSTRAINT agent_state_is_known CHECK (state IN ('online', 'degraded', 'offline')),
	CONSTRAINT agent_protocol_is_known CHECK (protocol_version IN (2, 3)),
	CONSTRAINT agent_key_is_a_sha256 CHECK (octet_length(key_hash) = 32),
	CONSTRAINT agent_max_sessions_is_bounded CHECK (max_sessions BETWEEN 0 AND 1000000),
	CONSTRAINT agent_epoch_fits_json CHECK (last_epoch BETWEEN 0 AND 9007199254740991)
);
CREATE INDEX agent_by_platform ON streamspace_data.agent (platform) WHERE approval = 'approved' AND state = 'online';
COMMENT ON TABLE streamspace_data.agent IS 'Agent: a platform object, serves every organisation';
COMMENT ON COLUMN streamspace_data.agent.key_hash IS 'SHA-256 of the key that the agent made itself; NULL for an agent that knows only one key (2.0)';
COMMENT ON COLUMN streamspace_data.agent.last_epoch IS 'Highest epoch ever given to a connection of this agent: generation * 2^32 + counter';

ALTER TABLE streamspace_data.credential ADD CONSTRAINT credential_has_an_agent
	FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id);

CREATE TABLE streamspace_data.agent_connection (
	agent_id text COLLATE "C" NOT NULL,
	epoch bigint NOT NULL,
	instance_id text,
	replica text NOT NULL,
	address text,
	connected_at timestamptz NOT NULL,
	disconnected_at timestamptz,
	disconnect_reason text,
	inventory_at timestamptz,
	CONSTRAINT agent_connection_pkey PRIMARY KEY (agent_id, epoch),
	CONSTRAINT agent_connection_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_connection_texts_are_short CHECK (length(instance_id) <= 200 AND length(replica) <= 200 AND length(address) <= 200 AND length(disconnect_reason) <= 500)
);
CREATE UNIQUE INDEX agent_connection_is_one_at_a_time ON streamspace_data.agent_connection (agent_id) WHERE disconnected_at IS NULL;
CREATE INDEX agent_connection_by_end ON streamspace_data.agent_connection (disconnected_at) WHERE disconnected_at IS NOT NULL;
COMMENT ON TABLE streamspace_data.agent_connection IS 'Every connection of an agent, fenced by its epoch; the open one has no disconnected_at';

CREATE TABLE streamspace_data.agent_heartbeat (
	agent_id text COLLATE "C" NOT NULL,
	epoch bigint NOT NULL,
	heartbeat_at timestamptz NOT NULL,
	status text,
	active_sessions integer,
	CONSTRAINT agent_heartbeat_pkey PRIMARY KEY (agent_id),
	CONSTRAINT agent_heartbeat_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.agent_heartbeat IS 'Last heartbeat; narrow and without an index on the time, so that every update is HOT';

CREATE TABLE streamspace_data.agent_load (
	agent_id text COLLATE "C" NOT NULL,
	sessions integer NOT NULL DEFAULT 0,
	CONSTRAINT agent_load_pkey PRIMARY KEY (agent_id),
	CONSTRAINT agent_load_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_load_is_not_negative CHECK (sessions >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.agent_load IS 'Sessions that hold a place on the agent; locked last, in the order of agent_id';

ALTER TABLE streamspace_data.agent ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_heartbeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_load ENABLE ROW LEVEL SECURITY;

COMMIT;
