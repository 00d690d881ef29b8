CREATE FUNCTION streamspace.share_session(p_session text, p_user text DEFAULT NULL, p_group text DEFAULT NULL, p_mode text DEFAULT 'view',
	p_expires_at timestamptz DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'user', left(p_user, 200), 'group', left(p_group, 200),
		'mode', left(p_mode, 200), 'expires_at', p_expires_at, 'if_revision', p_if_revision);
	v_now timestamptz := streamspace_rules.now();
	v_mode text := coalesce(p_mode, 'view');
	v_me record;
	v_session record;
	v_user_id integer;
	v_group_id integer;
	v_share record;
	v_id text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.share_session(p_session, p_user, p_group, p_mode, p_expires_at, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'share_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'share_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(CASE
		WHEN num_nonnulls(p_user, p_group) <> 1 THEN streamspace_rules.invalid('/user', 'either a user or a group is required')
		WHEN v_mode NOT IN ('view', 'control') THEN streamspace_rules.invalid('/mode', 'view or control is required')
		WHEN NOT isfinite(p_expires_at) OR p_expires_at <= v_now OR p_expires_at > v_now + interval '3660 days'
			THEN streamspace_rules.invalid('/expires_at', 'a time within the next ten years is required') END);
	-- One at a time for a session: two that share it with the same user make one share.
	SELECT s.org_id, s.user_id, s.state, s.created_at INTO STRICT v_session
	FROM streamspace_data.session AS s WHERE s.session_id = p_session FOR NO KEY UPDATE;
	IF v_session.state = 'terminated' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_transition', jsonb_build_object(
			'session', p_session, 'state', v_session.state, 'event', 'share', 'allowed', '[]'::jsonb)));
	END IF;
	IF p_user IS NOT NULL THEN
		SELECT u.user_id INTO v_user_id FROM streamspace_data.app_user AS u
		WHERE u.org_id = v_session.org_id AND u.name = p_user AND u.active;
		PERFORM streamspace_rules.raise_refusal(CASE
			WHEN v_user_id IS NULL THEN streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_user, 100)))
			WHEN v_user_id = v_session.user_id THEN streamspace_rules.invalid('/user', 'is the owner of the session') END);
	ELSE
		SELECT g.group_id INTO v_group_id FROM streamspace_data.user_group AS g
		WHERE g.org_id = v_session.org_id AND g.name = p_group FOR KEY SHARE;
		PERFORM streamspace_rules.raise_refusal(CASE
			WHEN v_group_id IS NULL THEN streamspace_rules.refusal('group_not_found', jsonb_build_object('group', left(p_group, 100))) END);
	END IF;
	SELECT h.share_id, h.revision INTO v_share FROM streamspace_data.session_share AS h
	WHERE h.org_id = v_session.org_id AND h.session_id = p_session AND (h.user_id = v_user_id OR h.group_id = v_group_id) FOR UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_share.revision));
	v_id := v_share.share_id;
	IF v_id IS NOT NULL THEN
		UPDATE streamspace_data.session_share AS h SET mode = v_mode, expires_at = p_expires_at, created_by = v_me.identity,
			revision = h.revision + 1
		WHERE h.org_id = v_session.org_id AND h.share_id = v_id AND (h.mode, h.expires_at) IS DISTINCT FROM (v_mode, p_expires_at);
	ELSE
		IF (SELECT count(*) FROM streamspace_data.session_share AS h WHERE h.org_id = v_session.org_id AND h.session_id = p_session) >= 1000 THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/session', 'is shared 1000 times already'));
		END IF;
		v_id := streamspace_rules.new_id('sh-');
		INSERT INTO streamspace_data.session_share (org_id, share_id, session_id, user_id, group_id, mode, expires_at, session_created_at,
			created_by, created_at)
		VALUES (v_session.org_id, v_id, p_session, v_user_id, v_group_id, v_mode, p_expires_at, v_session.created_at, v_me.identity, v_now);
	END IF;
	v_answer := streamspace_rules.share_json(v_id);
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
	SELECT s.org_id, s.session_id, 'share', s.state, s.state, s.revision, v_me.identity, v_answer - '{session,created_by,created_at}'::text[]
	FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'share_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.share_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.share_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.share_session IS
	'Lets a user, or the present and later members of a group, of the same organisation use a session. p_mode view (the default): it shows in get_session and list_sessions (p_shared); control: he may also report activity; nothing else. Until p_expires_at (at most ten years), or revoke_share(). Sharing again with the same user or group changes mode and end. Access ends at the next call when it is revoked or over, the user is deactivated or has left the group. Returns the share. Errors: actor_required, unauthorized, forbidden, session_not_found, user_not_found, group_not_found, invalid_transition (terminated), invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
