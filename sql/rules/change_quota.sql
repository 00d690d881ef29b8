CREATE FUNCTION streamspace_rules.change_quota(p_pool_id integer, p_limits jsonb, p_if_revision bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_revision bigint;
	v_refusal jsonb;
BEGIN
	-- Rows of pools are locked by those only who change limits, the default of an organisation before its users; not FOR UPDATE,
	-- since whoever writes a slot twice in a transaction makes its foreign key look at the pool again.
	PERFORM FROM streamspace_data.pool AS d JOIN streamspace_data.pool AS u ON u.org_id = d.org_id
	WHERE u.pool_id = p_pool_id AND u.kind = 'user' AND d.kind = 'user_default' FOR SHARE OF d;
	SELECT p.revision INTO STRICT v_revision FROM streamspace_data.pool AS p WHERE p.pool_id = p_pool_id FOR NO KEY UPDATE;
	v_refusal := streamspace_rules.check_revision(p_if_revision, v_revision);
	IF v_refusal IS NULL THEN
		PERFORM streamspace_rules.set_quota(p_pool_id, p_limits);
	END IF;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.change_quota IS 'set_quota() for a caller who names the revision that he has read; refusal revision_mismatch';
