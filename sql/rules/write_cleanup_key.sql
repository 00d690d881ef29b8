CREATE FUNCTION streamspace_rules.write_cleanup_key(p_agent text, p_key_hash bytea, p_if_revision bigint,
	OUT changed boolean, OUT revision bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_old record;
BEGIN
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_agent IS NULL OR p_agent !~ '^[A-Za-z0-9._-]{3,100}$'
			THEN streamspace_rules.invalid('/agent', '3 to 100 letters, digits, dots, underscores and hyphens are allowed') END,
		streamspace_rules.check_hash('/key_hash', p_key_hash),
		-- one secret for two purposes would open both
		CASE WHEN EXISTS (SELECT FROM streamspace_data.credential AS c WHERE c.token_hash = p_key_hash)
				OR EXISTS (SELECT FROM streamspace_data.cleanup_key AS k WHERE k.key_hash = p_key_hash AND k.agent_id <> p_agent)
			THEN streamspace_rules.refusal('key_in_use', jsonb_build_object('pointer', '/key_hash')) END));
	INSERT INTO streamspace_data.cleanup_key AS k (agent_id, key_hash, set_at) VALUES (p_agent, p_key_hash, streamspace_rules.now())
	ON CONFLICT ON CONSTRAINT cleanup_key_pkey DO NOTHING;
	changed := FOUND;
	SELECT k.key_hash, k.revision INTO STRICT v_old FROM streamspace_data.cleanup_key AS k WHERE k.agent_id = p_agent FOR NO KEY UPDATE;
	revision := v_old.revision;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, CASE WHEN NOT changed THEN revision END));
	IF v_old.key_hash <> p_key_hash THEN
		UPDATE streamspace_data.cleanup_key AS k SET key_hash = p_key_hash, set_at = streamspace_rules.now(), revision = k.revision + 1
		WHERE k.agent_id = p_agent RETURNING k.revision INTO revision;
		changed := true;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.write_cleanup_key IS
	'Makes this the cleanup key of the agent; the earlier one ends. changed is false when it was that already. Raises revision_mismatch, invalid_argument, key_in_use';
