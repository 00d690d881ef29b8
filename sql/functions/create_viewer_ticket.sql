CREATE FUNCTION streamspace.create_viewer_ticket(p_session text, p_mode text DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'mode', left(p_mode, 200));
	v_me record;
	v_control boolean;
	v_mode text;
	v_made record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_viewer_ticket(p_session, p_mode, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer || '{"ticket": null, "url": null}';
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'create_viewer_ticket', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'view'));
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_viewer_ticket', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	v_control := streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'control') IS NULL;
	v_mode := coalesce(p_mode, CASE WHEN v_control THEN 'control' ELSE 'view' END);
	PERFORM streamspace_rules.raise_refusal(CASE
		WHEN p_actor IS NULL THEN streamspace_rules.refusal('actor_required')
		WHEN v_mode NOT IN ('view', 'control') THEN streamspace_rules.invalid('/mode', 'view or control is required')
		WHEN v_mode = 'control' AND NOT v_control
			THEN streamspace_rules.refusal('forbidden', jsonb_build_object('session', p_session, 'mode', v_mode)) END);
	SELECT t.* INTO v_made FROM streamspace_rules.issue_viewer_ticket(p_actor, p_session, v_mode, v_me.identity) AS t;
	PERFORM streamspace_rules.raise_refusal(v_made.refusal);
	v_answer := jsonb_build_object('ticket', v_made.ticket, 'session', p_session, 'mode', v_mode, 'expires_at', v_made.expires_at);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_viewer_ticket', v_arguments, p_request_id, p_session, v_answer, 'ticket');
	-- after finish_call(), which keeps the answer without its secret
	RETURN v_answer || jsonb_build_object('url', format('/api/v1/vnc/%s?ticket=%s', p_session, v_made.ticket));
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_viewer_ticket FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_viewer_ticket TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_viewer_ticket IS
	'A ticket for one viewer of a running session: {ticket, session, mode, expires_at, url}. It opens one WebSocket at url within 30 seconds, once; only its SHA-256 is kept. p_mode view (see) or control (also act); NULL: what the actor may. The owner, whom control is shared with and who acts for the organisation may control; whom it is shared with for viewing may view (forbidden for control). The viewer ends with the log-in or API key that asked, and with the access of its user. A DBA has no account, so no viewer. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, session_not_running, viewer_unsupported, agent_unreachable, too_many_viewers, limit_reached, invalid_argument, request_in_flight, request_mismatch, secret_already_shown';
