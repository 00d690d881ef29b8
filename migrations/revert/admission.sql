-- Revert streamspace:admission from pg
-- CASCADE: the views of sql/ go with their columns.
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.org
	ADD COLUMN max_sessions integer NOT NULL DEFAULT 1000,
	ADD COLUMN max_sessions_per_user integer NOT NULL DEFAULT 10;
ALTER TABLE streamspace_data.app_user ADD COLUMN max_sessions integer;
UPDATE streamspace_data.org AS o SET max_sessions = coalesce(p.sessions, 1000000), max_sessions_per_user = coalesce(d.sessions, 1000000)
FROM streamspace_data.pool AS p, streamspace_data.pool AS d
WHERE p.org_id = o.org_id AND p.kind = 'org' AND d.org_id = o.org_id AND d.kind = 'user_default';
UPDATE streamspace_data.app_user AS u SET max_sessions = coalesce(p.sessions, 1000000)
FROM streamspace_data.pool AS p WHERE p.org_id = u.org_id AND p.user_id = u.user_id AND p.own ? 'sessions';
ALTER TABLE streamspace_data.org ADD CONSTRAINT org_limits_are_bounded
	CHECK (max_sessions BETWEEN 0 AND 1000000 AND max_sessions_per_user BETWEEN 0 AND 1000000);
ALTER TABLE streamspace_data.app_user ADD CONSTRAINT app_user_limit_is_bounded CHECK (max_sessions BETWEEN 0 AND 1000000);
COMMENT ON COLUMN streamspace_data.app_user.max_sessions IS 'Limit of this user; NULL means the limit of the organisation';

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
CREATE TABLE streamspace_data.agent_load (
	agent_id text COLLATE "C" NOT NULL,
	sessions integer NOT NULL DEFAULT 0,
	CONSTRAINT agent_load_pkey PRIMARY KEY (agent_id),
	CONSTRAINT agent_load_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_load_is_not_negative CHECK (sessions >= 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE streamspace_data.agent_load IS 'Sessions that hold a place on the agent; locked last, in the order of agent_id';
ALTER TABLE streamspace_data.usage_org ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.usage_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.agent_load ENABLE ROW LEVEL SECURITY;
INSERT INTO streamspace_data.usage_org (org_id, sessions)
	SELECT o.org_id, (SELECT count(*) FROM streamspace_data.session AS s WHERE s.org_id = o.org_id AND s.state <> 'terminated')
	FROM streamspace_data.org AS o;
INSERT INTO streamspace_data.usage_user (org_id, user_id, sessions)
	SELECT u.org_id, u.user_id, (SELECT count(*) FROM streamspace_data.session AS s
		WHERE s.org_id = u.org_id AND s.user_id = u.user_id AND s.state <> 'terminated')
	FROM streamspace_data.app_user AS u;
INSERT INTO streamspace_data.agent_load (agent_id, sessions)
	SELECT a.agent_id, (SELECT count(*) FROM streamspace_data.session AS s WHERE s.agent_id = a.agent_id AND s.holds_place)
	FROM streamspace_data.agent AS a;

DROP INDEX streamspace_data.session_waiting_for_room;
DROP TABLE streamspace_data.agent_org CASCADE;
ALTER TABLE streamspace_data.agent DROP COLUMN labels CASCADE, DROP COLUMN draining CASCADE, DROP COLUMN limit_sessions CASCADE,
	DROP COLUMN limit_millicores CASCADE, DROP COLUMN limit_memory_mib CASCADE, DROP COLUMN spread CASCADE;
COMMENT ON COLUMN streamspace_data.agent.max_sessions IS NULL;
DROP TABLE streamspace_data.pool_slot CASCADE;
DROP TABLE streamspace_data.pool CASCADE;
ALTER TABLE streamspace_data.session DROP COLUMN millicores CASCADE, DROP COLUMN memory_mib CASCADE, DROP COLUMN placement CASCADE, DROP COLUMN pools CASCADE;
COMMENT ON COLUMN streamspace_data.session.holds_place IS 'Counted in agent_load of agent_id';

COMMIT;
