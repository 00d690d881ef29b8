CREATE FUNCTION streamspace_rules.know_address(p_org_id integer, p_user_id integer, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_network inet := streamspace_rules.login_network(p_address);
BEGIN
	IF v_network IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO streamspace_data.login_address AS a (org_id, user_id, address, last_login_at)
	VALUES (p_org_id, p_user_id, v_network, streamspace_rules.now())
	ON CONFLICT ON CONSTRAINT login_address_pkey DO UPDATE SET last_login_at = greatest(a.last_login_at, excluded.last_login_at);
	DELETE FROM streamspace_data.login_address AS a
	WHERE a.org_id = p_org_id AND a.user_id = p_user_id AND a.address IN (
		SELECT x.address FROM streamspace_data.login_address AS x
		WHERE x.org_id = p_org_id AND x.user_id = p_user_id
		ORDER BY x.last_login_at DESC, x.address = v_network DESC, x.address OFFSET 20);
END
$$;
COMMENT ON FUNCTION streamspace_rules.know_address IS
	'Remembers that the user proved who he is from this address; the latest 20 are kept. The caller has locked the user';
