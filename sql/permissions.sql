-- Who may call what: one line a function, in alphabetical order. Reach: no; own: what belongs to the actor; org: all of his
-- organisation; all: any organisation. Scope: what an API key must carry (read, sessions, admin); account: only a log-in may.
-- A function of schema streamspace that takes an actor and has no line here is refused to everybody. Agents and the
-- server itself do not come this way. Runs as streamspace_owner.
DELETE FROM streamspace_data.permission;
INSERT INTO streamspace_data.permission (function, scope, platform_admin, org_admin, operator, "user", auditor) VALUES
	('approve_agent', 'admin', 'all', 'no', 'no', 'no', 'no'),
	('create_session', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('create_user', 'admin', 'all', 'org', 'no', 'no', 'no'),
	('delete_template', 'admin', 'all', 'org', 'no', 'no', 'no'),
	('get_me', 'read', 'own', 'own', 'own', 'own', 'own'),
	('get_session', 'read', 'all', 'org', 'org', 'own', 'org'),
	('get_template', 'read', 'all', 'org', 'org', 'own', 'org'),
	('get_template_access', 'read', 'all', 'org', 'org', 'no', 'org'),
	('hibernate_session', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('list_agents', 'read', 'all', 'org', 'org', 'org', 'org'),
	('list_orgs', 'read', 'all', 'no', 'no', 'no', 'no'),
	('list_sessions', 'read', 'all', 'org', 'org', 'own', 'org'),
	('list_shares', 'read', 'all', 'org', 'org', 'own', 'org'),
	('list_template_revisions', 'read', 'all', 'org', 'org', 'own', 'org'),
	('list_templates', 'read', 'all', 'org', 'org', 'own', 'org'),
	('list_users', 'read', 'all', 'org', 'org', 'no', 'org'),
	('log_out', 'account', 'own', 'own', 'own', 'own', 'own'),
	('publish_template', 'admin', 'all', 'no', 'no', 'no', 'no'),
	('put_org', 'admin', 'all', 'no', 'no', 'no', 'no'),
	('put_template', 'admin', 'all', 'org', 'no', 'no', 'no'),
	('reject_agent', 'admin', 'all', 'no', 'no', 'no', 'no'),
	('reset_password', 'admin', 'all', 'org', 'no', 'no', 'no'),
	('revoke_share', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('set_bootstrap_key', 'admin', 'all', 'no', 'no', 'no', 'no'),
	('set_template_access', 'admin', 'all', 'org', 'no', 'no', 'no'),
	('share_session', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('terminate_session', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('update_session', 'sessions', 'all', 'org', 'org', 'own', 'no'),
	('wake_session', 'sessions', 'all', 'org', 'org', 'own', 'no');
