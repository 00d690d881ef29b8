-- Verify streamspace:homes on pg
BEGIN;
SELECT org_id, home_id, user_id, template_id, name, size_mib, retention_seconds, state, session_id, pools, revision, created_at, updated_at,
	last_used_at, delete_at FROM streamspace_data.home WHERE false;
SELECT org_id, home_id, agent_id, since FROM streamspace_data.home_location WHERE false;
SELECT home_id FROM streamspace_data.session WHERE false;
SELECT home_size_mib, home_retention_seconds FROM streamspace_data.installation WHERE false;
ROLLBACK;
