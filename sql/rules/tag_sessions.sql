-- The sessions are locked by the caller, and each has room for the tag.
CREATE FUNCTION streamspace_rules.tag_sessions(p_org_id integer, p_sessions text[], p_action text, p_tag text, p_actor text) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_changed text[];
BEGIN
	IF p_action = 'add_tag' THEN
		WITH added AS (
			INSERT INTO streamspace_data.session_tag (org_id, tag, created_at, session_id, user_id)
			SELECT s.org_id, p_tag, s.created_at, s.session_id, s.user_id
			FROM streamspace_data.session AS s WHERE s.org_id = p_org_id AND s.session_id = ANY (p_sessions)
			ON CONFLICT ON CONSTRAINT session_tag_pkey DO NOTHING RETURNING session_id
		) SELECT array_agg(a.session_id) INTO v_changed FROM added AS a;
	ELSE
		WITH removed AS (
			DELETE FROM streamspace_data.session_tag AS g
			WHERE g.org_id = p_org_id AND g.session_id = ANY (p_sessions) AND g.tag = p_tag RETURNING g.session_id
		) SELECT array_agg(r.session_id) INTO v_changed FROM removed AS r;
	END IF;
	WITH changed AS (
		UPDATE streamspace_data.session AS s SET revision = s.revision + 1, updated_at = v_now
		WHERE s.org_id = p_org_id AND s.session_id = ANY (v_changed)
		RETURNING s.org_id, s.session_id, s.state, s.revision
	)
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
	SELECT c.org_id, c.session_id, p_action, c.state, c.state, c.revision, p_actor, jsonb_build_object('tag', p_tag) FROM changed AS c;
	RETURN coalesce(cardinality(v_changed), 0);
END
$$;
COMMENT ON FUNCTION streamspace_rules.tag_sessions IS 'add_tag or remove_tag for many sessions at once; returns how many it changed';
