-- Verify streamspace:collaboration on pg
BEGIN;
SELECT name, notes FROM streamspace_data.session WHERE false;
SELECT org_id, tag, created_at, session_id, user_id FROM streamspace_data.session_tag WHERE false;
SELECT org_id, share_id, session_id, user_id, group_id, mode, expires_at, session_created_at, created_by, created_at, revision
	FROM streamspace_data.session_share WHERE false;
ROLLBACK;
