CREATE FUNCTION streamspace.record_inventory(p_agent text, p_epoch bigint, p_objects jsonb, p_complete boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_agent streamspace_data.agent;
	v_connected_at timestamptz;
	v_row record;
	v_one record;
	v_now timestamptz := streamspace_rules.now();
	v_commands integer := 0;
	v_orphans integer := 0;
	v_ended text[] := ARRAY[]::text[];
	v_freed text[] := ARRAY[]::text[];
BEGIN
	IF p_objects IS NULL OR jsonb_typeof(p_objects) <> 'array' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/objects', 'an array is required'));
	END IF;
	-- Nothing is concluded from a part, nor from what an earlier connection saw.
	SELECT a.* INTO v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent AND a.last_epoch = p_epoch AND a.approval = 'approved';
	IF NOT FOUND OR NOT coalesce(p_complete, false) THEN
		RETURN jsonb_build_object('commands', 0, 'orphans', 0);
	END IF;
	UPDATE streamspace_data.agent_connection AS c SET inventory_at = v_now
	WHERE c.agent_id = p_agent AND c.epoch = p_epoch RETURNING c.connected_at INTO v_connected_at;

	PERFORM FROM streamspace_data.session AS s
	WHERE s.session_id IN (SELECT i.item ->> 'id' FROM jsonb_array_elements(p_objects) AS i (item) WHERE i.item ->> 'kind' = 'session')
		OR (s.agent_id = p_agent AND (s.state <> 'terminated' OR s.cleanup_debt))
	ORDER BY s.session_id FOR NO KEY UPDATE;

	FOR v_row IN
		SELECT coalesce(s.session_id, i.id) AS id, s.session_id, s.agent_id, s.state, s.agent_revision AS revision, s.observed_at, s.cleanup_debt,
			i.id IS NOT NULL AS present, coalesce(i.revision, 0) AS seen_revision, i.seen_state, i.uid,
			EXISTS (SELECT FROM streamspace_data.agent_command AS c
				WHERE c.agent_id = p_agent AND c.object_kind = 'session' AND c.object_id = coalesce(s.session_id, i.id)
					AND c.state IN ('pending', 'sent', 'acked') AND c.revision >= coalesce(s.agent_revision, 0)) AS in_work
		FROM (SELECT DISTINCT ON (o.item ->> 'id') left(o.item ->> 'id', 253) AS id, streamspace_rules.json_bigint(o.item -> 'revision') AS revision,
				o.item ->> 'state' AS seen_state, left(o.item ->> 'uid', 100) AS uid
			FROM jsonb_array_elements(p_objects) AS o (item)
			WHERE o.item ->> 'kind' = 'session' AND o.item ->> 'id' IS NOT NULL
			ORDER BY o.item ->> 'id') AS i
		FULL JOIN (SELECT x.* FROM streamspace_data.session AS x
			WHERE (x.agent_id = p_agent AND (x.state <> 'terminated' OR x.cleanup_debt))
				OR x.session_id IN (SELECT o.item ->> 'id' FROM jsonb_array_elements(p_objects) AS o (item))) AS s ON s.session_id = i.id
		ORDER BY 1
	LOOP
		IF v_row.session_id IS NULL OR v_row.agent_id IS DISTINCT FROM p_agent THEN
			-- Not ours to run here: kept for the grace period, then stopped; again when that came to nothing.
			INSERT INTO streamspace_data.agent_orphan AS o (agent_id, object_kind, object_id, uid, revision, state, first_seen_at, last_seen_at)
			VALUES (p_agent, 'session', v_row.id, v_row.uid, v_row.seen_revision, left(v_row.seen_state, 63), v_now, v_now)
			ON CONFLICT ON CONSTRAINT agent_orphan_pkey DO UPDATE SET last_seen_at = v_now, uid = EXCLUDED.uid,
				revision = EXCLUDED.revision, state = EXCLUDED.state, command_id = (SELECT c.command_id
					FROM streamspace_data.agent_command AS c
					WHERE c.command_id = o.command_id AND c.state IN ('pending', 'sent', 'acked'));
			v_orphans := v_orphans + 1;
		ELSIF v_row.in_work OR v_row.state = 'pending' THEN
			CONTINUE;
		ELSIF NOT v_row.present THEN
			IF v_row.state = 'terminated' THEN
				PERFORM streamspace_rules.settle_debt(v_row.session_id, p_agent);
			ELSIF v_row.observed_at >= greatest(v_connected_at, v_now - interval '60 seconds') THEN
				CONTINUE;
			ELSE
				IF v_row.state = 'running' THEN
					PERFORM streamspace_rules.apply_event(v_row.session_id, 'report_missing', 'agent:' || p_agent, 'missing_on_agent');
				ELSE
					PERFORM streamspace_rules.queue_session_command(v_row.session_id, streamspace_rules.session_action(v_row.state));
				END IF;
				v_commands := v_commands + 1;
			END IF;
		ELSIF v_row.seen_revision = v_row.revision AND v_row.state <> 'terminated' THEN
			SELECT o.* INTO v_one FROM streamspace_rules.observe_session(p_agent, v_row.session_id, v_row.seen_revision,
				v_row.seen_state, NULL, NULL, NULL, NULL) AS o;
			v_ended := v_ended || v_one.ended;
			v_freed := v_freed || v_one.freed;
		ELSE
			-- A revision from the future comes from before a restore of the database: ours goes above it. No restore
			-- loses a hundred thousand changes of a session, and what is above the last number could never be changed again.
			IF v_row.seen_revision > v_row.revision AND v_row.seen_revision <= v_row.revision + 100000 THEN
				UPDATE streamspace_data.session AS s SET agent_revision = v_row.seen_revision + 1, updated_at = v_now
				WHERE s.session_id = v_row.session_id;
			END IF;
			PERFORM streamspace_rules.queue_session_command(v_row.session_id, streamspace_rules.session_action(v_row.state));
			v_commands := v_commands + 1;
		END IF;
	END LOOP;

	IF v_agent.platform = 'kubernetes' AND v_agent.protocol_version >= 3 THEN
		FOR v_row IN
			SELECT t.org_id, t.name, coalesce(t.object_id, i.id) AS id, i.revision AS seen_revision, t.revision, i.uid, i.seen_state,
				EXISTS (SELECT FROM streamspace_data.agent_command AS c
					WHERE c.agent_id = p_agent AND c.object_kind = 'template' AND c.object_id = coalesce(t.object_id, i.id)
						AND c.state IN ('pending', 'sent', 'acked') AND c.revision >= coalesce(t.revision, 0)) AS in_work
			FROM (SELECT DISTINCT ON (o.item ->> 'id') left(o.item ->> 'id', 253) AS id, streamspace_rules.json_bigint(o.item -> 'revision') AS revision,
					o.item ->> 'state' AS seen_state, left(o.item ->> 'uid', 100) AS uid
				FROM jsonb_array_elements(p_objects) AS o (item)
				WHERE o.item ->> 'kind' = 'template' AND o.item ->> 'id' IS NOT NULL
				ORDER BY o.item ->> 'id') AS i
			FULL JOIN (SELECT x.org_id, x.name, x.name || '.' || g.name AS object_id, x.revision
				FROM streamspace_data.template AS x
				JOIN streamspace_data.org AS g ON g.org_id = x.org_id
				JOIN streamspace_data.template_revision AS r
					ON r.org_id = x.org_id AND r.template_id = x.template_id AND r.revision = x.revision
				WHERE v_agent.platform = ANY (r.platforms) AND x.deleted_at IS NULL) AS t ON t.object_id = i.id
			ORDER BY 3
		LOOP
			CONTINUE WHEN v_row.in_work;
			IF v_row.name IS NULL THEN
				INSERT INTO streamspace_data.agent_orphan AS o (agent_id, object_kind, object_id, uid, revision, state, first_seen_at, last_seen_at)
				VALUES (p_agent, 'template', v_row.id, v_row.uid, v_row.seen_revision, left(v_row.seen_state, 63), v_now, v_now)
				ON CONFLICT ON CONSTRAINT agent_orphan_pkey DO UPDATE SET last_seen_at = v_now, uid = EXCLUDED.uid,
					revision = EXCLUDED.revision, state = EXCLUDED.state, command_id = (SELECT c.command_id
						FROM streamspace_data.agent_command AS c
						WHERE c.command_id = o.command_id AND c.state IN ('pending', 'sent', 'acked'));
				v_orphans := v_orphans + 1;
			ELSIF v_row.seen_revision IS DISTINCT FROM v_row.revision THEN
				PERFORM streamspace_rules.queue_template_command(v_row.org_id, v_row.name, p_agent);
				v_commands := v_commands + 1;
			END IF;
		END LOOP;
	END IF;

	-- Homes: what is given up is removed, what is kept is known to lie here; anything else is only told, never removed.
	FOR v_row IN
		SELECT i.id, i.uid, i.seen_state, h.org_id, h.state, l.agent_id AS lies_on
		FROM (SELECT DISTINCT ON (o.item ->> 'id') left(o.item ->> 'id', 253) AS id, left(o.item ->> 'uid', 100) AS uid,
				left(o.item ->> 'state', 63) AS seen_state
			FROM jsonb_array_elements(p_objects) AS o (item)
			WHERE o.item ->> 'kind' = 'home' AND o.item ->> 'id' IS NOT NULL
			ORDER BY o.item ->> 'id') AS i
		LEFT JOIN streamspace_data.home AS h ON h.home_id = i.id
		LEFT JOIN streamspace_data.home_location AS l ON l.org_id = h.org_id AND l.home_id = h.home_id
		WHERE NOT EXISTS (SELECT FROM streamspace_data.session AS s
			WHERE s.session_id = 's-' || substr(i.id, 3) AND s.home_id IS NULL AND s.agent_id = p_agent AND (s.state <> 'terminated' OR s.cleanup_debt))
		ORDER BY 1
	LOOP
		IF v_row.state = 'kept' AND v_row.lies_on IS NULL THEN
			PERFORM streamspace_rules.place_home(v_row.org_id, v_row.id, p_agent);
		ELSIF v_row.state IS NULL OR v_row.state = 'deleted' OR v_row.lies_on <> p_agent THEN
			INSERT INTO streamspace_data.agent_orphan AS o (agent_id, object_kind, object_id, uid, revision, state, first_seen_at, last_seen_at)
			VALUES (p_agent, 'home', v_row.id, v_row.uid, NULL, v_row.seen_state, v_now, v_now)
			ON CONFLICT ON CONSTRAINT agent_orphan_pkey DO UPDATE SET last_seen_at = v_now, uid = EXCLUDED.uid, state = EXCLUDED.state;
			v_orphans := v_orphans + 1;
		END IF;
	END LOOP;
	FOR v_row IN
		SELECT h.org_id, h.home_id FROM streamspace_data.home_location AS l
		JOIN streamspace_data.home AS h ON h.org_id = l.org_id AND h.home_id = l.home_id
		WHERE l.agent_id = p_agent AND h.state = 'deleting' ORDER BY h.home_id
	LOOP
		PERFORM streamspace_rules.queue_home_removal(v_row.org_id, v_row.home_id, p_agent);
	END LOOP;

	DELETE FROM streamspace_data.agent_orphan AS o WHERE o.agent_id = p_agent AND o.last_seen_at < v_now;
	PERFORM streamspace_rules.release(v_ended, v_freed);
	RETURN jsonb_build_object('commands', v_commands, 'orphans', v_orphans);
END
$$;
REVOKE ALL ON FUNCTION streamspace.record_inventory FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.record_inventory TO streamspace_api;
COMMENT ON FUNCTION streamspace.record_inventory IS
	'Compares all that an agent holds with what it should hold: missing or older objects get a command, unknown ones are orphans and are stopped after the grace period (homes are only told, never removed), present ones count as reports. p_objects: [{kind, id, revision, uid, state}]. Returns {commands, orphans}. Does nothing unless p_complete, and for an epoch that is not current. For streamspaced only';
