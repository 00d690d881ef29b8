CREATE FUNCTION streamspace_rules.effective_policy(p_org_id integer, p_user_id integer, p_template_id integer, p_template_revision integer,
	p_session text, OUT idle_seconds integer, OUT max_seconds integer, OUT max_action text, OUT warn_seconds integer,
	OUT extend_seconds integer, OUT sources jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_row record;
	v_by jsonb;
BEGIN
	sources := '{}';
	FOR v_row IN
		SELECT 1 AS rank, 'org' AS scope, o.name, p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds, p.origins
		FROM streamspace_data.policy AS p JOIN streamspace_data.org AS o ON o.org_id = p.org_id
		WHERE p.org_id = p_org_id AND p.scope = 'org'
		UNION ALL
		SELECT 2, 'group', g.name, p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds, p.origins
		FROM streamspace_data.group_member AS m
		JOIN streamspace_data.policy AS p ON p.org_id = m.org_id AND p.group_id = m.group_id
		JOIN streamspace_data.user_group AS g ON g.org_id = m.org_id AND g.group_id = m.group_id
		WHERE m.org_id = p_org_id AND m.user_id = p_user_id
		UNION ALL
		SELECT 3, 'user', u.name, p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds, p.origins
		FROM streamspace_data.policy AS p JOIN streamspace_data.app_user AS u ON u.org_id = p.org_id AND u.user_id = p.user_id
		WHERE p.org_id = p_org_id AND p.user_id = p_user_id
		UNION ALL
		SELECT 4, 'template', t.name, streamspace_rules.duration_seconds(r.spec ->> 'idleTimeout'),
			streamspace_rules.duration_seconds(r.spec ->> 'maxSessionDuration'), NULL, NULL, NULL,
			jsonb_build_object('idle_seconds', x.origin, 'max_seconds', x.origin)
		FROM streamspace_data.template_revision AS r
		JOIN streamspace_data.template AS t ON t.org_id = r.org_id AND t.template_id = r.template_id
		CROSS JOIN LATERAL (SELECT jsonb_build_object('by', r.created_by, 'at', r.created_at)) AS x (origin)
		WHERE r.org_id = p_org_id AND r.template_id = p_template_id AND r.revision = p_template_revision
			AND r.spec ?| ARRAY['idleTimeout', 'maxSessionDuration']
		UNION ALL
		SELECT 5, 'template', t.name, p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds, p.origins
		FROM streamspace_data.policy AS p JOIN streamspace_data.template AS t ON t.org_id = p.org_id AND t.template_id = p.template_id
		WHERE p.org_id = p_org_id AND p.template_id = p_template_id
		UNION ALL
		SELECT 6, 'session', p.session_id, p.idle_seconds, p.max_seconds, p.max_action, p.warn_seconds, p.extend_seconds, p.origins
		FROM streamspace_data.policy AS p WHERE p.org_id = p_org_id AND p.session_id = p_session
		ORDER BY 1, 3
	LOOP
		v_by := jsonb_build_object('scope', v_row.scope, 'name', v_row.name, 'rank', v_row.rank);
		IF v_row.idle_seconds IS NOT NULL AND (CASE WHEN v_row.origins @> '{"idle_seconds": {"bounded": true}}' OR (sources #>> '{idle_seconds,rank}')::integer = v_row.rank
			THEN streamspace_rules.is_stricter(v_row.idle_seconds, idle_seconds) ELSE true END)
		THEN
			idle_seconds := v_row.idle_seconds;
			sources := sources || jsonb_build_object('idle_seconds', v_by || (v_row.origins -> 'idle_seconds'));
		END IF;
		IF v_row.max_seconds IS NOT NULL AND (CASE WHEN v_row.origins @> '{"max_seconds": {"bounded": true}}' OR (sources #>> '{max_seconds,rank}')::integer = v_row.rank
			THEN streamspace_rules.is_stricter(v_row.max_seconds, max_seconds) ELSE true END)
		THEN
			max_seconds := v_row.max_seconds;
			sources := sources || jsonb_build_object('max_seconds', v_by || (v_row.origins -> 'max_seconds'));
		END IF;
		IF v_row.max_action IS NOT NULL AND (CASE WHEN v_row.origins @> '{"max_action": {"bounded": true}}' OR (sources #>> '{max_action,rank}')::integer = v_row.rank
			THEN v_row.max_action = 'terminate' ELSE true END)
		THEN
			max_action := v_row.max_action;
			sources := sources || jsonb_build_object('max_action', v_by || (v_row.origins -> 'max_action'));
		END IF;
		IF v_row.warn_seconds IS NOT NULL AND ((sources #>> '{warn_seconds,rank}')::integer IS DISTINCT FROM v_row.rank OR v_row.warn_seconds > warn_seconds) THEN
			warn_seconds := v_row.warn_seconds;
			sources := sources || jsonb_build_object('warn_seconds', v_by || (v_row.origins -> 'warn_seconds'));
		END IF;
		IF v_row.extend_seconds IS NOT NULL AND (CASE WHEN v_row.origins @> '{"extend_seconds": {"bounded": true}}' OR (sources #>> '{extend_seconds,rank}')::integer = v_row.rank
			THEN v_row.extend_seconds < coalesce(extend_seconds, 28800) ELSE true END)
		THEN
			extend_seconds := v_row.extend_seconds;
			sources := sources || jsonb_build_object('extend_seconds', v_by || (v_row.origins -> 'extend_seconds'));
		END IF;
	END LOOP;
	max_action := coalesce(max_action, 'hibernate');
	warn_seconds := coalesce(warn_seconds, 300);
	extend_seconds := coalesce(extend_seconds, 28800);
END
$$;
COMMENT ON FUNCTION streamspace_rules.effective_policy IS
	'What holds for a session of that owner and template (p_session NULL: for one to come). Each value by itself: the most specific scope that has one, of several groups the strictest; what the owner of a session set counts where it is stricter. idle_seconds and max_seconds NULL or 0: no such rule. Defaults: hibernate, warned 300 s before, extended by at most 28800 s. sources: value: {scope, name, by, at}';
