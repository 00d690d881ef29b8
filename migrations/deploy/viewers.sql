-- Deploy streamspace:viewers to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.installation
	ADD COLUMN viewers_per_session integer NOT NULL DEFAULT 200,
	ADD COLUMN viewer_tickets_per_user integer NOT NULL DEFAULT 200,
	ADD COLUMN connection_retention interval NOT NULL DEFAULT '30 days',
	ADD CONSTRAINT installation_viewers_are_bounded CHECK (viewers_per_session BETWEEN 1 AND 10000 AND viewer_tickets_per_user BETWEEN 1 AND 10000),
	ADD CONSTRAINT installation_connection_retention_keeps_a_day CHECK (connection_retention BETWEEN '1 day' AND '3650 days');
COMMENT ON COLUMN streamspace_data.installation.viewers_per_session IS 'Viewers that one session may have at a time; counts for new ones';
COMMENT ON COLUMN streamspace_data.installation.viewer_tickets_per_user IS 'Tickets for viewers that one user may hold unused at a time';
COMMENT ON COLUMN streamspace_data.installation.connection_retention IS 'How long the row of a viewer is kept after it was closed';

-- Used once or thrown away within seconds: the row goes when the ticket is used.
CREATE TABLE streamspace_data.viewer_ticket (
	ticket_hash bytea NOT NULL,
	org_id integer NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	user_org_id integer NOT NULL,
	user_id integer NOT NULL,
	credential_id text COLLATE "C" NOT NULL,
	viewer text NOT NULL,
	mode text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	CONSTRAINT viewer_ticket_pkey PRIMARY KEY (ticket_hash),
	CONSTRAINT viewer_ticket_is_a_sha256 CHECK (octet_length(ticket_hash) = 32),
	CONSTRAINT viewer_ticket_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT viewer_ticket_has_a_user FOREIGN KEY (user_org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT viewer_ticket_mode_is_known CHECK (mode IN ('view', 'control'))
);
CREATE INDEX viewer_ticket_by_session ON streamspace_data.viewer_ticket (org_id, session_id);
CREATE INDEX viewer_ticket_by_user ON streamspace_data.viewer_ticket (user_org_id, user_id, expires_at);
CREATE INDEX viewer_ticket_by_expiry ON streamspace_data.viewer_ticket (expires_at);
COMMENT ON TABLE streamspace_data.viewer_ticket IS
	'Tickets that open one viewer of one session each, within seconds, for who asked for them; the SHA-256 only. Using a ticket deletes its row';
COMMENT ON COLUMN streamspace_data.viewer_ticket.org_id IS 'Of the session; user_org_id is that of the user, another one for a platform administrator';
COMMENT ON COLUMN streamspace_data.viewer_ticket.credential_id IS 'Log-in or API key that asked for the ticket: what the ticket opens ends with it';
COMMENT ON COLUMN streamspace_data.viewer_ticket.viewer IS 'Who asked, as the audit log writes it';

CREATE TABLE streamspace_data.connection (
	org_id integer NOT NULL,
	connection_id text COLLATE "C" NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	owner_id integer NOT NULL,
	user_org_id integer NOT NULL,
	user_id integer NOT NULL,
	credential_id text COLLATE "C" NOT NULL,
	viewer text NOT NULL,
	mode text COLLATE "C" NOT NULL,
	agent_id text COLLATE "C" NOT NULL,
	run_at timestamptz NOT NULL,
	replica text NOT NULL,
	address text,
	relay_hash bytea,
	relay_replica text,
	relay_until timestamptz,
	opened_at timestamptz NOT NULL,
	reviewed_at timestamptz NOT NULL,
	last_input_at timestamptz,
	received bigint NOT NULL DEFAULT 0,
	sent bigint NOT NULL DEFAULT 0,
	closed_at timestamptz,
	reason text,
	closed_by text,
	revision bigint NOT NULL DEFAULT 1,
	CONSTRAINT connection_pkey PRIMARY KEY (org_id, connection_id),
	CONSTRAINT connection_id_is_unique UNIQUE (connection_id),
	CONSTRAINT connection_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT connection_has_a_user FOREIGN KEY (user_org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT connection_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT connection_id_has_its_form CHECK (connection_id ~ '^c-[0-9a-v]{26}$'),
	CONSTRAINT connection_mode_is_known CHECK (mode IN ('view', 'control')),
	CONSTRAINT connection_relay_ticket_is_a_sha256 CHECK (octet_length(relay_hash) = 32),
	CONSTRAINT connection_relay_ticket_is_whole CHECK (num_nonnulls(relay_hash, relay_replica, relay_until) IN (0, 3)),
	CONSTRAINT connection_texts_are_short CHECK (length(replica) <= 200 AND length(address) <= 200 AND length(relay_replica) <= 200
		AND length(reason) <= 200 AND length(closed_by) <= 300 AND length(viewer) <= 300),
	CONSTRAINT connection_counts_fit_json CHECK (received BETWEEN 0 AND 9007199254740991 AND sent BETWEEN 0 AND 9007199254740991),
	CONSTRAINT connection_end_has_a_reason CHECK ((closed_at IS NULL) = (reason IS NULL) AND (closed_at IS NOT NULL OR closed_by IS NULL)),
	CONSTRAINT connection_end_has_no_relay CHECK (closed_at IS NULL OR relay_hash IS NULL),
	CONSTRAINT connection_revision_fits_json CHECK (revision BETWEEN 1 AND 9007199254740991)
) WITH (fillfactor = 60);
CREATE INDEX connection_by_session ON streamspace_data.connection (org_id, session_id, connection_id DESC);
CREATE INDEX connection_open_by_session ON streamspace_data.connection (org_id, session_id, connection_id DESC) WHERE closed_at IS NULL;
CREATE INDEX connection_open_by_owner ON streamspace_data.connection (org_id, owner_id, connection_id DESC) WHERE closed_at IS NULL;
CREATE INDEX connection_open_by_org ON streamspace_data.connection (org_id, connection_id DESC) WHERE closed_at IS NULL;
CREATE INDEX connection_open_by_age ON streamspace_data.connection (opened_at) WHERE closed_at IS NULL;
CREATE INDEX connection_by_user ON streamspace_data.connection (user_org_id, user_id, connection_id DESC);
CREATE INDEX connection_by_agent ON streamspace_data.connection (agent_id) WHERE closed_at IS NULL;
CREATE INDEX connection_by_end ON streamspace_data.connection (closed_at) WHERE closed_at IS NOT NULL;
CREATE UNIQUE INDEX connection_relay_ticket_is_unique ON streamspace_data.connection (relay_hash) WHERE relay_hash IS NOT NULL;
COMMENT ON TABLE streamspace_data.connection IS
	'Viewers of sessions, a row each; the open ones have no closed_at. The row says what access a viewer came with: whether he still has it is asked again while he looks';
COMMENT ON COLUMN streamspace_data.connection.org_id IS 'Of the session; user_org_id is that of the viewer, another one for a platform administrator';
COMMENT ON COLUMN streamspace_data.connection.owner_id IS 'Owner of the session';
COMMENT ON COLUMN streamspace_data.connection.credential_id IS 'Log-in or API key that asked for the ticket: the viewer ends with it';
COMMENT ON COLUMN streamspace_data.connection.viewer IS 'Who looks, as the audit log writes it';
COMMENT ON COLUMN streamspace_data.connection.run_at IS 'state_at of the session when the viewer was opened: another one is another run';
COMMENT ON COLUMN streamspace_data.connection.replica IS 'Server that the browser reached, and that reports about this viewer';
COMMENT ON COLUMN streamspace_data.connection.relay_hash IS 'SHA-256 of the ticket with which that server reaches the one that holds the agent, until it is used';
COMMENT ON COLUMN streamspace_data.connection.reviewed_at IS
	'When its server last said that it has it, some seconds late; one of which nothing is heard for a minute is closed by tick()';
COMMENT ON COLUMN streamspace_data.connection.received IS 'Bytes from the viewer';
COMMENT ON COLUMN streamspace_data.connection.sent IS 'Bytes to the viewer';

CREATE TABLE streamspace_data.agent_stream (
	agent_id text COLLATE "C" NOT NULL,
	stream_id bigint GENERATED ALWAYS AS IDENTITY,
	epoch bigint NOT NULL,
	replica text NOT NULL,
	address text,
	connected_at timestamptz NOT NULL,
	CONSTRAINT agent_stream_pkey PRIMARY KEY (agent_id),
	CONSTRAINT agent_stream_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_stream_texts_are_short CHECK (length(replica) <= 200 AND length(address) <= 200)
);
COMMENT ON TABLE streamspace_data.agent_stream IS
	'Where the viewers of an agent go: the server that holds its stream socket. It counts while its epoch is the last one of the agent';
COMMENT ON COLUMN streamspace_data.agent_stream.stream_id IS 'Number of the socket: the end of an older one takes nothing away from a newer';
COMMENT ON COLUMN streamspace_data.agent_stream.address IS 'Where other servers reach that server; NULL: not at all';

ALTER TABLE streamspace_data.viewer_ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_stream ENABLE ROW LEVEL SECURITY;

COMMIT;
