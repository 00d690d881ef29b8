CREATE FUNCTION streamspace_rules.replace_bootstrap_key(p_key_hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
BEGIN
	UPDATE streamspace_data.credential AS c SET revoked_at = v_now
	WHERE c.kind = 'bootstrap' AND c.revoked_at IS NULL AND c.token_hash <> p_key_hash;
	INSERT INTO streamspace_data.credential AS c (token_hash, kind, created_at) VALUES (p_key_hash, 'bootstrap', v_now)
	ON CONFLICT ON CONSTRAINT credential_pkey DO UPDATE SET revoked_at = NULL WHERE c.kind = 'bootstrap';
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('key_in_use', jsonb_build_object('pointer', '/key_hash')));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.replace_bootstrap_key IS 'The key that opens registration of agents and nothing else; the earlier one ends. Raises key_in_use';
