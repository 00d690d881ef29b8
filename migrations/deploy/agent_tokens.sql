-- Deploy streamspace:agent_tokens to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- Not in credential: the agent that a token is for need not exist yet, and a token is never the key of anything.
CREATE TABLE streamspace_data.agent_token (
	token_id text COLLATE "C" NOT NULL,
	token_hash bytea NOT NULL,
	agent_id text COLLATE "C" NOT NULL,
	created_by text NOT NULL,
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	revoked_at timestamptz,
	revision bigint NOT NULL DEFAULT 1,
	CONSTRAINT agent_token_pkey PRIMARY KEY (token_id),
	CONSTRAINT agent_token_hash_is_unique UNIQUE (token_hash),
	CONSTRAINT agent_token_is_a_sha256 CHECK (octet_length(token_hash) = 32),
	CONSTRAINT agent_token_id_has_its_form CHECK (token_id ~ '^t-[0-9a-v]{26}$'),
	CONSTRAINT agent_token_names_an_agent CHECK (agent_id ~ '^[A-Za-z0-9._-]{3,100}$'),
	CONSTRAINT agent_token_maker_is_short CHECK (length(created_by) <= 300),
	CONSTRAINT agent_token_expires CHECK (expires_at > created_at),
	CONSTRAINT agent_token_ends_once CHECK (used_at IS NULL OR revoked_at IS NULL),
	CONSTRAINT agent_token_revision_fits_json CHECK (revision BETWEEN 1 AND 9007199254740991)
);
CREATE UNIQUE INDEX agent_token_is_one_at_a_time ON streamspace_data.agent_token (agent_id) WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX agent_token_by_agent ON streamspace_data.agent_token (agent_id, token_id DESC);
CREATE INDEX agent_token_by_expiry ON streamspace_data.agent_token (expires_at);
COMMENT ON TABLE streamspace_data.agent_token IS
	'One-time tokens that enrol one agent each, approved beforehand; the SHA-256 only. A token registers the agent that it names, once, and opens nothing else';
COMMENT ON COLUMN streamspace_data.agent_token.agent_id IS 'The agent that it enrols, which need not exist yet';
COMMENT ON COLUMN streamspace_data.agent_token.created_by IS 'Who made it, as the audit log writes it';

ALTER TABLE streamspace_data.agent_token ENABLE ROW LEVEL SECURITY;

COMMIT;
