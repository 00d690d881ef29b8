CREATE FUNCTION streamspace_rules.set_agent_key(p_agent text, p_key_hash bytea) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
BEGIN
	UPDATE streamspace_data.credential AS c SET revoked_at = v_now
	WHERE c.agent_id = p_agent AND c.revoked_at IS NULL AND c.token_hash <> p_key_hash;
	INSERT INTO streamspace_data.credential AS c (token_hash, kind, agent_id, created_at)
	VALUES (p_key_hash, 'agent', p_agent, v_now)
	ON CONFLICT ON CONSTRAINT credential_pkey DO UPDATE SET revoked_at = NULL
		WHERE c.kind = 'agent' AND c.agent_id = EXCLUDED.agent_id;
	IF NOT FOUND THEN
		RETURN streamspace_rules.refusal('key_mismatch', jsonb_build_object('agent', p_agent));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.set_agent_key IS 'The one key of an agent; the earlier one ends. Refusal key_mismatch when the key belongs to something else';
