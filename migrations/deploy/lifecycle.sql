-- Deploy streamspace:lifecycle to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- What callers see and what agents are fenced by change at different times: each has its own number.
ALTER TABLE streamspace_data.session ADD COLUMN agent_revision bigint NOT NULL DEFAULT 1;
UPDATE streamspace_data.session AS s SET agent_revision = s.revision WHERE s.revision <> 1;
ALTER TABLE streamspace_data.session ADD CONSTRAINT session_agent_revision_fits_json CHECK (agent_revision BETWEEN 1 AND 9007199254740991);
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change that callers see; what they name to change only what they have read';
COMMENT ON COLUMN streamspace_data.session.agent_revision IS
	'Raised with every change of what the agent shall make true; commands carry it, and a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.observed_revision IS 'The agent_revision that the last report was about';

INSERT INTO streamspace_data.session_transition (from_state, event, to_state, deadline, on_deadline) VALUES
	('failed', 'retry', 'pending', '10 minutes', 'pending_expired');

ALTER TABLE streamspace_data.session
	ADD COLUMN started_at timestamptz,
	ADD COLUMN keep_until timestamptz,
	ADD COLUMN decided_at timestamptz,
	ADD COLUMN check_at timestamptz,
	ADD COLUMN warning jsonb,
	ADD COLUMN attempts integer NOT NULL DEFAULT 0,
	ADD COLUMN retry_at timestamptz;
UPDATE streamspace_data.session AS s SET started_at = s.state_at, check_at = now() WHERE s.state = 'running';
ALTER TABLE streamspace_data.session
	ADD CONSTRAINT session_warning_says_what_comes CHECK (jsonb_typeof(warning) = 'object' AND warning ?& ARRAY['at', 'action', 'rule']),
	ADD CONSTRAINT session_warning_is_for_who_runs CHECK (warning IS NULL OR state = 'running'),
	ADD CONSTRAINT session_attempts_are_counted CHECK (attempts >= 0),
	ADD CONSTRAINT session_retry_is_of_who_failed CHECK (retry_at IS NULL OR state = 'failed');
CREATE INDEX session_by_check ON streamspace_data.session (check_at) WHERE check_at IS NOT NULL;
COMMENT ON COLUMN streamspace_data.session.started_at IS
	'Since when the present run lasts: the first report that it runs after a start or a wake; a restart of its compute by the agent does not begin a new one. NULL while it does not run';
COMMENT ON COLUMN streamspace_data.session.keep_until IS 'Until then no rule stops this run (extend_session)';
COMMENT ON COLUMN streamspace_data.session.decided_at IS
	'When a person or a rule last decided whether it runs; a schedule acts only at moments after it. NULL: when it was created';
COMMENT ON COLUMN streamspace_data.session.check_at IS
	'When tick() looks at idle time, maximum duration, schedule and retry of this session; NULL: nothing can come due. It never lies after the next thing that does';
COMMENT ON COLUMN streamspace_data.session.warning IS
	'Shown before a rule stops the session: {at, action, rule}; NULL when no stop is near';
COMMENT ON COLUMN streamspace_data.session.attempts IS 'Retries since it last ran for a while, was hibernated or was retried by hand';
COMMENT ON COLUMN streamspace_data.session.retry_at IS 'When tick() starts the failed session again; NULL: not by itself';

