CREATE FUNCTION streamspace_rules.check_policy(p_policy jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_key text;
	v_refusal jsonb;
BEGIN
	IF p_policy IS NULL THEN
		RETURN streamspace_rules.invalid('/policy', 'is required');
	END IF;
	v_refusal := coalesce(
		streamspace_rules.check_keys('/policy', p_policy, ARRAY['idle_seconds', 'max_seconds', 'max_action', 'warn_seconds', 'extend_seconds']),
		streamspace_rules.check_integer('/policy/warn_seconds', nullif(p_policy -> 'warn_seconds', 'null'), 0, 86400),
		streamspace_rules.check_integer('/policy/extend_seconds', nullif(p_policy -> 'extend_seconds', 'null'), 0, 2592000),
		streamspace_rules.check_text('/policy/max_action', nullif(p_policy -> 'max_action', 'null'), 9, '^(hibernate|terminate)$'));
	FOREACH v_key IN ARRAY ARRAY['idle_seconds', 'max_seconds'] LOOP
		v_refusal := coalesce(v_refusal, CASE WHEN p_policy -> v_key <> '0'
			THEN streamspace_rules.check_integer('/policy/' || v_key, nullif(p_policy -> v_key, 'null'), 60, 31536000) END);
	END LOOP;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_policy IS 'Refusal invalid_argument with the JSON pointer of the first value of a policy that is not valid, else NULL';
