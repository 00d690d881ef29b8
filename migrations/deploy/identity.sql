-- Deploy streamspace:identity to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.installation (
	singleton boolean NOT NULL DEFAULT true,
	installation_id uuid NOT NULL DEFAULT gen_random_uuid(),
	generation integer NOT NULL DEFAULT 1,
	system_identifier bigint,
	timeline integer,
	event_retention interval NOT NULL DEFAULT '400 days',
	audit_retention interval NOT NULL DEFAULT '400 days',
	command_retention interval NOT NULL DEFAULT '7 days',
	request_retention interval NOT NULL DEFAULT '2 days',
	orphan_grace interval NOT NULL DEFAULT '10 minutes',
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT installation_pkey PRIMARY KEY (singleton),
	CONSTRAINT installation_is_one CHECK (singleton),
	CONSTRAINT installation_generation_fits_an_epoch CHECK (generation BETWEEN 1 AND 2097150),
	CONSTRAINT installation_retention_keeps_a_month CHECK (event_retention >= '31 days' AND audit_retention >= '31 days'),
	CONSTRAINT installation_retention_keeps_a_day CHECK (command_retention >= '1 day' AND request_retention >= '1 day'),
	CONSTRAINT installation_grace_is_not_negative CHECK (orphan_grace >= '0')
);
COMMENT ON TABLE streamspace_data.installation IS 'One row: identity of the installation, restore generation, retention';
COMMENT ON COLUMN streamspace_data.installation.generation IS 'High part of every epoch; raised when system_identifier or timeline of the server differ from the stored ones';
INSERT INTO streamspace_data.installation DEFAULT VALUES;

CREATE TABLE streamspace_data.org (
	org_id integer GENERATED ALWAYS AS IDENTITY,
	name text COLLATE "C" NOT NULL,
	display_name text NOT NULL DEFAULT '',
	max_sessions integer NOT NULL DEFAULT 1000,
	max_sessions_per_user integer NOT NULL DEFAULT 10,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT org_pkey PRIMARY KEY (org_id),
	CONSTRAINT org_name_is_unique UNIQUE (name),
	CONSTRAINT org_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT org_display_name_is_short CHECK (length(display_name) <= 200),
	CONSTRAINT org_limits_are_bounded CHECK (max_sessions BETWEEN 0 AND 1000000 AND max_sessions_per_user BETWEEN 0 AND 1000000)
);
COMMENT ON TABLE streamspace_data.org IS 'Organisation: the tenant';

CREATE TABLE streamspace_data.app_user (
	org_id integer NOT NULL,
	user_id integer GENERATED ALWAYS AS IDENTITY,
	name text COLLATE "C" NOT NULL,
	role text COLLATE "C" NOT NULL,
	display_name text NOT NULL DEFAULT '',
	max_sessions integer,
	password_hash text,
	active boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT app_user_pkey PRIMARY KEY (org_id, user_id),
	CONSTRAINT app_user_id_is_unique UNIQUE (user_id),
	CONSTRAINT app_user_name_is_unique_in_its_org UNIQUE (org_id, name),
	CONSTRAINT app_user_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT app_user_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT app_user_role_is_known CHECK (role IN ('platform_admin', 'org_admin', 'user')),
	CONSTRAINT app_user_display_name_is_short CHECK (length(display_name) <= 200),
	CONSTRAINT app_user_password_is_argon2id CHECK (password_hash IS NULL OR (password_hash LIKE '$argon2id$%' AND length(password_hash) <= 512)),
	CONSTRAINT app_user_limit_is_bounded CHECK (max_sessions BETWEEN 0 AND 1000000)
);
COMMENT ON TABLE streamspace_data.app_user IS 'Person or program that owns sessions; password_hash is made outside, argon2id';
COMMENT ON COLUMN streamspace_data.app_user.max_sessions IS 'Limit of this user; NULL means the limit of the organisation';

CREATE TABLE streamspace_data.credential (
	token_hash bytea NOT NULL,
	kind text COLLATE "C" NOT NULL,
	org_id integer,
	user_id integer,
	agent_id text COLLATE "C",
	address text,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz,
	revoked_at timestamptz,
	CONSTRAINT credential_pkey PRIMARY KEY (token_hash),
	CONSTRAINT credential_is_a_sha256 CHECK (octet_length(token_hash) = 32),
	CONSTRAINT credential_kind_is_known CHECK (kind IN ('login', 'set_password', 'agent', 'bootstrap')),
	CONSTRAINT credential_belongs_to_one_holder CHECK (CASE kind
		WHEN 'agent' THEN agent_id IS NOT NULL AND user_id IS NULL AND org_id IS NULL
		WHEN 'bootstrap' THEN agent_id IS NULL AND user_id IS NULL AND org_id IS NULL
		ELSE agent_id IS NULL AND user_id IS NOT NULL AND org_id IS NOT NULL AND expires_at IS NOT NULL END),
	CONSTRAINT credential_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id)
);
CREATE INDEX credential_by_user ON streamspace_data.credential (org_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX credential_agent_has_one_key ON streamspace_data.credential (agent_id) WHERE agent_id IS NOT NULL AND revoked_at IS NULL;
CREATE UNIQUE INDEX credential_bootstrap_is_one ON streamspace_data.credential (kind) WHERE kind = 'bootstrap' AND revoked_at IS NULL;
CREATE INDEX credential_by_expiry ON streamspace_data.credential (expires_at) WHERE expires_at IS NOT NULL;
COMMENT ON TABLE streamspace_data.credential IS 'SHA-256 of every token and key that opens anything; the token itself is never stored';

CREATE TABLE streamspace_data.usage_org (
	org_id integer NOT NULL,
	sessions integer NOT NULL DEFAULT 0,
	CONSTRAINT usage_org_pkey PRIMARY KEY (org_id),
	CONSTRAINT usage_org_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT usage_org_is_not_negative CHECK (sessions >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.usage_org IS 'Sessions of the organisation that are not terminated; locked after usage_user';

CREATE TABLE streamspace_data.usage_user (
	org_id integer NOT NULL,
	user_id integer NOT NULL,
	sessions integer NOT NULL DEFAULT 0,
	CONSTRAINT usage_user_pkey PRIMARY KEY (org_id, user_id),
	CONSTRAINT usage_user_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT usage_user_is_not_negative CHECK (sessions >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.usage_user IS 'Sessions of the user that are not terminated; locked after the session, before usage_org';

ALTER TABLE streamspace_data.installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.org ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.usage_org ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.usage_user ENABLE ROW LEVEL SECURITY;

COMMIT;
