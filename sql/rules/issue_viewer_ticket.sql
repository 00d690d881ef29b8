CREATE FUNCTION streamspace_rules.issue_viewer_ticket(p_actor bytea, p_session text, p_mode text, p_viewer text,
	OUT ticket text, OUT expires_at timestamptz, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_session streamspace_data.session;
	v_holder record;
	v_most integer;
BEGIN
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	refusal := streamspace_rules.check_viewable(v_session);
	IF refusal IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT c.org_id, c.user_id, c.credential_id INTO STRICT v_holder FROM streamspace_data.credential AS c WHERE c.token_hash = p_actor;
	-- One at a time for a user, so that the bound is exact.
	PERFORM u.user_id FROM streamspace_data.app_user AS u
	WHERE u.org_id = v_holder.org_id AND u.user_id = v_holder.user_id FOR NO KEY UPDATE;
	SELECT i.viewer_tickets_per_user INTO STRICT v_most FROM streamspace_data.installation AS i;
	IF (SELECT count(*) FROM streamspace_data.viewer_ticket AS t
			WHERE t.user_org_id = v_holder.org_id AND t.user_id = v_holder.user_id AND t.expires_at > v_now) >= v_most THEN
		refusal := streamspace_rules.refusal('limit_reached', jsonb_build_object('what', 'unused viewer tickets of a user', 'limit', v_most));
		RETURN;
	END IF;
	ticket := streamspace_rules.new_token();
	expires_at := v_now + interval '30 seconds';
	INSERT INTO streamspace_data.viewer_ticket (ticket_hash, org_id, session_id, user_org_id, user_id, credential_id, viewer, mode,
		created_at, expires_at)
	VALUES (streamspace_rules.hash_token(ticket), v_session.org_id, p_session, v_holder.org_id, v_holder.user_id, v_holder.credential_id,
		left(p_viewer, 300), p_mode, v_now, expires_at);
END
$$;
COMMENT ON FUNCTION streamspace_rules.issue_viewer_ticket IS
	'Makes a ticket for one viewer of a session, for an actor who may look at it; refusal: those of check_viewable(), or limit_reached';
