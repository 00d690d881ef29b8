-- Verify streamspace:permissions on pg
BEGIN;
SELECT function, scope, platform_admin, org_admin, operator, "user", auditor FROM streamspace_data.permission WHERE false;
ROLLBACK;
