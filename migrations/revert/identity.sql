-- Revert streamspace:identity from pg
BEGIN;
DROP TABLE streamspace_data.usage_user;
DROP TABLE streamspace_data.usage_org;
DROP TABLE streamspace_data.credential;
DROP TABLE streamspace_data.app_user;
DROP TABLE streamspace_data.org;
DROP TABLE streamspace_data.installation;
COMMIT;
