-- One statement's snapshot for all of it: what it sees is what the new token says. So every function here is STABLE.
CREATE FUNCTION streamspace_rules.events_since(p_reach text, p_user_id integer, p_org_id integer, p_since text, p_limit integer,
	OUT answer jsonb, OUT refusal jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_most CONSTANT integer := 20000;
	v_limit integer := least(greatest(coalesce(p_limit, 500), 1), 1000);
	v_now timestamptz := streamspace_rules.now();
	v_token record;
	v_groups integer[];
	v_signals bigint;
	v_access boolean;
	v_gap text;
	v_ids text[];
	v_events text[];
	v_times timestamptz[];
	v_seen boolean[];
	v_items jsonb;
BEGIN
	IF p_since IS NOT NULL THEN
		SELECT t.* INTO v_token FROM streamspace_rules.read_event_token(p_since) AS t;
		refusal := v_token.refusal;
		IF refusal IS NOT NULL THEN
			RETURN;
		END IF;
		v_gap := v_token.gap;
	END IF;
	IF p_since IS NOT NULL AND v_gap IS NULL THEN
		v_groups := ARRAY(SELECT m.group_id FROM streamspace_data.group_member AS m WHERE m.org_id = p_org_id AND m.user_id = p_user_id);
		WITH raw AS MATERIALIZED (
			SELECT u.* FROM (
				SELECT g.org_id, g.signal_id, g.at, g.event, g.session_id, g.user_id, g.group_id FROM streamspace_data.signal AS g
				WHERE g.xid >= v_token.unseen_from
				UNION ALL
				SELECT g.org_id, g.signal_id, g.at, g.event, g.session_id, g.user_id, g.group_id FROM streamspace_data.signal AS g
				WHERE g.xid = ANY (v_token.unseen)) AS u
			WHERE u.org_id = p_org_id LIMIT v_most + 1
		), touched AS (
			-- Who got or lost a share is told, whatever he sees now.
			SELECT DISTINCT ON (r.session_id) r.session_id, r.signal_id, r.event, r.at,
				bool_or(coalesce(r.user_id = p_user_id, false) OR coalesce(r.group_id = ANY (v_groups), false)) OVER (PARTITION BY r.session_id) AS shared
			FROM raw AS r WHERE r.session_id IS NOT NULL ORDER BY r.session_id, r.event = 'update', r.signal_id DESC
		), judged AS (
			SELECT t.*, s.session_id IS NOT NULL AND (p_reach IN ('org', 'all') OR s.user_id = p_user_id OR EXISTS (
				SELECT FROM streamspace_data.session_share AS h
				WHERE h.org_id = p_org_id AND h.session_id = t.session_id AND (h.expires_at IS NULL OR h.expires_at > v_now)
					AND (h.user_id = p_user_id OR h.group_id = ANY (v_groups)))) AS seen
			FROM touched AS t
			LEFT JOIN streamspace_data.session AS s ON s.org_id = p_org_id AND s.session_id = t.session_id
		), told AS (
			SELECT j.* FROM judged AS j WHERE j.seen OR j.shared ORDER BY j.signal_id LIMIT v_limit + 1
		)
		SELECT (SELECT count(*) FROM raw), EXISTS (SELECT FROM raw AS r WHERE r.session_id IS NULL AND r.user_id = p_user_id AND r.event = 'access'),
			array_agg(d.session_id ORDER BY d.signal_id), array_agg(d.event ORDER BY d.signal_id),
			array_agg(d.at ORDER BY d.signal_id), array_agg(d.seen ORDER BY d.signal_id)
		INTO v_signals, v_access, v_ids, v_events, v_times, v_seen
		FROM told AS d;
		v_gap := CASE WHEN v_signals > v_most OR cardinality(v_ids) > v_limit THEN 'too_many' WHEN v_access THEN 'access_changed' END;
		IF v_gap IS NULL THEN
			SELECT jsonb_agg(jsonb_build_object('kind', 'session', 'id', i.id, 'event', i.event, 'at', i.at,
				'session', CASE WHEN i.seen THEN streamspace_rules.session_json(i.id) END) ORDER BY i.position) INTO v_items
			FROM unnest(v_ids, v_events, v_times, v_seen) WITH ORDINALITY AS i (id, event, at, seen, position);
		END IF;
	END IF;
	answer := jsonb_build_object('token', streamspace_rules.event_token(), 'gap', v_gap, 'items', coalesce(v_items, '[]'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.events_since IS
	'What an actor of this reach is told of one organisation since a token: {token, gap, items}, the last state of each session, in the order of what happened. With a gap (restored, token_too_old, too_many, access_changed) there are no items. The caller has set the organisation and is STABLE';
