-- Deploy streamspace:collaboration to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.session
	ADD COLUMN name text,
	ADD COLUMN notes text,
	ADD CONSTRAINT session_name_is_short CHECK (length(name) BETWEEN 1 AND 200),
	ADD CONSTRAINT session_notes_are_short CHECK (length(notes) BETWEEN 1 AND 4000);
COMMENT ON COLUMN streamspace_data.session.name IS 'What its owner calls it; NULL: nothing';
COMMENT ON COLUMN streamspace_data.session.notes IS 'Free text of its owner; NULL: none';
CREATE INDEX session_by_template_and_time ON streamspace_data.session (org_id, template_id, created_at DESC, session_id DESC);

-- With owner and time of the session, which never change: a page of a tag reads its index and nothing else first.
CREATE TABLE streamspace_data.session_tag (
	org_id integer NOT NULL,
	tag text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	user_id integer NOT NULL,
	CONSTRAINT session_tag_pkey PRIMARY KEY (org_id, session_id, tag),
	CONSTRAINT session_tag_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT session_tag_is_a_word CHECK (tag ~ '^[a-z0-9]([a-z0-9._:/-]{0,61}[a-z0-9])?$')
);
CREATE INDEX session_tag_by_time ON streamspace_data.session_tag (org_id, tag, created_at DESC, session_id DESC);
CREATE INDEX session_tag_by_owner ON streamspace_data.session_tag (org_id, user_id, tag, created_at DESC, session_id DESC);
COMMENT ON TABLE streamspace_data.session_tag IS 'Tags of sessions, a row each; created_at and user_id are those of the session. At most 32 a session';

CREATE TABLE streamspace_data.session_share (
	org_id integer NOT NULL,
	share_id text COLLATE "C" NOT NULL,
	session_id text COLLATE "C" NOT NULL,
	user_id integer,
	group_id integer,
	mode text COLLATE "C" NOT NULL,
	expires_at timestamptz,
	session_created_at timestamptz NOT NULL,
	created_by text NOT NULL,
	created_at timestamptz NOT NULL,
	revision bigint NOT NULL DEFAULT 1,
	CONSTRAINT session_share_pkey PRIMARY KEY (org_id, share_id),
	CONSTRAINT session_share_has_a_session FOREIGN KEY (org_id, session_id) REFERENCES streamspace_data.session (org_id, session_id),
	CONSTRAINT session_share_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT session_share_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id) ON DELETE CASCADE,
	CONSTRAINT session_share_is_with_one CHECK (num_nonnulls(user_id, group_id) = 1),
	CONSTRAINT session_share_id_is_ours CHECK (share_id ~ '^sh-[0-9a-z]{26}$'),
	CONSTRAINT session_share_mode_is_known CHECK (mode IN ('view', 'control')),
	CONSTRAINT session_share_revision_fits_json CHECK (revision BETWEEN 1 AND 9007199254740991)
);
CREATE UNIQUE INDEX session_share_is_one_a_user ON streamspace_data.session_share (org_id, session_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX session_share_is_one_a_group ON streamspace_data.session_share (org_id, session_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX session_share_by_session ON streamspace_data.session_share (org_id, session_id, share_id);
CREATE INDEX session_share_by_user ON streamspace_data.session_share (org_id, user_id, session_created_at DESC, session_id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX session_share_by_group ON streamspace_data.session_share (org_id, group_id, session_created_at DESC, session_id DESC) WHERE group_id IS NOT NULL;
CREATE INDEX session_share_by_end ON streamspace_data.session_share (expires_at) WHERE expires_at IS NOT NULL;
COMMENT ON TABLE streamspace_data.session_share IS
	'Who else of the organisation may use a session: one user or the present members of one group, until expires_at (NULL: until revoked). Revoking deletes the row; the audit log keeps the call';
COMMENT ON COLUMN streamspace_data.session_share.mode IS 'view: see it; control: also act in it, which counts as activity';
COMMENT ON COLUMN streamspace_data.session_share.session_created_at IS 'Of the session, which never changes: the order of the list of what is shared with somebody';

ALTER TABLE streamspace_data.session_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.session_share ENABLE ROW LEVEL SECURITY;

COMMIT;
