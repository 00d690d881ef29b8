-- Revert streamspace:permissions from pg
BEGIN;
ALTER TABLE streamspace_data.app_user DROP CONSTRAINT app_user_role_is_known;
ALTER TABLE streamspace_data.app_user ADD CONSTRAINT app_user_role_is_known
	CHECK (role IN ('platform_admin', 'org_admin', 'user'));
DROP TABLE streamspace_data.permission;
COMMIT;
