-- Deploy streamspace:session_transitions to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.session_transition (
	from_state text COLLATE "C" NOT NULL,
	event text COLLATE "C" NOT NULL,
	to_state text COLLATE "C" NOT NULL,
	deadline interval,
	on_deadline text COLLATE "C",
	CONSTRAINT session_transition_pkey PRIMARY KEY (from_state, event),
	CONSTRAINT session_transition_leaves_a_known_state CHECK (from_state IN ('none', 'pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'failed')),
	CONSTRAINT session_transition_enters_a_known_state CHECK (to_state IN ('pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'terminated', 'failed')),
	CONSTRAINT session_transition_event_is_a_word CHECK (event ~ '^[a-z][a-z_]{0,39}$'),
	CONSTRAINT session_transition_deadline_has_an_event CHECK ((deadline IS NULL) = (on_deadline IS NULL)),
	CONSTRAINT session_transition_waits_have_deadlines CHECK ((to_state IN ('running', 'hibernated', 'terminated')) = (deadline IS NULL))
);
COMMENT ON TABLE streamspace_data.session_transition IS
	'The state machine of a session: in from_state, event leads to to_state; if the session is still there after deadline, on_deadline happens. none is the state before the row exists; terminated is final';

INSERT INTO streamspace_data.session_transition (from_state, event, to_state, deadline, on_deadline) VALUES
	('none', 'create', 'pending', '10 minutes', 'pending_expired'),
	('pending', 'place', 'starting', '10 minutes', 'start_timeout'),
	('pending', 'pending_expired', 'failed', '24 hours', 'failed_expired'),
	('pending', 'terminate', 'terminated', NULL, NULL),
	('pending', 'force_terminate', 'terminated', NULL, NULL),
	('starting', 'report_running', 'running', NULL, NULL),
	('starting', 'report_failed', 'failed', '24 hours', 'failed_expired'),
	('starting', 'report_terminated', 'failed', '24 hours', 'failed_expired'),
	('starting', 'start_timeout', 'failed', '24 hours', 'failed_expired'),
	('starting', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('starting', 'force_terminate', 'terminated', NULL, NULL),
	('running', 'hibernate', 'hibernating', '10 minutes', 'hibernate_timeout'),
	('running', 'report_missing', 'starting', '10 minutes', 'start_timeout'),
	('running', 'report_failed', 'failed', '24 hours', 'failed_expired'),
	('running', 'report_terminated', 'failed', '24 hours', 'failed_expired'),
	('running', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('running', 'force_terminate', 'terminated', NULL, NULL),
	('hibernating', 'report_hibernated', 'hibernated', NULL, NULL),
	('hibernating', 'report_failed', 'failed', '24 hours', 'failed_expired'),
	('hibernating', 'hibernate_timeout', 'failed', '24 hours', 'failed_expired'),
	('hibernating', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('hibernating', 'force_terminate', 'terminated', NULL, NULL),
	('hibernated', 'wake', 'waking', '10 minutes', 'wake_timeout'),
	('hibernated', 'report_failed', 'failed', '24 hours', 'failed_expired'),
	('hibernated', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('hibernated', 'force_terminate', 'terminated', NULL, NULL),
	('waking', 'report_running', 'running', NULL, NULL),
	('waking', 'report_failed', 'failed', '24 hours', 'failed_expired'),
	('waking', 'report_terminated', 'failed', '24 hours', 'failed_expired'),
	('waking', 'wake_timeout', 'failed', '24 hours', 'failed_expired'),
	('waking', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('waking', 'force_terminate', 'terminated', NULL, NULL),
	('terminating', 'report_terminated', 'terminated', NULL, NULL),
	('terminating', 'force_terminate', 'terminated', NULL, NULL),
	('failed', 'terminate', 'terminating', '10 minutes', 'force_terminate'),
	('failed', 'failed_expired', 'terminating', '10 minutes', 'force_terminate'),
	('failed', 'force_terminate', 'terminated', NULL, NULL);

COMMIT;
