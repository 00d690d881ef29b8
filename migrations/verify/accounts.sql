-- Verify streamspace:accounts on pg
BEGIN;

SELECT group_id, revision FROM streamspace_data.user_group WHERE false;
SELECT user_id FROM streamspace_data.group_member WHERE false;
SELECT credential_id, name, scopes, prefix, user_agent, revision FROM streamspace_data.credential WHERE false;
SELECT last_used_at FROM streamspace_data.credential_use WHERE false;
SELECT attempts FROM streamspace_data.login_attempt WHERE false;
SELECT address FROM streamspace_data.login_address WHERE false;
SELECT login_idle, login_lifetime, api_key_lifetime, login_window, revision FROM streamspace_data.installation WHERE false;
SELECT revision FROM streamspace_data.org WHERE false;
SELECT revision FROM streamspace_data.app_user WHERE false;
SELECT revision FROM streamspace_data.agent WHERE false;

ROLLBACK;
