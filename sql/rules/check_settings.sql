CREATE FUNCTION streamspace_rules.check_settings(p_settings jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_day constant integer := 86400;
	v_setting record;
	v_known text[] := ARRAY[]::text[];
	v_refusal jsonb;
BEGIN
	IF p_settings IS NULL THEN
		RETURN streamspace_rules.invalid('/settings', 'is required');
	ELSIF jsonb_typeof(p_settings) <> 'object' THEN
		RETURN streamspace_rules.invalid('/settings', 'an object is required');
	END IF;
	FOR v_setting IN
		SELECT s.key, s.lowest, s.highest FROM (VALUES
			('login_idle_seconds', 60, 365 * v_day),
			('login_max_seconds', 60, 365 * v_day),
			('api_key_max_seconds', 3600, 3650 * v_day),
			('login_window_seconds', 60, v_day),
			('login_attempts_per_account', 1, 1000),
			('login_attempts_per_address', 1, 100000),
			('event_retention_seconds', 31 * v_day, 3650 * v_day),
			('audit_retention_seconds', 31 * v_day, 3650 * v_day),
			('command_retention_seconds', v_day, 3650 * v_day),
			('request_retention_seconds', v_day, 3650 * v_day),
			('orphan_grace_seconds', 0, 365 * v_day),
			('connection_retention_seconds', v_day, 3650 * v_day),
			('viewers_per_session', 1, 10000),
			('viewer_tickets_per_user', 1, 10000),
			('home_size_mib', 1, 1073741824),
			('home_retention_seconds', 0, 2147483647)) AS s (key, lowest, highest)
	LOOP
		v_known := v_known || v_setting.key;
		CONTINUE WHEN v_setting.key = 'home_retention_seconds' AND p_settings -> v_setting.key = 'null';
		v_refusal := coalesce(v_refusal,
			streamspace_rules.check_integer('/' || v_setting.key, p_settings -> v_setting.key, v_setting.lowest, v_setting.highest));
	END LOOP;
	RETURN coalesce(streamspace_rules.check_keys('', p_settings, v_known), v_refusal);
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_settings IS 'Refusal for settings that are unknown, no integer or out of range, else NULL';
