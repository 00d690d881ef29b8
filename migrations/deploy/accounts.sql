-- Deploy streamspace:accounts to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.installation
	ADD COLUMN login_idle interval NOT NULL DEFAULT '8 hours',
	ADD COLUMN login_lifetime interval NOT NULL DEFAULT '12 hours',
	ADD COLUMN api_key_lifetime interval NOT NULL DEFAULT '365 days',
	ADD COLUMN login_window interval NOT NULL DEFAULT '15 minutes',
	ADD COLUMN login_attempts_per_account integer NOT NULL DEFAULT 10,
	ADD COLUMN login_attempts_per_address integer NOT NULL DEFAULT 100,
	ADD COLUMN revision bigint NOT NULL DEFAULT 1,
	ADD CONSTRAINT installation_login_times_are_bounded CHECK (login_idle BETWEEN '1 minute' AND '365 days'
		AND login_lifetime BETWEEN '1 minute' AND '365 days'),
	ADD CONSTRAINT installation_api_key_lifetime_is_bounded CHECK (api_key_lifetime BETWEEN '1 hour' AND '3650 days'),
	ADD CONSTRAINT installation_login_window_is_bounded CHECK (login_window BETWEEN '1 minute' AND '1 day'),
	ADD CONSTRAINT installation_login_attempts_are_bounded CHECK (login_attempts_per_account BETWEEN 1 AND 1000
		AND login_attempts_per_address BETWEEN 1 AND 100000);
COMMENT ON COLUMN streamspace_data.installation.login_idle IS 'A log-in that was not used for this long is worth nothing; counts for existing ones at once';
COMMENT ON COLUMN streamspace_data.installation.login_lifetime IS 'A log-in ends this long after it began, used or not; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.api_key_lifetime IS 'Longest life of an API key; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.login_window IS 'Time over which failed log-ins are counted';
COMMENT ON COLUMN streamspace_data.installation.login_attempts_per_account IS
	'Failed log-ins in a window: for one account from all addresses that it does not know, and from each that it knows';
COMMENT ON COLUMN streamspace_data.installation.login_attempts_per_address IS
	'Failed log-ins in a window from one address (IPv6: from its /64) to accounts that do not know it';
COMMENT ON COLUMN streamspace_data.installation.revision IS 'Raised by every change of the settings';

ALTER TABLE streamspace_data.org ADD COLUMN revision bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN streamspace_data.org.revision IS 'Raised by every change that callers see';
ALTER TABLE streamspace_data.app_user ADD COLUMN revision bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN streamspace_data.app_user.revision IS 'Raised by every change that callers see';
COMMENT ON COLUMN streamspace_data.app_user.active IS 'An inactive user opens nothing: neither log-in nor API key nor one-time token counts, from the next call on';
ALTER TABLE streamspace_data.agent ADD COLUMN revision bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN streamspace_data.agent.revision IS 'Raised by every change of what administrators set';

CREATE INDEX app_user_by_role ON streamspace_data.app_user (org_id, role, name);
-- Of the inactive ones only: an index of the active ones would be taken for the look-up of one user, and read them all.
CREATE INDEX app_user_inactive ON streamspace_data.app_user (org_id, name) WHERE NOT active;
CREATE INDEX app_user_administrators ON streamspace_data.app_user (user_id) WHERE role = 'platform_admin';

CREATE TABLE streamspace_data.user_group (
	org_id integer NOT NULL,
	group_id integer GENERATED ALWAYS AS IDENTITY,
	name text COLLATE "C" NOT NULL,
	display_name text NOT NULL DEFAULT '',
	members integer NOT NULL DEFAULT 0,
	revision bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT user_group_pkey PRIMARY KEY (org_id, group_id),
	CONSTRAINT user_group_id_is_unique UNIQUE (group_id),
	CONSTRAINT user_group_name_is_unique_in_its_org UNIQUE (org_id, name),
	CONSTRAINT user_group_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT user_group_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT user_group_display_name_is_short CHECK (length(display_name) <= 200),
	CONSTRAINT user_group_members_are_not_negative CHECK (members >= 0)
);
COMMENT ON TABLE streamspace_data.user_group IS 'Group of users of one organisation; quotas, templates, policies and shares may name it';
COMMENT ON COLUMN streamspace_data.user_group.members IS 'Rows of group_member, counted under the lock of this row';
COMMENT ON COLUMN streamspace_data.user_group.revision IS 'Raised by every change that callers see, members included';

CREATE TABLE streamspace_data.group_member (
	org_id integer NOT NULL,
	group_id integer NOT NULL,
	user_id integer NOT NULL,
	added_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT group_member_pkey PRIMARY KEY (org_id, group_id, user_id),
	CONSTRAINT group_member_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id) ON DELETE CASCADE,
	CONSTRAINT group_member_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id)
);
CREATE INDEX group_member_by_user ON streamspace_data.group_member (org_id, user_id, group_id);
COMMENT ON TABLE streamspace_data.group_member IS 'Who is in which group; both are of one organisation';

