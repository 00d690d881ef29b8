CREATE FUNCTION streamspace.update_session(p_session text, p_name text DEFAULT NULL, p_notes text DEFAULT NULL, p_tags text[] DEFAULT NULL,
	p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'name', left(p_name, 201), 'notes', left(p_notes, 4001),
		'tags', to_jsonb(p_tags[1:33]), 'if_revision', p_if_revision);
	v_me record;
	v_session streamspace_data.session;
	v_name text;
	v_notes text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.update_session(p_session, p_name, p_notes, p_tags, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'update_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'update_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_labels(p_name, p_tags),
		CASE WHEN length(p_notes) > 4000 THEN streamspace_rules.invalid('/notes', 'at most 4000 characters are allowed') END));
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_session.revision));
	v_name := nullif(coalesce(p_name, v_session.name), '');
	v_notes := nullif(coalesce(p_notes, v_session.notes), '');
	IF streamspace_rules.label_session(p_session, p_tags) OR v_name IS DISTINCT FROM v_session.name OR v_notes IS DISTINCT FROM v_session.notes THEN
		UPDATE streamspace_data.session AS s SET name = v_name, notes = v_notes, revision = s.revision + 1, updated_at = streamspace_rules.now()
		WHERE s.session_id = p_session;
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
		SELECT s.org_id, s.session_id, 'update', s.state, s.state, s.revision, v_me.identity, jsonb_build_object('name', s.name,
			'tags', streamspace_rules.session_tags(s.org_id, s.session_id))
		FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	END IF;
	v_answer := streamspace_rules.session_json(p_session);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'update_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.update_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.update_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.update_session IS
	'Names a session, notes something about it, tags it. NULL keeps what is there; an empty name or note takes it away; p_tags replaces all tags. p_name up to 200 characters, p_notes up to 4000, p_tags up to 32 of 1 to 63 lower-case letters and digits (inside also . _ : / -). Also of a terminated session. Returns the session. Errors: actor_required, unauthorized, forbidden, session_not_found, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
