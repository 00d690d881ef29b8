CREATE VIEW streamspace.v_quota AS
SELECT o.name AS org, p.kind AS scope, coalesce(u.name, g.name, p.agent_id, o.name) AS name, r.resource, r.most AS "limit",
	coalesce(r.most, 1000000000000000) - r.free AS used, CASE WHEN r.most IS NOT NULL THEN r.free END AS free, p.revision
FROM streamspace_data.pool AS p
CROSS JOIN LATERAL (SELECT sum(s.sessions)::bigint AS sessions, sum(s.millicores)::bigint AS millicores, sum(s.memory_mib)::bigint AS memory_mib,
	sum(s.storage_mib)::bigint AS storage_mib FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p.pool_id) AS f
CROSS JOIN LATERAL (VALUES ('sessions', p.sessions, f.sessions), ('millicores', p.millicores, f.millicores),
	('memory_mib', p.memory_mib, f.memory_mib), ('storage_mib', p.storage_mib, f.storage_mib)) AS r (resource, most, free)
LEFT JOIN streamspace_data.org AS o ON o.org_id = p.org_id
LEFT JOIN streamspace_data.app_user AS u ON u.org_id = p.org_id AND u.user_id = p.user_id
LEFT JOIN streamspace_data.user_group AS g ON g.org_id = p.org_id AND g.group_id = p.group_id
WHERE p.kind <> 'user_default';
GRANT SELECT ON streamspace.v_quota TO streamspace_dba;
COMMENT ON VIEW streamspace.v_quota IS
	'Limit, used and free of every organisation, group, user and agent (scope, name), a row for each resource: sessions, millicores, memory_mib, storage_mib. No limit: limit and free are empty. A free below 0: the limit was lowered below what is used';