CREATE TABLE streamspace_data.session_activity (
	org_id integer NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	active_at timestamptz NOT NULL,
	kind text COLLATE "C" NOT NULL,
	actor text NOT NULL,
	CONSTRAINT session_activity_pkey PRIMARY KEY (org_id, session_id),
	CONSTRAINT session_activity_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT session_activity_kind_is_known CHECK (kind IN ('input')),
	CONSTRAINT session_activity_actor_is_short CHECK (length(actor) <= 300)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.session_activity IS
	'Last input that somebody gave to a session; narrow and without an index on the time, so that every update is HOT. No row means unknown, never idle';
COMMENT ON COLUMN streamspace_data.session_activity.kind IS 'What counted: input of a keyboard or pointer';

CREATE TABLE streamspace_data.policy (
	org_id integer NOT NULL,
	policy_id integer GENERATED ALWAYS AS IDENTITY,
	scope text COLLATE "C" NOT NULL,
	group_id integer,
	user_id integer,
	template_id integer,
	session_id text COLLATE "C",
	idle_seconds integer,
	max_seconds integer,
	max_action text COLLATE "C",
	warn_seconds integer,
	extend_seconds integer,
	origins jsonb NOT NULL DEFAULT '{}',
	revision bigint NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT policy_pkey PRIMARY KEY (org_id, policy_id),
	CONSTRAINT policy_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT policy_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id),
	CONSTRAINT policy_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT policy_has_a_template FOREIGN KEY (org_id, template_id) REFERENCES streamspace_data.template (org_id, template_id),
	CONSTRAINT policy_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT policy_is_of_its_scope CHECK (num_nonnulls(group_id, user_id, template_id, session_id) = CASE scope WHEN 'org' THEN 0 ELSE 1 END
		AND CASE scope WHEN 'org' THEN true WHEN 'group' THEN group_id IS NOT NULL WHEN 'user' THEN user_id IS NOT NULL
			WHEN 'template' THEN template_id IS NOT NULL WHEN 'session' THEN session_id IS NOT NULL ELSE false END),
	CONSTRAINT policy_idle_time_is_bounded CHECK (idle_seconds = 0 OR idle_seconds BETWEEN 60 AND 31536000),
	CONSTRAINT policy_maximum_is_bounded CHECK (max_seconds = 0 OR max_seconds BETWEEN 60 AND 31536000),
	CONSTRAINT policy_action_is_known CHECK (max_action IN ('hibernate', 'terminate')),
	CONSTRAINT policy_warning_is_bounded CHECK (warn_seconds BETWEEN 0 AND 86400),
	CONSTRAINT policy_extension_is_bounded CHECK (extend_seconds BETWEEN 0 AND 2592000)
);
CREATE UNIQUE INDEX policy_is_one_an_org ON streamspace_data.policy (org_id) WHERE scope = 'org';
CREATE UNIQUE INDEX policy_is_one_a_group ON streamspace_data.policy (org_id, group_id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX policy_is_one_a_user ON streamspace_data.policy (org_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX policy_is_one_a_template ON streamspace_data.policy (org_id, template_id) WHERE template_id IS NOT NULL;
CREATE UNIQUE INDEX policy_is_one_a_session ON streamspace_data.policy (org_id, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX policy_by_scope ON streamspace_data.policy (org_id, scope, policy_id);
COMMENT ON TABLE streamspace_data.policy IS
	'When sessions are stopped by themselves. Each value by itself comes from the most specific scope that has one: session, template, user, group, org; of several groups from the strictest. NULL: not said here';
COMMENT ON COLUMN streamspace_data.policy.idle_seconds IS 'Hibernated after so long without input, 60 to 31536000; 0: never';
COMMENT ON COLUMN streamspace_data.policy.max_seconds IS 'A run lasts no longer, 60 to 31536000; 0: no maximum';
COMMENT ON COLUMN streamspace_data.policy.max_action IS 'What happens at the maximum: hibernate or terminate';
COMMENT ON COLUMN streamspace_data.policy.warn_seconds IS 'How long before a stop the warning is shown, 0 to 86400; 0: none';
COMMENT ON COLUMN streamspace_data.policy.extend_seconds IS 'How far a stop can be put off by extend_session, 0 to 2592000; 0: not at all';
COMMENT ON COLUMN streamspace_data.policy.origins IS 'Who set each value and when: {value: {by, at, bounded}}; bounded: by the owner of the session, counts only where it is stricter than what holds without it';

CREATE TABLE streamspace_data.policy_review (
	review_id bigint GENERATED ALWAYS AS IDENTITY,
	org_id integer NOT NULL,
	user_id integer,
	template_id integer,
	after_at timestamptz NOT NULL DEFAULT 'infinity',
	after_id text COLLATE "C" NOT NULL DEFAULT '',
	scanned boolean NOT NULL DEFAULT false,
	missed text[] NOT NULL DEFAULT '{}',
	asked_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT policy_review_pkey PRIMARY KEY (review_id),
	CONSTRAINT policy_review_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id)
);
CREATE INDEX policy_review_by_org ON streamspace_data.policy_review (org_id);
COMMENT ON TABLE streamspace_data.policy_review IS
	'A policy has changed: tick() looks again at the running sessions that it concerns, some at a time, from the newest on';
COMMENT ON COLUMN streamspace_data.policy_review.scanned IS 'Only the missed ones are left';
COMMENT ON COLUMN streamspace_data.policy_review.missed IS 'Sessions that somebody else held; they are tried again';

CREATE TABLE streamspace_data.session_schedule (
	org_id integer NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	user_id integer NOT NULL,
	time_zone text NOT NULL,
	days integer[] NOT NULL,
	start_time time,
	stop_time time,
	enabled boolean NOT NULL,
	set_by text NOT NULL,
	set_at timestamptz NOT NULL,
	revision bigint NOT NULL DEFAULT 1,
	CONSTRAINT session_schedule_pkey PRIMARY KEY (org_id, session_id),
	CONSTRAINT session_schedule_has_an_owner FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT session_schedule_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT session_schedule_days_are_of_the_week CHECK (cardinality(days) BETWEEN 1 AND 7 AND days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]),
	CONSTRAINT session_schedule_does_something CHECK (num_nonnulls(start_time, stop_time) > 0 AND start_time IS DISTINCT FROM stop_time),
	CONSTRAINT session_schedule_zone_is_short CHECK (length(time_zone) <= 100)
);
CREATE INDEX session_schedule_by_owner ON streamspace_data.session_schedule (org_id, user_id, session_id);
COMMENT ON TABLE streamspace_data.session_schedule IS
	'Working hours of a session: woken at start_time and hibernated at stop_time of its days, by the clock of its time zone. Each of these moments acts once; what a person does after it stands until the next';
COMMENT ON COLUMN streamspace_data.session_schedule.user_id IS 'Owner of the session';
COMMENT ON COLUMN streamspace_data.session_schedule.days IS 'Days on which a window begins: 1 Monday to 7 Sunday. A stop_time before the start_time lies on the day after';
COMMENT ON COLUMN streamspace_data.session_schedule.set_at IS 'Moments before it have no effect';

ALTER TABLE streamspace_data.session_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.policy_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.session_schedule ENABLE ROW LEVEL SECURITY;

COMMIT;
