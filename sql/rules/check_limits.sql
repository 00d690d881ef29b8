CREATE FUNCTION streamspace_rules.check_limits(p_limits jsonb, p_scope text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_limit record;
	v_refusal jsonb;
BEGIN
	IF p_limits IS NULL THEN
		RETURN streamspace_rules.invalid('/limits', 'is required');
	END IF;
	v_refusal := streamspace_rules.check_keys('/limits', p_limits, ARRAY['sessions', 'millicores', 'memory_mib', 'storage_mib',
		'session_millicores', 'session_memory_mib', 'session_storage_mib']);
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	FOR v_limit IN SELECT l.key, l.value FROM jsonb_each(p_limits) AS l ORDER BY l.key LOOP
		CONTINUE WHEN v_limit.value = 'null'::jsonb OR (p_scope = 'user' AND v_limit.value = '"default"'::jsonb);
		v_refusal := streamspace_rules.check_integer('/limits/' || v_limit.key, v_limit.value, 0,
			CASE v_limit.key WHEN 'sessions' THEN 1000000 ELSE 1000000000 END);
		EXIT WHEN v_refusal IS NOT NULL;
	END LOOP;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_limits IS 'Refusal for limits of a quota that are not known or out of range, else NULL';
