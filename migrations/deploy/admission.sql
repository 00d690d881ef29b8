-- Deploy streamspace:admission to pg
-- CASCADE: the views and policies of sql/ go with what they read; the installer brings them back.
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- What a session takes and where it may run. Sessions of before have the default of their template's time.
ALTER TABLE streamspace_data.session
	ADD COLUMN millicores integer NOT NULL DEFAULT 1000,
	ADD COLUMN memory_mib integer NOT NULL DEFAULT 2048,
	ADD COLUMN placement jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN pools integer[] NOT NULL DEFAULT '{}',
	ADD CONSTRAINT session_resources_are_bounded CHECK (millicores BETWEEN 1 AND 100000000 AND memory_mib BETWEEN 1 AND 100000000),
	ADD CONSTRAINT session_placement_is_an_object CHECK (jsonb_typeof(placement) = 'object');
COMMENT ON COLUMN streamspace_data.session.millicores IS 'Thousandths of a processor that the session may use, and that count against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.memory_mib IS 'Memory in MiB that the session may use, and that counts against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.placement IS 'What the agent has to be: {platforms, region, labels, agent}; an absent key asks for nothing';
COMMENT ON COLUMN streamspace_data.session.pools IS
	'Pools (user, groups, organisation, in the order of locking) that the session is counted in, from its creation until it is terminated; they get back what it took, whatever became of its owner''s groups';
COMMENT ON COLUMN streamspace_data.session.holds_place IS 'Counted in the pool of agent_id';
UPDATE streamspace_data.session AS s SET placement = jsonb_build_object('platforms', r.platforms)
FROM streamspace_data.template_revision AS r
WHERE r.org_id = s.org_id AND r.template_id = s.template_id AND r.revision = s.template_revision AND s.state <> 'terminated';

-- What an administrator says of an agent, beside what it says of itself.
ALTER TABLE streamspace_data.agent
	ADD COLUMN labels jsonb NOT NULL DEFAULT '{}',
	ADD COLUMN draining boolean NOT NULL DEFAULT false,
	ADD COLUMN limit_sessions integer,
	ADD COLUMN limit_millicores integer,
	ADD COLUMN limit_memory_mib integer,
	ADD COLUMN spread double precision NOT NULL DEFAULT random(),
	ADD CONSTRAINT agent_labels_are_an_object CHECK (jsonb_typeof(labels) = 'object'),
	ADD CONSTRAINT agent_limits_are_bounded CHECK (limit_sessions BETWEEN 0 AND 1000000
		AND limit_millicores BETWEEN 0 AND 1000000000 AND limit_memory_mib BETWEEN 0 AND 1000000000);
CREATE INDEX agent_by_spread ON streamspace_data.agent (spread) WHERE approval = 'approved' AND state = 'online' AND NOT draining;
COMMENT ON COLUMN streamspace_data.agent.max_sessions IS 'Sessions that the agent says it can hold';
COMMENT ON COLUMN streamspace_data.agent.labels IS 'What placement can ask for: an object of strings';
COMMENT ON COLUMN streamspace_data.agent.draining IS 'Gets no new sessions; those that it has go on';
COMMENT ON COLUMN streamspace_data.agent.limit_sessions IS 'Most sessions that it may hold, below what it says itself; NULL for no other limit';
COMMENT ON COLUMN streamspace_data.agent.limit_millicores IS 'Most millicores that its sessions may have in sum; NULL for no limit';
COMMENT ON COLUMN streamspace_data.agent.limit_memory_mib IS 'Most memory in MiB that its sessions may have in sum; NULL for no limit';
COMMENT ON COLUMN streamspace_data.agent.spread IS 'Random point in 0 to 1: placement chooses by it without looking at every agent';

CREATE TABLE streamspace_data.agent_org (
	agent_id text COLLATE "C" NOT NULL,
	org_id integer NOT NULL,
	CONSTRAINT agent_org_pkey PRIMARY KEY (agent_id, org_id),
	CONSTRAINT agent_org_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT agent_org_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id)
);
CREATE INDEX agent_org_by_org ON streamspace_data.agent_org (org_id);
COMMENT ON TABLE streamspace_data.agent_org IS 'Organisations that an agent serves; one without a row serves all';
ALTER TABLE streamspace_data.agent_org ENABLE ROW LEVEL SECURITY;

CREATE INDEX session_waiting_for_room ON streamspace_data.session (created_at, session_id) WHERE state = 'pending' AND reason = 'no_capacity';

