CREATE FUNCTION streamspace.read_event_batch(p_items jsonb, p_limit integer DEFAULT 500) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_item jsonb;
	v_me record;
	v_answer jsonb;
	v_answers jsonb := jsonb_build_array();
BEGIN
	IF p_items IS NULL OR jsonb_typeof(p_items) <> 'array' OR jsonb_array_length(p_items) > 200 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/items', 'an array of at most 200 elements is required'));
	END IF;
	FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position) ORDER BY i.position LOOP
		SELECT f.* INTO v_me FROM streamspace_rules.find_actor(
			CASE WHEN v_item ->> 'actor' ~ '^[0-9a-f]{64}$' THEN decode(v_item ->> 'actor', 'hex') ELSE '\x' END,
			'read_events', v_item ->> 'org') AS f;
		IF v_me.refusal IS NULL THEN
			PERFORM streamspace_rules.set_org(v_me.org_id);
			SELECT e.refusal, e.answer || jsonb_build_object('audience',
				jsonb_build_object('org', v_me.org_id, 'user', v_me.user_id, 'reach', v_me.reach))
			INTO v_me.refusal, v_answer
			FROM streamspace_rules.events_since(v_me.reach, v_me.user_id, v_me.org_id, v_item ->> 'since', p_limit) AS e;
		END IF;
		v_answers := v_answers || jsonb_build_array(CASE WHEN v_me.refusal IS NULL THEN v_answer
			ELSE jsonb_build_object('error', streamspace_rules.error_json(v_me.refusal)) END);
	END LOOP;
	RETURN v_answers;
END
$$;
REVOKE ALL ON FUNCTION streamspace.read_event_batch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.read_event_batch TO streamspace_api;
COMMENT ON FUNCTION streamspace.read_event_batch IS
	'read_events() for many subscribers in one statement. p_items: at most 200 of {actor, org, since}; the answer has, in the same order, what read_events() says, or {error} for one who may not read any more. For streamspaced only';
