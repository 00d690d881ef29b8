CREATE FUNCTION streamspace_rules.give_quota(p_pools integer[], p_back bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_n constant integer[] := ARRAY[cardinality(p_pools)];
BEGIN
	PERFORM streamspace_rules.give_pools(p_pools, array_fill(p_back[1], v_n), array_fill(p_back[2], v_n),
		array_fill(p_back[3], v_n), array_fill(p_back[4], v_n));
END
$$;
COMMENT ON FUNCTION streamspace_rules.give_quota IS 'Gives back to pools what take_quota() counted: sessions, millicores, memory_mib and storage_mib of p_back, to each of them';