CREATE TABLE streamspace_data.pool (
	pool_id integer GENERATED ALWAYS AS IDENTITY,
	kind text COLLATE "C" NOT NULL,
	step smallint NOT NULL GENERATED ALWAYS AS (CASE kind WHEN 'user' THEN 1 WHEN 'group' THEN 2 WHEN 'org' THEN 3 WHEN 'agent' THEN 4 ELSE 0 END) STORED,
	org_id integer,
	user_id integer,
	group_id integer,
	agent_id text COLLATE "C",
	slots integer NOT NULL DEFAULT 1,
	sessions bigint,
	millicores bigint,
	memory_mib bigint,
	storage_mib bigint,
	session_millicores bigint,
	session_memory_mib bigint,
	session_storage_mib bigint,
	own jsonb NOT NULL DEFAULT '{}',
	revision bigint NOT NULL DEFAULT 1,
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT pool_pkey PRIMARY KEY (pool_id),
	CONSTRAINT pool_has_an_org FOREIGN KEY (org_id) REFERENCES streamspace_data.org (org_id),
	CONSTRAINT pool_has_a_user FOREIGN KEY (org_id, user_id) REFERENCES streamspace_data.app_user (org_id, user_id),
	CONSTRAINT pool_has_a_group FOREIGN KEY (org_id, group_id) REFERENCES streamspace_data.user_group (org_id, group_id) ON DELETE CASCADE,
	CONSTRAINT pool_has_an_agent FOREIGN KEY (agent_id) REFERENCES streamspace_data.agent (agent_id),
	CONSTRAINT pool_belongs_to_one_holder CHECK (CASE kind
		WHEN 'user' THEN org_id IS NOT NULL AND user_id IS NOT NULL AND group_id IS NULL AND agent_id IS NULL
		WHEN 'group' THEN org_id IS NOT NULL AND user_id IS NULL AND group_id IS NOT NULL AND agent_id IS NULL
		WHEN 'org' THEN org_id IS NOT NULL AND user_id IS NULL AND group_id IS NULL AND agent_id IS NULL
		WHEN 'user_default' THEN org_id IS NOT NULL AND user_id IS NULL AND group_id IS NULL AND agent_id IS NULL
		WHEN 'agent' THEN org_id IS NULL AND user_id IS NULL AND group_id IS NULL AND agent_id IS NOT NULL
		ELSE false END),
	CONSTRAINT pool_slots_are_bounded CHECK (slots BETWEEN 1 AND 64),
	CONSTRAINT pool_limits_are_bounded CHECK (sessions BETWEEN 0 AND 1000000 AND millicores BETWEEN 0 AND 1000000000
		AND memory_mib BETWEEN 0 AND 1000000000 AND storage_mib BETWEEN 0 AND 1000000000),
	CONSTRAINT pool_maxima_are_bounded CHECK (session_millicores BETWEEN 0 AND 1000000000
		AND session_memory_mib BETWEEN 0 AND 1000000000 AND session_storage_mib BETWEEN 0 AND 1000000000),
	CONSTRAINT pool_own_limits_are_an_object CHECK (jsonb_typeof(own) = 'object')
);
CREATE UNIQUE INDEX pool_of_an_org ON streamspace_data.pool (org_id, kind) WHERE kind IN ('org', 'user_default');
CREATE UNIQUE INDEX pool_of_a_user ON streamspace_data.pool (org_id, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX pool_of_a_group ON streamspace_data.pool (org_id, group_id) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX pool_of_an_agent ON streamspace_data.pool (agent_id) WHERE agent_id IS NOT NULL;
COMMENT ON TABLE streamspace_data.pool IS
	'Limits: the quota of an organisation, a group or a user, what users have that have no quota of their own (user_default), and the capacity of an agent. NULL means no limit. What of it is free stands in pool_slot; used is the limit less what is free';
COMMENT ON COLUMN streamspace_data.pool.step IS 'Order of locking: users, groups, organisations, agents; within a step agent_id, then pool_id';
COMMENT ON COLUMN streamspace_data.pool.slots IS 'Number of rows of pool_slot: more for larger limits, so that more transactions can take from it at once';
COMMENT ON COLUMN streamspace_data.pool.sessions IS 'Limit of sessions that are not terminated (agent: that hold a place on it)';
COMMENT ON COLUMN streamspace_data.pool.millicores IS 'Limit of the sum of their millicores';
COMMENT ON COLUMN streamspace_data.pool.memory_mib IS 'Limit of the sum of their memory, in MiB';
COMMENT ON COLUMN streamspace_data.pool.storage_mib IS 'Limit of the sum of the sizes of homes, in MiB';
COMMENT ON COLUMN streamspace_data.pool.session_millicores IS 'Most that one session may have';
COMMENT ON COLUMN streamspace_data.pool.session_memory_mib IS 'Most that one session may have, in MiB';
COMMENT ON COLUMN streamspace_data.pool.session_storage_mib IS 'Most that one home may have, in MiB';
COMMENT ON COLUMN streamspace_data.pool.own IS 'Of a user: the limits that are his own; the others follow user_default. {} of all other pools';

CREATE TABLE streamspace_data.pool_slot (
	pool_id integer NOT NULL,
	slot integer NOT NULL,
	tight boolean NOT NULL DEFAULT false,
	sessions bigint NOT NULL,
	millicores bigint NOT NULL,
	memory_mib bigint NOT NULL,
	storage_mib bigint NOT NULL,
	CONSTRAINT pool_slot_pkey PRIMARY KEY (pool_id, slot),
	CONSTRAINT pool_slot_has_a_pool FOREIGN KEY (pool_id) REFERENCES streamspace_data.pool (pool_id) ON DELETE CASCADE,
	CONSTRAINT pool_slot_holds_what_is_free CHECK (tight OR (sessions >= 0 AND millicores >= 0 AND memory_mib >= 0 AND storage_mib >= 0))
) WITH (fillfactor = 25);
COMMENT ON TABLE streamspace_data.pool_slot IS
	'What of a pool is free, in parts that different transactions can take from at once. A pool without a limit counts down from 10^15';
COMMENT ON COLUMN streamspace_data.pool_slot.tight IS
	'More is used than the limit allows, since it was lowered: the sum of all slots is below zero, and nobody takes from a single one until all of them were looked at under lock';

ALTER TABLE streamspace_data.pool ENABLE ROW LEVEL SECURITY;
ALTER TABLE streamspace_data.pool_slot ENABLE ROW LEVEL SECURITY;

-- What was limited and used so far. A new pool has one slot; the first that finds it too small shares it out.
INSERT INTO streamspace_data.pool (kind, org_id, sessions)
	SELECT 'org', o.org_id, o.max_sessions FROM streamspace_data.org AS o ORDER BY o.org_id;
INSERT INTO streamspace_data.pool (kind, org_id, sessions)
	SELECT 'user_default', o.org_id, o.max_sessions_per_user FROM streamspace_data.org AS o ORDER BY o.org_id;
INSERT INTO streamspace_data.pool (kind, org_id, user_id, sessions, own)
	SELECT 'user', u.org_id, u.user_id, coalesce(u.max_sessions, o.max_sessions_per_user),
		CASE WHEN u.max_sessions IS NULL THEN '{}' ELSE jsonb_build_object('sessions', u.max_sessions) END
	FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o ON o.org_id = u.org_id ORDER BY u.user_id;
INSERT INTO streamspace_data.pool (kind, org_id, group_id)
	SELECT 'group', g.org_id, g.group_id FROM streamspace_data.user_group AS g ORDER BY g.group_id;
INSERT INTO streamspace_data.pool (kind, agent_id, sessions)
	SELECT 'agent', a.agent_id, a.max_sessions FROM streamspace_data.agent AS a ORDER BY a.agent_id;
UPDATE streamspace_data.session AS s SET pools = ARRAY[u.pool_id, o.pool_id]
FROM streamspace_data.pool AS u, streamspace_data.pool AS o
WHERE s.state <> 'terminated' AND u.org_id = s.org_id AND u.user_id = s.user_id AND o.org_id = s.org_id AND o.kind = 'org';
INSERT INTO streamspace_data.pool_slot (pool_id, slot, tight, sessions, millicores, memory_mib, storage_mib)
	SELECT p.pool_id, 0, coalesce(p.sessions, 1000000000000000) < coalesce(q.n, 0), coalesce(p.sessions, 1000000000000000) - coalesce(q.n, 0),
		1000000000000000 - coalesce(q.millicores, 0), 1000000000000000 - coalesce(q.memory_mib, 0), 1000000000000000
	FROM streamspace_data.pool AS p
	LEFT JOIN (SELECT x.pool_id, count(*) AS n, sum(x.millicores) AS millicores, sum(x.memory_mib) AS memory_mib
		FROM (SELECT unnest(s.pools) AS pool_id, s.millicores, s.memory_mib FROM streamspace_data.session AS s
			UNION ALL
			SELECT a.pool_id, s.millicores, s.memory_mib FROM streamspace_data.session AS s
			JOIN streamspace_data.pool AS a ON a.agent_id = s.agent_id WHERE s.holds_place) AS x
		GROUP BY x.pool_id) AS q ON q.pool_id = p.pool_id
	WHERE p.kind <> 'user_default';

DROP TABLE streamspace_data.usage_user CASCADE;
DROP TABLE streamspace_data.usage_org CASCADE;
DROP TABLE streamspace_data.agent_load CASCADE;
ALTER TABLE streamspace_data.org DROP COLUMN max_sessions CASCADE, DROP COLUMN max_sessions_per_user CASCADE;
ALTER TABLE streamspace_data.app_user DROP COLUMN max_sessions CASCADE;

COMMIT;
