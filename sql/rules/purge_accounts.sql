CREATE FUNCTION streamspace_rules.purge_accounts() RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_credentials integer;
	v_n integer;
	v_attempts integer;
BEGIN
	DELETE FROM streamspace_data.credential AS c WHERE c.token_hash IN (
		SELECT x.token_hash FROM streamspace_data.credential AS x
		WHERE x.expires_at < v_now - interval '7 days' ORDER BY x.expires_at LIMIT 5000);
	GET DIAGNOSTICS v_credentials = ROW_COUNT;
	DELETE FROM streamspace_data.credential AS c WHERE c.token_hash IN (
		SELECT x.token_hash FROM streamspace_data.credential AS x
		WHERE x.revoked_at < v_now - interval '7 days' AND x.user_id IS NOT NULL ORDER BY x.revoked_at LIMIT 5000);
	GET DIAGNOSTICS v_n = ROW_COUNT;
	DELETE FROM streamspace_data.agent_token AS t WHERE t.token_id IN (
		SELECT x.token_id FROM streamspace_data.agent_token AS x
		WHERE x.expires_at < v_now - interval '7 days' ORDER BY x.expires_at LIMIT 5000);
	DELETE FROM streamspace_data.login_attempt AS a WHERE a.key IN (
		SELECT x.key FROM streamspace_data.login_attempt AS x
		WHERE x.ends_at < v_now ORDER BY x.ends_at LIMIT 5000 FOR UPDATE SKIP LOCKED) AND a.ends_at < v_now;
	GET DIAGNOSTICS v_attempts = ROW_COUNT;
	DELETE FROM streamspace_data.login_address AS a WHERE (a.org_id, a.user_id, a.address) IN (
		SELECT x.org_id, x.user_id, x.address FROM streamspace_data.login_address AS x
		WHERE x.last_login_at < v_now - interval '90 days' ORDER BY x.last_login_at LIMIT 5000 FOR UPDATE SKIP LOCKED);
	RETURN jsonb_build_object('credentials_purged', v_credentials + v_n, 'login_attempts_purged', v_attempts);
END
$$;
COMMENT ON FUNCTION streamspace_rules.purge_accounts IS
	'Retention of accounts: credentials 7 days after they ended, tokens of enrolment 7 days after they expired, counters whose window is over, addresses without a log-in for 90 days; at most 5000 of each';
