CREATE FUNCTION streamspace_rules.take_quota(p_org_id integer, p_user_id integer, p_need bigint[], OUT pools integer[], OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_quota record;
	v_short jsonb[];
BEGIN
	SELECT q.* INTO v_quota FROM streamspace_rules.quota_pools(p_org_id, p_user_id) AS q;
	refusal := streamspace_rules.check_maxima(p_need[2], p_need[3], p_need[4],
		v_quota.session_millicores, v_quota.session_memory_mib, v_quota.session_storage_mib);
	IF refusal IS NULL THEN
		pools := v_quota.pools;
		v_short := streamspace_rules.take_pools(array_fill(1, ARRAY[cardinality(pools)]), pools, ARRAY[p_need]);
		refusal := streamspace_rules.explain_shortage(v_short[1]);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_quota IS
	'Counts sessions, millicores, memory_mib and storage_mib (p_need, in this order) for a user, his groups and his organisation: pools is what it was counted in, for give_quota(). Or refuses, quota_exceeded or session_too_large; the locks of a refusal stay until the caller raises it';
