CREATE FUNCTION streamspace_rules.purge_shares(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_n integer;
BEGIN
	DELETE FROM streamspace_data.session_share AS h WHERE (h.org_id, h.share_id) IN (
		SELECT x.org_id, x.share_id FROM streamspace_data.session_share AS x
		WHERE x.expires_at <= v_now ORDER BY x.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS v_n = ROW_COUNT;
	RETURN v_n;
END
$$;
COMMENT ON FUNCTION streamspace_rules.purge_shares IS 'Removes shares that have expired, at most p_limit; they gave no access any more. Returns how many. Part of tick()';
