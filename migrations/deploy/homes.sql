-- Deploy streamspace:homes to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.home (
	org_id integer NOT NULL,
	home_id text COLLATE "C" NOT NULL,
	user_id integer NOT NULL,
	template_id integer,
	name text COLLATE "C" NOT NULL,
	size_mib bigint NOT NULL,
	retention_seconds bigint,
	state text COLLATE "C" NOT NULL DEFAULT 'kept',
	session_id text COLLATE "C",
	pools integer[] NOT NULL DEFAULT '{}',
	revision bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz,
	delete_at timestamptz,
	CONSTRAINT home_pkey PRIMARY KEY (org_id, home_id),
	CONSTRAINT home_id_is_unique UNIQUE (home_id),
	CONSTRAINT home_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT home_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT home_id_is_an_object_name CHECK (home_id ~ '^h-[0-9a-z]{26}$'),
	CONSTRAINT home_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
	CONSTRAINT home_size_is_bounded CHECK (size_mib BETWEEN 0 AND 1073741824),
	CONSTRAINT home_retention_is_bounded CHECK (retention_seconds BETWEEN 0 AND 2147483647),
	CONSTRAINT home_state_is_known CHECK (state IN ('kept', 'deleting', 'deleted')),
	CONSTRAINT home_in_use_is_kept CHECK (session_id IS NULL OR (state = 'kept' AND delete_at IS NULL)),
	CONSTRAINT home_revision_fits_json CHECK (revision BETWEEN 1 AND 9007199254740991)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX home_name_is_unique_of_its_owner ON streamspace_data.home (org_id, user_id, name) WHERE state = 'kept';
CREATE UNIQUE INDEX home_is_one_of_a_session ON streamspace_data.home (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX home_by_time ON streamspace_data.home (org_id, created_at DESC, home_id DESC);
CREATE INDEX home_by_owner ON streamspace_data.home (org_id, user_id, created_at DESC, home_id DESC);
CREATE INDEX home_by_state ON streamspace_data.home (org_id, state, created_at DESC, home_id DESC);
CREATE INDEX home_by_template ON streamspace_data.home (org_id, template_id) WHERE template_id IS NOT NULL;
CREATE INDEX home_free ON streamspace_data.home (org_id, user_id, template_id, created_at, home_id) WHERE state = 'kept' AND session_id IS NULL;
CREATE INDEX home_by_end ON streamspace_data.home (delete_at) WHERE delete_at IS NOT NULL;
COMMENT ON TABLE streamspace_data.home IS
	'Files of a user that outlive his sessions. Attached to one session at a time; locked after a session and before usage. Deleted by delete_home() or when its retention is over, never by a cleanup; the row of a deleted one is kept';
COMMENT ON COLUMN streamspace_data.home.template_id IS 'Template for whose sessions it was made; a session of it that names no home takes it when it is free. NULL: only by name';
COMMENT ON COLUMN streamspace_data.home.size_mib IS 'Counts against the storage quota while the state is kept; 0: made before sizes were recorded, counts nothing';
COMMENT ON COLUMN streamspace_data.home.pools IS 'Pools of storage that size_mib was taken from, and is given back to';
COMMENT ON COLUMN streamspace_data.home.retention_seconds IS 'How long it is kept after its last session; NULL: until it is deleted by hand';
COMMENT ON COLUMN streamspace_data.home.state IS 'kept; deleting: its agent has still to remove it; deleted';
COMMENT ON COLUMN streamspace_data.home.session_id IS 'Session that it is attached to, from its creation until it is terminated and its agent has stopped it';
COMMENT ON COLUMN streamspace_data.home.delete_at IS 'When its retention is over; set while it is attached to no session';

-- A row of its own, written when a session is placed: that comes after the locks of usage and agents, when no home may be locked.
CREATE TABLE streamspace_data.home_location (
	org_id integer NOT NULL,
	home_id text COLLATE "C" NOT NULL,
	agent_id text COLLATE "C" NOT NULL,
	since timestamptz NOT NULL,
	CONSTRAINT home_location_pkey PRIMARY KEY (org_id, home_id),
	CONSTRAINT home_location_has_a_home FOREIGN KEY (org_id, home_id) REFERENCES streamspace_data.home (org_id, home_id),
	CONSTRAINT home_location_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id)
);
CREATE INDEX home_location_by_agent ON streamspace_data.home_location (agent_id, home_id);
COMMENT ON TABLE streamspace_data.home_location IS 'Agent on which a home lies, once a session of it was placed there: its later sessions run on that agent';

ALTER TABLE streamspace_data.session ADD COLUMN home_id text COLLATE "C";
ALTER TABLE streamspace_data.session ADD CONSTRAINT session_has_a_home
	FOREIGN KEY (org_id, home_id) REFERENCES streamspace_data.home (org_id, home_id);
CREATE INDEX session_by_home ON streamspace_data.session (org_id, home_id) WHERE home_id IS NOT NULL;
COMMENT ON COLUMN streamspace_data.session.home_id IS 'Home that it was made with; NULL: it has none that outlives it';

ALTER TABLE streamspace_data.installation
	ADD COLUMN home_size_mib bigint NOT NULL DEFAULT 10240,
	ADD COLUMN home_retention_seconds bigint,
	ADD CONSTRAINT installation_home_size_is_bounded CHECK (home_size_mib BETWEEN 1 AND 1073741824),
	ADD CONSTRAINT installation_home_retention_is_bounded CHECK (home_retention_seconds BETWEEN 0 AND 2147483647);
COMMENT ON COLUMN streamspace_data.installation.home_size_mib IS 'Size of a home for which nobody names one';
COMMENT ON COLUMN streamspace_data.installation.home_retention_seconds IS 'Retention of a home for which nobody names one; NULL: kept until deleted by hand';

-- Homes of before were named by their session: h-X is the home of session s-X, and agents find it under either name.
INSERT INTO streamspace_data.home (org_id, home_id, user_id, name, size_mib, session_id, created_at, updated_at, last_used_at)
SELECT s.org_id, 'h-' || substr(s.session_id, 3), s.user_id, s.session_id, 0,
	CASE WHEN s.state <> 'terminated' OR s.cleanup_debt THEN s.session_id END, s.created_at, s.updated_at, s.state_at
FROM streamspace_data.session AS s
JOIN streamspace_data.template_revision AS r
	ON r.org_id = s.org_id AND r.template_id = s.template_id AND r.revision = s.template_revision
WHERE coalesce((r.spec ->> 'persistentHome')::boolean, true) AND (s.agent_id IS NOT NULL OR s.state <> 'terminated');
INSERT INTO streamspace_data.home_location (org_id, home_id, agent_id, since)
SELECT h.org_id, h.home_id, s.agent_id, s.created_at
FROM streamspace_data.home AS h
JOIN streamspace_data.session AS s ON s.org_id = h.org_id AND s.session_id = h.name
WHERE s.agent_id IS NOT NULL;
UPDATE streamspace_data.session AS s SET home_id = h.home_id
FROM streamspace_data.home AS h WHERE h.org_id = s.org_id AND h.name = s.session_id;

ALTER TABLE streamspace_data.agent_command DROP CONSTRAINT agent_command_object_is_known;
ALTER TABLE streamspace_data.agent_command ADD CONSTRAINT agent_command_object_is_known CHECK (object_kind IN ('session', 'template', 'home'));

ALTER TABLE streamspace_data.home ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.home_location ENABLE ROW LEVEL SECURITY;

COMMIT;
