-- Deploy streamspace:requests to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.request (
	actor text NOT NULL,
	function text COLLATE "C" NOT NULL,
	request_id text NOT NULL,
	request_hash bytea NOT NULL,
	answer jsonb NOT NULL,
	secret_of text,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT request_pkey PRIMARY KEY (actor, function, request_id),
	CONSTRAINT request_id_is_bounded CHECK (length(request_id) BETWEEN 1 AND 200),
	CONSTRAINT request_hash_is_a_sha256 CHECK (octet_length(request_hash) = 32)
);
CREATE INDEX request_by_time ON streamspace_data.request (created_at);
COMMENT ON TABLE streamspace_data.request IS 'Idempotency keys: the answer that a repeat gets. secret_of: the answer held a secret that is not kept, this is the object';

ALTER TABLE streamspace_data.request ENABLE ROW LEVEL SECURITY;

COMMIT;
