CREATE FUNCTION streamspace.list_agent_tokens(p_agent text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_ids text[];
	v_items jsonb;
BEGIN
	PERFORM streamspace_rules.enter_platform(p_actor, 'list_agent_tokens');
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^t-[0-9a-v]{26}$'), 'u');
	IF p_agent IS NULL THEN
		SELECT array_agg(x.token_id) INTO v_ids FROM (SELECT t.token_id FROM streamspace_data.agent_token AS t
			WHERE t.token_id < v_key ORDER BY t.token_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.token_id) INTO v_ids FROM (SELECT t.token_id FROM streamspace_data.agent_token AS t
			WHERE t.agent_id = p_agent AND t.token_id < v_key ORDER BY t.token_id DESC LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.agent_token_json(i.token_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (token_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_agent_tokens FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_agent_tokens TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_agent_tokens IS
	'A page of tokens of enrolment, newest first, those that ended too (state: open, used, revoked or expired) until a week after they expired: {items, next_cursor}; without their secrets. p_agent: of this agent only. For platform administrators. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, invalid_argument';
