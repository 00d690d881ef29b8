CREATE FUNCTION streamspace.revoke_share(p_session text, p_share text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'share', left(p_share, 200), 'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.revoke_share(p_session, p_share, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'revoke_share', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'revoke_share', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT h.revision INTO v_revision FROM streamspace_data.session_share AS h
	WHERE h.org_id = v_me.org_id AND h.share_id = p_share AND h.session_id = p_session FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('share_not_found', jsonb_build_object('share', left(p_share, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	v_answer := streamspace_rules.share_json(p_share);
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
	SELECT s.org_id, s.session_id, 'revoke_share', s.state, s.state, s.revision, v_me.identity, v_answer - '{session,created_by,created_at}'::text[]
	FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	DELETE FROM streamspace_data.session_share AS h WHERE h.org_id = v_me.org_id AND h.share_id = p_share;
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'revoke_share', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.revoke_share FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.revoke_share TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.revoke_share IS
	'Ends a share of a session; it gives no access from the next call on. Returns the share as it was. Errors: actor_required, unauthorized, forbidden, session_not_found, share_not_found, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
