-- Revert streamspace:accounts from pg
BEGIN;

DROP TABLE streamspace_data.login_address, streamspace_data.login_attempt, streamspace_data.credential_use,
	streamspace_data.group_member, streamspace_data.user_group;
DELETE FROM streamspace_data.credential WHERE kind = 'api_key';
DROP INDEX streamspace_data.credential_by_revocation, streamspace_data.credential_of_org_by_id, streamspace_data.credential_of_user_by_id;
ALTER TABLE streamspace_data.credential
	DROP COLUMN credential_id, DROP COLUMN name, DROP COLUMN scopes, DROP COLUMN prefix, DROP COLUMN user_agent,
	DROP COLUMN revision,
	DROP CONSTRAINT credential_hash_is_unique_in_its_org,
	DROP CONSTRAINT credential_kind_is_known,
	ADD CONSTRAINT credential_kind_is_known CHECK (kind IN ('login', 'set_password', 'agent', 'bootstrap'));
DROP INDEX streamspace_data.app_user_by_role, streamspace_data.app_user_inactive, streamspace_data.app_user_administrators;
ALTER TABLE streamspace_data.agent DROP COLUMN revision;
ALTER TABLE streamspace_data.app_user DROP COLUMN revision;
COMMENT ON COLUMN streamspace_data.app_user.active IS NULL;
ALTER TABLE streamspace_data.org DROP COLUMN revision;
ALTER TABLE streamspace_data.installation
	DROP COLUMN login_idle, DROP COLUMN login_lifetime, DROP COLUMN api_key_lifetime, DROP COLUMN login_window,
	DROP COLUMN login_attempts_per_account, DROP COLUMN login_attempts_per_address, DROP COLUMN revision;

COMMIT;
