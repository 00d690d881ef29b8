CREATE FUNCTION streamspace_rules.check_maxima(p_millicores bigint, p_memory_mib bigint, p_storage_mib bigint,
	p_max_millicores bigint, p_max_memory_mib bigint, p_max_storage_mib bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE
		WHEN p_millicores > p_max_millicores THEN streamspace_rules.refusal('session_too_large',
			jsonb_build_object('resource', 'millicores', 'limit', p_max_millicores, 'asked', p_millicores))
		WHEN p_memory_mib > p_max_memory_mib THEN streamspace_rules.refusal('session_too_large',
			jsonb_build_object('resource', 'memory_mib', 'limit', p_max_memory_mib, 'asked', p_memory_mib))
		WHEN p_storage_mib > p_max_storage_mib THEN streamspace_rules.refusal('session_too_large',
			jsonb_build_object('resource', 'storage_mib', 'limit', p_max_storage_mib, 'asked', p_storage_mib))
		END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_maxima IS 'Refusal session_too_large {resource, limit, asked} for a session or home above what the quotas allow a single one; NULL limits allow all';
