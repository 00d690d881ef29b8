CREATE VIEW streamspace.v_audit AS
SELECT l.audit_id, l.at, o.name AS org, l.actor, l.login_role, l.function, l.object_id, l.request_id, l.arguments, l.result
FROM streamspace_data.audit_log AS l
LEFT JOIN streamspace_data.org AS o ON o.org_id = l.org_id;
GRANT SELECT ON streamspace.v_audit TO streamspace_dba;
COMMENT ON VIEW streamspace.v_audit IS
	'The audit log of all organisations; org is empty for what belongs to none. It is partitioned by at: name a time in WHERE. list_audit() gives pages of one organisation';
