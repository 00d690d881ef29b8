-- The home is locked by the caller.
CREATE FUNCTION streamspace_rules.take_storage(p_org_id integer, p_user_id integer, p_pools integer[], p_old_mib bigint, p_new_mib bigint,
	OUT pools integer[], OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_quota record;
	v_n integer;
	v_none bigint[];
	v_short jsonb[];
BEGIN
	SELECT q.* INTO v_quota FROM streamspace_rules.quota_pools(p_org_id, p_user_id) AS q;
	pools := CASE WHEN p_pools = '{}' THEN v_quota.pools ELSE p_pools END;
	v_n := cardinality(pools);
	refusal := streamspace_rules.check_maxima(0, 0, p_new_mib, NULL, NULL, v_quota.session_storage_mib);
	IF refusal IS NOT NULL THEN
		RETURN;
	ELSIF p_new_mib < p_old_mib THEN
		v_none := array_fill(0::bigint, ARRAY[v_n]);
		PERFORM streamspace_rules.give_pools(pools, v_none, v_none, v_none, array_fill(p_old_mib - p_new_mib, ARRAY[v_n]));
	ELSE
		v_short := streamspace_rules.take_pools(array_fill(1, ARRAY[v_n]), pools, ARRAY[ARRAY[0, 0, 0, p_new_mib - p_old_mib]]);
		refusal := streamspace_rules.explain_shortage(v_short[1]);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_storage IS
	'Takes what a home needs more than before from the storage of its owner, his groups and his organisation, or gives back what it needs less: from and to the pools p_pools that it came from, those of now when there are none. Refusals session_too_large, quota_exceeded, which the caller raises: that takes it back';
