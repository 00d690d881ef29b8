-- Deploy streamspace:sessions to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.session (
	org_id integer NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	user_id integer NOT NULL,
	template_id integer NOT NULL,
	template_revision integer NOT NULL,
	platform text COLLATE "C" NOT NULL,
	agent_id text COLLATE "C",
	holds_place boolean NOT NULL DEFAULT false,
	state text COLLATE "C" NOT NULL DEFAULT 'pending',
	state_event text COLLATE "C" NOT NULL DEFAULT 'create',
	desired_state text COLLATE "C" NOT NULL DEFAULT 'running',
	observed_state text COLLATE "C",
	observed_revision bigint NOT NULL DEFAULT 0,
	observed_at timestamptz,
	revision bigint NOT NULL DEFAULT 1,
	reason text,
	message text,
	progress jsonb,
	endpoint text,
	details jsonb,
	cleanup_debt boolean NOT NULL DEFAULT false,
	deadline_at timestamptz,
	on_deadline text COLLATE "C",
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	state_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT session_pkey PRIMARY KEY (org_id, session_id),
	CONSTRAINT session_id_is_unique UNIQUE (session_id),
	CONSTRAINT session_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT session_has_a_template FOREIGN KEY (org_id, template_id, template_revision) REFERENCES streamspace_data.template_revision (org_id, template_id, revision),
	CONSTRAINT session_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT session_id_is_an_object_name CHECK (session_id ~ '^s-[0-9a-z]{26}$'),
	CONSTRAINT session_platform_is_known CHECK (platform IN ('process', 'kubernetes', 'docker', 'vm', 'cloud')),
	CONSTRAINT session_state_is_known CHECK (state IN ('pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'terminated', 'failed')),
	CONSTRAINT session_desired_state_is_known CHECK (desired_state IN ('running', 'hibernated', 'stopped', 'terminated')),
	CONSTRAINT session_observed_state_is_known CHECK (observed_state IN ('starting', 'running', 'hibernated', 'terminated', 'failed')),
	CONSTRAINT session_revision_fits_json CHECK (revision BETWEEN 1 AND 9007199254740991 AND observed_revision BETWEEN 0 AND 9007199254740991),
	CONSTRAINT session_deadline_has_an_event CHECK ((deadline_at IS NULL) = (on_deadline IS NULL)),
	CONSTRAINT session_waits_have_deadlines CHECK ((state IN ('running', 'hibernated', 'terminated')) = (deadline_at IS NULL)),
	CONSTRAINT session_runs_on_an_agent CHECK (agent_id IS NOT NULL OR state IN ('pending', 'failed', 'terminating', 'terminated')),
	CONSTRAINT session_place_is_on_an_agent CHECK (NOT holds_place OR (agent_id IS NOT NULL AND state NOT IN ('failed', 'terminated')))
) WITH (fillfactor = 80);
CREATE INDEX session_by_time ON streamspace_data.session (org_id, created_at DESC, session_id DESC);
CREATE INDEX session_by_state ON streamspace_data.session (org_id, state, created_at DESC, session_id DESC);
CREATE INDEX session_by_owner ON streamspace_data.session (org_id, user_id, created_at DESC, session_id DESC);
CREATE INDEX session_by_template ON streamspace_data.session (org_id, template_id, template_revision);
CREATE INDEX session_by_deadline ON streamspace_data.session (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX session_by_agent ON streamspace_data.session (agent_id) WHERE state <> 'terminated' OR cleanup_debt;
CREATE INDEX session_waiting_for_a_place ON streamspace_data.session (created_at, session_id) WHERE state = 'pending';
COMMENT ON TABLE streamspace_data.session IS
	'A session: desired_state is written by calls and sweeps, observed_state by the reports of agents, state only by streamspace_rules.apply_event()';
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change of what is desired; a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.holds_place IS 'Counted in agent_load of agent_id';
COMMENT ON COLUMN streamspace_data.session.cleanup_debt IS 'Terminated by force: the agent has still to remove what it runs';
COMMENT ON COLUMN streamspace_data.session.on_deadline IS 'Event that happens when deadline_at is reached in this state';

ALTER TABLE streamspace_data.session ENABLE ROW LEVEL SECURITY;

COMMIT;
