CREATE FUNCTION streamspace.record_credential_uses(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_idle interval;
	v_count integer;
BEGIN
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_items(p_items),
		(SELECT x.refusal FROM (SELECT i.position, coalesce(
				streamspace_rules.check_keys('/items/' || (i.position - 1), i.item, ARRAY['hash', 'age_ms']),
				streamspace_rules.check_text('/items/' || (i.position - 1) || '/hash', coalesce(i.item -> 'hash', 'null'), 64, '^[0-9a-f]{64}$'),
				streamspace_rules.check_integer('/items/' || (i.position - 1) || '/age_ms', coalesce(i.item -> 'age_ms', 'null'), 0, 86400000))
				AS refusal
			FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position)) AS x
			WHERE x.refusal IS NOT NULL ORDER BY x.position LIMIT 1)));
	SELECT n.login_idle INTO STRICT v_idle FROM streamspace_data.installation AS n;
	-- In one order, so that two servers do not wait for each other in a circle.
	-- A use of what had ended at that time does not bring it back.
	WITH used AS (
		SELECT c.org_id, c.token_hash, i.at
		FROM (SELECT decode(j.item ->> 'hash', 'hex') AS token_hash,
				max(v_now - (j.item ->> 'age_ms')::numeric::integer * interval '1 millisecond') AS at
			FROM jsonb_array_elements(p_items) AS j (item) GROUP BY 1) AS i
		JOIN streamspace_data.credential AS c ON c.token_hash = i.token_hash
		LEFT JOIN streamspace_data.credential_use AS x ON x.org_id = c.org_id AND x.token_hash = c.token_hash
		WHERE c.kind IN ('login', 'api_key') AND c.revoked_at IS NULL AND c.expires_at > i.at
			AND (c.kind = 'api_key' OR greatest(x.last_used_at, c.created_at) > i.at - v_idle)
	)
	INSERT INTO streamspace_data.credential_use AS x (org_id, token_hash, last_used_at)
	SELECT u.org_id, u.token_hash, u.at FROM used AS u ORDER BY u.token_hash
	ON CONFLICT ON CONSTRAINT credential_use_pkey DO UPDATE SET last_used_at = excluded.last_used_at
	WHERE x.last_used_at < excluded.last_used_at;
	GET DIAGNOSTICS v_count = ROW_COUNT;
	RETURN jsonb_build_object('recorded', v_count);
END
$$;
REVOKE ALL ON FUNCTION streamspace.record_credential_uses FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.record_credential_uses TO streamspace_api;
COMMENT ON FUNCTION streamspace.record_credential_uses IS
	'When log-ins and API keys were last used: [{"hash": SHA-256 in hexadecimal, "age_ms": how long ago}], at most 5000 of one server at a time; what is unknown or ended is passed over, a later time stays. {recorded}. Errors: invalid_argument. For streamspaced only';
