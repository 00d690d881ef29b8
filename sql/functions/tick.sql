CREATE FUNCTION streamspace.tick(p_limit integer DEFAULT 500) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_limit integer := least(greatest(coalesce(p_limit, 500), 1), 5000);
	v_row record;
	v_event record;
	v_command text;
	v_ended text[] := ARRAY[]::text[];
	v_freed text[] := ARRAY[]::text[];
	v_homes text[];
	v_answer jsonb;
	v_n integer;
	v_deadlines integer := 0;
	v_failed integer := 0;
	v_leases integer := 0;
	v_agents integer := 0;
	v_orphans integer := 0;
	v_partitions integer;
	v_reviews integer;
	v_timers record;
	v_installation streamspace_data.installation;
BEGIN
	IF NOT pg_try_advisory_xact_lock(7402, 3) THEN
		RETURN jsonb_build_object('skipped', true);
	END IF;
	SELECT i.* INTO STRICT v_installation FROM streamspace_data.installation AS i;

	-- first of all, since everything below writes history
	v_partitions := streamspace_rules.make_partitions();

	-- deadlines
	FOR v_row IN
		WITH due AS (
			SELECT s.session_id, s.on_deadline, s.state, s.reason, s.message, s.deadline_at
			FROM streamspace_data.session AS s
			WHERE s.deadline_at <= v_now ORDER BY s.deadline_at LIMIT v_limit FOR NO KEY UPDATE SKIP LOCKED
		)
		SELECT d.* FROM due AS d ORDER BY d.deadline_at
	LOOP
		-- One session that cannot be moved must not stop the sweep for all.
		BEGIN
			SELECT e.* INTO v_event FROM streamspace_rules.apply_event(v_row.session_id, v_row.on_deadline, 'system',
				coalesce(v_row.reason, v_row.on_deadline),
				coalesce(v_row.message, format('%s did not end before its deadline', v_row.state)), NULL, false) AS e;
			PERFORM streamspace_rules.raise_refusal(v_event.refusal);
			v_ended := v_ended || v_event.ended;
			v_freed := v_freed || v_event.freed;
			v_deadlines := v_deadlines + 1;
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'session % is past its deadline and cannot be moved by %: %', v_row.session_id, v_row.on_deadline, SQLERRM;
			v_failed := v_failed + 1;
		END;
	END LOOP;

	-- what rules do by themselves: idle time, maximum duration, schedules, retries
	v_reviews := streamspace_rules.sweep_reviews(greatest(v_limit / 2, 1));
	SELECT t.* INTO v_timers FROM streamspace_rules.sweep_timers(v_limit) AS t;
	v_ended := v_ended || v_timers.ended;
	v_freed := v_freed || v_timers.freed;

	-- leases: sent again, an older revision than another command of the object is let go
	FOR v_row IN
		WITH due AS (
			SELECT c.command_id, c.agent_id, c.command_number FROM streamspace_data.agent_command AS c
			WHERE c.state IN ('sent', 'acked') AND c.lease_until <= v_now
			ORDER BY c.lease_until LIMIT v_limit FOR NO KEY UPDATE SKIP LOCKED
		)
		UPDATE streamspace_data.agent_command AS c SET
			state = CASE WHEN n.newer THEN 'superseded' ELSE 'pending' END,
			finished_at = CASE WHEN n.newer THEN v_now END,
			lease_until = NULL
		FROM due AS d
		CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM streamspace_data.agent_command AS o
			JOIN streamspace_data.agent_command AS m ON m.command_id = d.command_id
			WHERE o.agent_id = m.agent_id AND o.object_kind = m.object_kind AND o.object_id = m.object_id
				AND o.state IN ('pending', 'sent', 'acked') AND o.command_number > m.command_number) AS newer) AS n
		WHERE c.command_id = d.command_id
		RETURNING c.agent_id, n.newer
	LOOP
		v_leases := v_leases + 1;
		IF NOT v_row.newer THEN
			PERFORM streamspace_rules.ring(v_row.agent_id);
		END IF;
	END LOOP;

	-- what nobody fetched for a month
	UPDATE streamspace_data.agent_command AS c SET state = 'expired', finished_at = v_now
	WHERE c.command_id IN (SELECT x.command_id FROM streamspace_data.agent_command AS x
		WHERE x.state = 'pending' AND x.created_at < v_now - interval '30 days' LIMIT v_limit FOR UPDATE SKIP LOCKED);

	-- silent agents
	UPDATE streamspace_data.agent AS a SET state = x.state, updated_at = v_now
	FROM (SELECT g.agent_id, CASE WHEN c.epoch IS NULL OR q.silence >= interval '90 seconds' THEN 'offline' ELSE 'degraded' END AS state
		FROM streamspace_data.agent AS g
		LEFT JOIN streamspace_data.agent_connection AS c ON c.agent_id = g.agent_id AND c.disconnected_at IS NULL
		LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = g.agent_id
		CROSS JOIN LATERAL (SELECT streamspace_rules.agent_silence(c.connected_at, h.heartbeat_at)) AS q (silence)
		WHERE g.state <> 'offline' AND (c.epoch IS NULL OR q.silence >= interval '45 seconds')
		FOR NO KEY UPDATE OF g SKIP LOCKED) AS x
	WHERE a.agent_id = x.agent_id AND a.state <> x.state;
	GET DIAGNOSTICS v_agents = ROW_COUNT;

	-- orphans whose grace is over
	FOR v_row IN
		SELECT o.agent_id, o.object_kind, o.object_id, o.revision, a.platform FROM streamspace_data.agent_orphan AS o
		JOIN streamspace_data.agent AS a ON a.agent_id = o.agent_id AND a.approval = 'approved' AND a.state <> 'offline'
		WHERE o.command_id IS NULL AND o.first_seen_at <= v_now - v_installation.orphan_grace AND o.object_kind IN ('session', 'template')
		ORDER BY o.agent_id, o.object_id LIMIT v_limit FOR UPDATE OF o SKIP LOCKED
	LOOP
		v_command := streamspace_rules.new_id('c-');
		INSERT INTO streamspace_data.agent_command (command_id, agent_id, object_kind, object_id, action, revision, payload, created_at)
		VALUES (v_command, v_row.agent_id, v_row.object_kind, v_row.object_id,
			CASE v_row.object_kind WHEN 'session' THEN 'stop_session' ELSE 'remove' END, coalesce(v_row.revision, 0),
			CASE v_row.object_kind WHEN 'session' THEN jsonb_build_object('sessionId', v_row.object_id, 'namespace', 'streamspace-sessions',
				'desiredState', 'terminated', 'state', 'terminated', 'reason', 'unknown_to_the_database', 'revision', coalesce(v_row.revision, 0),
				'installationId', v_installation.installation_id)
				ELSE jsonb_build_object('name', v_row.object_id, 'revision', coalesce(v_row.revision, 0)) END, v_now);
		UPDATE streamspace_data.agent_orphan AS o SET command_id = v_command
		WHERE o.agent_id = v_row.agent_id AND o.object_kind = v_row.object_kind AND o.object_id = v_row.object_id;
		PERFORM streamspace_rules.ring(v_row.agent_id);
		v_orphans := v_orphans + 1;
	END LOOP;

	v_answer := jsonb_build_object('deadlines', v_deadlines, 'deadlines_failed', v_failed, 'leases', v_leases, 'agents', v_agents, 'orphans', v_orphans,
		'reviews', v_reviews) || v_timers.counts;

	v_homes := streamspace_rules.expire_homes(v_limit);
	v_answer := v_answer || jsonb_build_object('homes_expired', cardinality(v_homes));

	-- retention
	v_answer := v_answer || jsonb_build_object('shares_purged', streamspace_rules.purge_shares(v_limit),
		'signals_purged', streamspace_rules.purge_signals());
	DELETE FROM streamspace_data.request AS r WHERE (r.actor, r.function, r.request_id) IN (
		SELECT x.actor, x.function, x.request_id FROM streamspace_data.request AS x
		WHERE x.created_at < v_now - v_installation.request_retention ORDER BY x.created_at LIMIT 5000);
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_answer := v_answer || jsonb_build_object('requests_purged', v_n);
	DELETE FROM streamspace_data.agent_command AS c WHERE c.command_id IN (
		SELECT x.command_id FROM streamspace_data.agent_command AS x
		WHERE x.finished_at < v_now - v_installation.command_retention ORDER BY x.finished_at LIMIT 5000);
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_answer := v_answer || jsonb_build_object('commands_purged', v_n);
	v_answer := v_answer || streamspace_rules.purge_accounts();
	v_answer := v_answer || streamspace_rules.sweep_viewers(v_limit);
	DELETE FROM streamspace_data.agent_connection AS c WHERE (c.agent_id, c.epoch) IN (
		SELECT x.agent_id, x.epoch FROM streamspace_data.agent_connection AS x
		WHERE x.disconnected_at < v_now - interval '30 days' ORDER BY x.disconnected_at LIMIT 5000);
	GET DIAGNOSTICS v_n = ROW_COUNT;
	v_answer := v_answer || jsonb_build_object('connections_purged', v_n,
		'partitions', v_partitions, 'partitions_dropped', streamspace_rules.drop_partitions());

	PERFORM streamspace_rules.release(v_ended, v_freed, v_homes);
	v_answer := v_answer || jsonb_build_object('placed', streamspace_rules.place_pending(v_limit));
	PERFORM streamspace_rules.explain_pending(v_limit);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.tick FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.tick TO streamspace_api;
COMMENT ON FUNCTION streamspace.tick IS
	'One sweep: deadlines of sessions, idle time, maximum duration, schedules, retries, leases of commands, silent agents, orphans, waiting sessions, lost viewers, partitions and retention; at most p_limit rows of each. Returns how many of each, or {skipped} while another sweep runs. For streamspaced only';
