-- Deploy streamspace:permissions to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE TABLE streamspace_data.permission (
	function text COLLATE "C" NOT NULL,
	scope text COLLATE "C" NOT NULL,
	platform_admin text COLLATE "C" NOT NULL,
	org_admin text COLLATE "C" NOT NULL,
	operator text COLLATE "C" NOT NULL,
	"user" text COLLATE "C" NOT NULL,
	auditor text COLLATE "C" NOT NULL,
	CONSTRAINT permission_pkey PRIMARY KEY (function),
	CONSTRAINT permission_scope_is_known CHECK (scope IN ('read', 'sessions', 'admin', 'account')),
	CONSTRAINT permission_reaches_are_known CHECK (platform_admin IN ('no', 'own', 'org', 'all') AND org_admin IN ('no', 'own', 'org')
		AND operator IN ('no', 'own', 'org') AND "user" IN ('no', 'own', 'org') AND auditor IN ('no', 'own', 'org'))
);
COMMENT ON TABLE streamspace_data.permission IS
	'Who may call what, and how far it reaches: no, own (what belongs to the actor), org (all of his organisation), all (any organisation). A function without a row is refused to everybody. The content is installed with the code (sql/permissions.sql)';
COMMENT ON COLUMN streamspace_data.permission.scope IS
	'What an API key must carry to call it; account: only a log-in may';

ALTER TABLE streamspace_data.app_user DROP CONSTRAINT app_user_role_is_known;
ALTER TABLE streamspace_data.app_user ADD CONSTRAINT app_user_role_is_known
	CHECK (role IN ('platform_admin', 'org_admin', 'operator', 'user', 'auditor'));

COMMIT;
