-- Verify streamspace:identity on pg
BEGIN;
SELECT i.installation_id, i.generation FROM streamspace_data.installation AS i WHERE false;
SELECT o.org_id, o.name FROM streamspace_data.org AS o WHERE false;
SELECT u.org_id, u.user_id, u.role FROM streamspace_data.app_user AS u WHERE false;
SELECT c.token_hash, c.kind FROM streamspace_data.credential AS c WHERE false;
ROLLBACK;