-- Log-ins of before have no name by which their owner could end them; he logs in again.
DELETE FROM streamspace_data.credential WHERE kind = 'login';
ALTER TABLE streamspace_data.credential DROP CONSTRAINT credential_kind_is_known;
ALTER TABLE streamspace_data.credential
	ADD COLUMN credential_id text COLLATE "C",
	ADD COLUMN name text,
	ADD COLUMN scopes text[] COLLATE "C",
	ADD COLUMN prefix text COLLATE "C",
	ADD COLUMN user_agent text,
	ADD COLUMN revision bigint NOT NULL DEFAULT 1,
	ADD CONSTRAINT credential_kind_is_known CHECK (kind IN ('login', 'api_key', 'set_password', 'agent', 'bootstrap')),
	ADD CONSTRAINT credential_id_is_unique UNIQUE (credential_id),
	ADD CONSTRAINT credential_hash_is_unique_in_its_org UNIQUE (org_id, token_hash),
	ADD CONSTRAINT credential_id_has_its_form CHECK (CASE kind WHEN 'login' THEN credential_id ~ '^l-[0-9a-v]{26}$'
		WHEN 'api_key' THEN credential_id ~ '^k-[0-9a-v]{26}$' ELSE credential_id IS NULL END),
	ADD CONSTRAINT credential_api_key_is_described CHECK (CASE WHEN kind = 'api_key'
		THEN name IS NOT NULL AND length(name) BETWEEN 1 AND 100 AND prefix ~ '^[0-9a-f]{8}$'
			AND cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'sessions', 'admin']
		ELSE name IS NULL AND prefix IS NULL AND scopes IS NULL END);
CREATE INDEX credential_of_org_by_id ON streamspace_data.credential (org_id, kind, credential_id)
	WHERE credential_id IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX credential_of_user_by_id ON streamspace_data.credential (org_id, user_id, kind, credential_id)
	WHERE credential_id IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX credential_by_revocation ON streamspace_data.credential (revoked_at) WHERE revoked_at IS NOT NULL;
COMMENT ON COLUMN streamspace_data.credential.credential_id IS 'Public name of a log-in (l-) or API key (k-); it opens nothing';
COMMENT ON COLUMN streamspace_data.credential.scopes IS 'What an API key may call: permission.scope must be among them';
COMMENT ON COLUMN streamspace_data.credential.prefix IS 'First 8 hexadecimal digits of an API key, by which people tell keys apart';
COMMENT ON COLUMN streamspace_data.credential.user_agent IS 'What the program that logged in called itself';

CREATE TABLE streamspace_data.credential_use (
	org_id integer NOT NULL,
	token_hash bytea NOT NULL,
	last_used_at timestamptz NOT NULL,
	CONSTRAINT credential_use_pkey PRIMARY KEY (org_id, token_hash),
	CONSTRAINT credential_use_has_a_credential FOREIGN KEY (org_id, token_hash)
		REFERENCES streamspace_data.credential (org_id, token_hash) ON DELETE CASCADE
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.credential_use IS
	'When a log-in or API key was last used, some seconds late; written in batches. No row: not used since it was made';

CREATE TABLE streamspace_data.login_attempt (
	key bytea NOT NULL,
	attempts integer NOT NULL,
	ends_at timestamptz NOT NULL,
	CONSTRAINT login_attempt_pkey PRIMARY KEY (key),
	CONSTRAINT login_attempt_key_is_a_sha256 CHECK (octet_length(key) = 32),
	CONSTRAINT login_attempt_counts CHECK (attempts >= 0)
) WITH (fillfactor = 50);
CREATE INDEX login_attempt_by_end ON streamspace_data.login_attempt (ends_at);
COMMENT ON TABLE streamspace_data.login_attempt IS
	'Failed and running log-ins of a window, by address, by account and by both; key: SHA-256 of what is counted, so that unknown names and long ones cost the same';

CREATE TABLE streamspace_data.login_address (
	org_id integer NOT NULL,
	user_id integer NOT NULL,
	address inet NOT NULL,
	last_login_at timestamptz NOT NULL,
	CONSTRAINT login_address_pkey PRIMARY KEY (org_id, user_id, address),
	CONSTRAINT login_address_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id)
);
CREATE INDEX login_address_by_time ON streamspace_data.login_address (last_login_at);
COMMENT ON TABLE streamspace_data.login_address IS
	'Addresses (IPv6: /64) from which a user logged in during the last 90 days, the latest 20: they keep a count of failed log-ins of their own, so that nobody elsewhere can lock the user out';

ALTER TABLE streamspace_data.user_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.group_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.credential_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.login_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.login_address ENABLE ROW LEVEL SECURITY;

COMMIT;
