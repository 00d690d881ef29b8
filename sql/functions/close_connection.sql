CREATE FUNCTION streamspace.close_connection(p_connection text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('connection', left(p_connection, 200), 'if_revision', p_if_revision);
	v_me record;
	v_org_id integer;
	v_connection streamspace_data.connection;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.close_connection(p_connection, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'close_connection') AS e;
	v_org_id := CASE WHEN v_me.reach = 'all' THEN streamspace_rules.org_of_connection(p_connection) ELSE v_me.org_id END;
	PERFORM streamspace_rules.set_org(v_org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_connection_access(v_me.reach, v_me.user_id, p_connection));
	v_answer := streamspace_rules.find_request(v_me.identity, 'close_connection', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT c.* INTO v_connection FROM streamspace_data.connection AS c
	WHERE c.org_id = v_org_id AND c.connection_id = p_connection AND c.closed_at IS NULL FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('connection_not_found', jsonb_build_object('connection', left(p_connection, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_connection.revision));
	UPDATE streamspace_data.connection AS c SET closed_at = streamspace_rules.now(), reason = 'closed', closed_by = left(v_me.identity, 300),
		relay_hash = NULL, relay_replica = NULL, relay_until = NULL, revision = c.revision + 1
	WHERE c.org_id = v_org_id AND c.connection_id = p_connection;
	v_answer := streamspace_rules.connection_json(p_connection);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_org_id, 'close_connection', v_arguments, p_request_id, v_connection.session_id, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.close_connection FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.close_connection TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.close_connection IS
	'Puts the viewer of id p_connection out: its stream ends within a second. For the owner of the session and those who act for the organisation. Whoever still has access may come again with a new ticket: to keep him out, end the share. Returns the viewer. Errors: actor_required, unauthorized, forbidden, scope_required, connection_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
