-- A branch for each reason, so that each has its own index; v_stuck is the same for a DBA, of all organisations. The planner
-- takes the rows of a branch for more than they are and would read all sessions.
CREATE FUNCTION streamspace.list_stuck(p_why text DEFAULT NULL, p_org text DEFAULT NULL,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = '' SET jit = off SET enable_seqscan = off
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_now timestamptz := streamspace_rules.now();
	v_key text;
	v_at timestamptz := 'infinity'::timestamptz;
	v_id text := '';
	v_ids text[];
	v_times timestamptz[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_stuck', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(coalesce(streamspace_rules.check_limit(v_limit),
		CASE WHEN p_why NOT IN ('cleanup_debt', 'past_deadline', 'failed', 'agent_offline', 'waiting_for_an_agent', 'observed_differs')
			THEN streamspace_rules.invalid('/why', 'is not a reason why a session is stuck') END));
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} s-[0-9a-z]{26}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2);
	END IF;

	-- A branch for each reason holds whatever has it; what can be many comes by an index in the order of the page, as many as it holds.
	-- coalesce(): the planner takes an equation for one row in 200, and would rather sort them all.
	SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
	FROM (SELECT k.session_id, k.created_at
		FROM ((SELECT p.session_id, p.created_at, p.agent_id, p.cleanup_debt, p.deadline_at, p.state FROM streamspace_data.session AS p
				WHERE coalesce(p_why, 'waiting_for_an_agent') = 'waiting_for_an_agent'
					AND p.org_id = v_me.org_id AND p.state = 'pending' AND (p.created_at, p.session_id) < (v_at, v_id)
					AND (p_why IS NULL OR coalesce((streamspace_rules.stuck_advice(p.cleanup_debt, p.deadline_at, p.state, NULL, NULL)).why = p_why, false))
				ORDER BY p.created_at DESC, p.session_id DESC LIMIT v_limit + 1)
			UNION
			(SELECT f.session_id, f.created_at, f.agent_id, f.cleanup_debt, f.deadline_at, f.state FROM streamspace_data.session AS f
				WHERE coalesce(p_why, 'failed') = 'failed'
					AND f.org_id = v_me.org_id AND f.state = 'failed' AND f.retry_at IS NULL AND (f.created_at, f.session_id) < (v_at, v_id)
					AND (p_why IS NULL OR coalesce((streamspace_rules.stuck_advice(f.cleanup_debt, f.deadline_at, f.state, NULL, NULL)).why = p_why, false))
				ORDER BY f.created_at DESC, f.session_id DESC LIMIT v_limit + 1)
			UNION
			SELECT d.session_id, d.created_at, d.agent_id, d.cleanup_debt, d.deadline_at, d.state FROM streamspace_data.session AS d
			WHERE coalesce(p_why, 'cleanup_debt') = 'cleanup_debt' AND d.org_id = v_me.org_id AND d.cleanup_debt
			UNION
			SELECT t.session_id, t.created_at, t.agent_id, t.cleanup_debt, t.deadline_at, t.state FROM streamspace_data.session AS t
			WHERE coalesce(p_why, 'past_deadline') = 'past_deadline' AND t.org_id = v_me.org_id AND t.deadline_at < v_now
			UNION
			(SELECT l.* FROM (WITH RECURSIVE holder AS (
					-- Agents that hold sessions of the organisation, from one to the next by the index.
					(SELECT o.agent_id FROM streamspace_data.session AS o
						WHERE coalesce(p_why, 'agent_offline') = 'agent_offline' AND o.org_id = v_me.org_id AND o.state <> 'terminated' AND o.agent_id IS NOT NULL
						ORDER BY o.agent_id LIMIT 1)
					UNION ALL
					SELECT (SELECT o.agent_id FROM streamspace_data.session AS o
						WHERE o.org_id = v_me.org_id AND o.state <> 'terminated' AND o.agent_id > h.agent_id ORDER BY o.agent_id LIMIT 1)
					FROM holder AS h WHERE h.agent_id IS NOT NULL)
				SELECT h.agent_id FROM holder AS h JOIN streamspace_data.agent AS g ON g.agent_id = h.agent_id WHERE g.state = 'offline') AS g
				CROSS JOIN LATERAL (SELECT o.session_id, o.created_at, o.agent_id, o.cleanup_debt, o.deadline_at, o.state FROM streamspace_data.session AS o
					WHERE o.org_id = v_me.org_id AND o.agent_id = g.agent_id AND o.state <> 'terminated' AND (o.created_at, o.session_id) < (v_at, v_id)
						AND (p_why IS NULL OR coalesce((streamspace_rules.stuck_advice(o.cleanup_debt, o.deadline_at, o.state, 'offline', NULL)).why = p_why, false))
					ORDER BY o.created_at DESC, o.session_id DESC LIMIT v_limit + 1) AS l
				ORDER BY l.created_at DESC, l.session_id DESC LIMIT v_limit + 1)
			UNION
			(SELECT w.session_id, w.created_at, w.agent_id, w.cleanup_debt, w.deadline_at, w.state FROM streamspace_data.session AS w
				LEFT JOIN streamspace_data.agent AS a ON a.agent_id = w.agent_id
				WHERE coalesce(p_why, 'observed_differs') = 'observed_differs' AND w.org_id = v_me.org_id
					AND ((w.state = 'running' AND w.observed_state IS DISTINCT FROM 'running')
						OR (w.state = 'hibernated' AND w.observed_state IS DISTINCT FROM 'hibernated'))
					AND (w.created_at, w.session_id) < (v_at, v_id)
					AND (p_why IS NULL OR coalesce((streamspace_rules.stuck_advice(w.cleanup_debt, w.deadline_at, w.state, a.state, NULL)).why = p_why, false))
				ORDER BY w.created_at DESC, w.session_id DESC LIMIT v_limit + 1)) AS k
		LEFT JOIN streamspace_data.agent AS a ON a.agent_id = k.agent_id
		WHERE (k.created_at, k.session_id) < (v_at, v_id)
			AND (p_why IS NULL OR coalesce((streamspace_rules.stuck_advice(k.cleanup_debt, k.deadline_at, k.state, a.state, NULL)).why = p_why, false))
		ORDER BY k.created_at DESC, k.session_id DESC LIMIT v_limit + 1) AS x;

	SELECT coalesce(jsonb_agg(jsonb_build_object('session', streamspace_rules.session_json(i.session_id), 'why', w.why, 'way_out', w.way_out,
		'since', s.state_at, 'on_deadline', s.on_deadline) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (session_id, position)
	JOIN streamspace_data.session AS s ON s.org_id = v_me.org_id AND s.session_id = i.session_id
	LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id
	CROSS JOIN LATERAL streamspace_rules.stuck_advice(s.cleanup_debt, s.deadline_at, s.state, a.state, s.reason) AS w;
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(
			(extract(epoch FROM v_times[v_limit]) * 1000000)::bigint || ' ' || v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_stuck FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_stuck TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_stuck IS
	'A page of the sessions of an organisation that do not go on by themselves, newest first: {items: [{session, why, way_out, since, on_deadline}], next_cursor}. p_why leaves out the others: cleanup_debt, past_deadline, failed (and not tried again by itself), agent_offline, waiting_for_an_agent, observed_differs; way_out says what a person does, since when it is in its state. For administrators, operators and auditors; v_stuck shows a DBA all organisations. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
