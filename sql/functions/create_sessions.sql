-- The same rules as create_session(), for many actors in one transaction.
CREATE FUNCTION streamspace.create_sessions(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_n integer;
	v_item jsonb;
	v_items jsonb[];
	v_me record;
	v_one record;
	v_identities text[];
	v_orgs integer[];
	v_arguments jsonb[];
	v_drafts streamspace_data.session[];
	v_answers jsonb[];
	v_refusals jsonb[];
	v_seen text[] := ARRAY[]::text[];
	v_key text;
	v_admitted record;
BEGIN
	IF p_items IS NULL OR jsonb_typeof(p_items) <> 'array' OR jsonb_array_length(p_items) > 64 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/items', 'an array of at most 64 elements is required'));
	END IF;
	v_n := jsonb_array_length(p_items);
	IF v_n = 0 THEN
		RETURN '[]'::jsonb;
	END IF;
	v_drafts := array_fill(NULL::streamspace_data.session, ARRAY[v_n]);
	v_answers := array_fill(NULL::jsonb, ARRAY[v_n]);
	v_refusals := v_answers;
	v_arguments := v_answers;
	v_items := v_answers;
	v_identities := array_fill(NULL::text, ARRAY[v_n]);
	v_orgs := array_fill(NULL::integer, ARRAY[v_n]);

	FOR i IN 1..v_n LOOP
		v_item := jsonb_strip_nulls(p_items -> (i - 1));
		IF jsonb_typeof(v_item) <> 'object' OR coalesce(v_item ->> 'actor', '') !~ '^[0-9a-f]{64}$' THEN
			v_refusals[i] := streamspace_rules.refusal(CASE WHEN v_item ->> 'actor' IS NULL THEN 'actor_required' ELSE 'unauthorized' END);
			CONTINUE;
		END IF;
		SELECT e.* INTO v_me FROM streamspace_rules.find_actor(decode(v_item ->> 'actor', 'hex'), 'create_session', v_item ->> 'org') AS e;
		v_refusals[i] := v_me.refusal;
		CONTINUE WHEN v_me.refusal IS NOT NULL;
		v_items[i] := v_item || jsonb_build_object('own', v_me.reach = 'own');
		v_identities[i] := v_me.identity;
		v_orgs[i] := v_me.org_id;
		v_arguments[i] := streamspace_rules.session_request(v_item);
		IF v_me.reach = 'own' AND v_item ->> 'owner' <> v_me.name THEN
			v_refusals[i] := streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(v_item ->> 'owner', 100)));
			CONTINUE;
		END IF;
		IF v_item ->> 'request_id' IS NOT NULL THEN
			v_key := v_me.identity || ' ' || (v_item ->> 'request_id');
			IF v_key = ANY (v_seen) THEN
				v_refusals[i] := streamspace_rules.refusal('request_in_flight', jsonb_build_object('request_id', v_item ->> 'request_id'));
				CONTINUE;
			END IF;
			v_seen := v_seen || v_key;
			SELECT r.answer, r.refusal INTO v_one
			FROM streamspace_rules.look_up_request(v_me.identity, 'create_session', v_item ->> 'request_id', v_arguments[i]) AS r;
			v_answers[i] := v_one.answer;
			v_refusals[i] := v_one.refusal;
			CONTINUE WHEN v_one.answer IS NOT NULL OR v_one.refusal IS NOT NULL;
		END IF;
		SELECT d.drafts, d.refusal INTO v_one
		FROM streamspace_rules.draft_session(v_me.org_id, v_me.user_id, v_me.user_org_id, v_me.name, v_me.reach, v_item) AS d;
		v_refusals[i] := v_one.refusal;
		IF v_one.refusal IS NULL THEN
			v_drafts[i] := v_one.drafts[1];
		END IF;
	END LOOP;

	SELECT a.sessions, a.refusals INTO v_admitted FROM streamspace_rules.admit_sessions(v_drafts, v_items, v_identities) AS a;
	FOR i IN 1..v_n LOOP
		IF v_admitted.sessions[i] IS NOT NULL THEN
			v_answers[i] := streamspace_rules.session_json(v_admitted.sessions[i]);
			PERFORM streamspace_rules.finish_call(v_identities[i], v_orgs[i], 'create_session', v_arguments[i],
				p_items -> (i - 1) ->> 'request_id', v_admitted.sessions[i], v_answers[i]);
		ELSIF v_admitted.refusals[i] IS NOT NULL THEN
			v_refusals[i] := v_admitted.refusals[i];
		END IF;
	END LOOP;
	RETURN (SELECT jsonb_agg(jsonb_build_object('index', r.position - 1) || CASE
			WHEN r.answer IS NOT NULL THEN jsonb_build_object('answer', r.answer)
			ELSE jsonb_build_object('error', streamspace_rules.error_json(r.refusal)) END ORDER BY r.position)
		FROM unnest(v_answers, v_refusals) WITH ORDINALITY AS r (answer, refusal, position));
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_sessions TO streamspace_api;
COMMENT ON FUNCTION streamspace.create_sessions IS
	'Creates up to 64 sessions in one transaction, each for its own actor and as create_session() would. p_items: [{actor (64 hexadecimal digits), request_id, template, owner, org, parameters, resources, placement, name, tags, home, idle_seconds, max_seconds}]. Returns [{index, answer}] or [{index, error: {sqlstate, code, title, detail, hint}}]. A key that stands twice in a batch is request_in_flight the second time. For streamspaced only. Errors: invalid_argument';
