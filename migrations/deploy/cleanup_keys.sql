-- Deploy streamspace:cleanup_keys to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.cleanup_key (
	agent_id text COLLATE "C" NOT NULL,
	key_hash bytea NOT NULL,
	set_at timestamptz NOT NULL,
	revision bigint NOT NULL DEFAULT 1,
	CONSTRAINT cleanup_key_pkey PRIMARY KEY (agent_id),
	CONSTRAINT cleanup_key_opens_one_agent UNIQUE (key_hash),
	CONSTRAINT cleanup_key_agent_is_a_name CHECK (agent_id ~ '^[A-Za-z0-9._-]{3,100}$'),
	CONSTRAINT cleanup_key_is_a_sha256 CHECK (octet_length(key_hash) = 32)
);
COMMENT ON TABLE streamspace_data.cleanup_key IS
	'The key of the cleanup of one agent''s cluster: it opens collect_agent_objects of that agent, and nothing else, because nothing else looks here. An agent may get it before it has registered';

ALTER TABLE streamspace_data.cleanup_key ENABLE ROW LEVEL SECURITY;

COMMIT;
