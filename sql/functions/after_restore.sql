CREATE FUNCTION streamspace.after_restore(p_reason text DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('reason', left(p_reason, 501));
	v_now timestamptz := streamspace_rules.now();
	v_me record;
	v_generation integer;
	v_n integer;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.after_restore(p_reason, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'after_restore') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'after_restore', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	IF length(p_reason) > 500 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/reason', 'at most 500 characters are allowed'));
	END IF;
	-- what the server itself betrays first, then one more: a copy of the files betrays nothing
	PERFORM streamspace_rules.raise_generation();
	UPDATE streamspace_data.installation AS i SET generation = i.generation + 1, revision = i.revision + 1 RETURNING i.generation INTO STRICT v_generation;
	UPDATE streamspace_data.agent_connection AS c SET disconnected_at = v_now, disconnect_reason = 'the database was restored'
	WHERE c.disconnected_at IS NULL;
	GET DIAGNOSTICS v_n = ROW_COUNT;
	UPDATE streamspace_data.agent AS a SET state = 'offline', updated_at = v_now WHERE a.state <> 'offline';
	v_answer := jsonb_build_object('generation', v_generation, 'agents_disconnected', v_n);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'after_restore', v_arguments, p_request_id, NULL, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.after_restore FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.after_restore TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.after_restore IS
	'After a restore or a clone of the database, before the servers are started: raises the restore generation, so that no epoch and no event cursor of before counts any more, and ends every recorded connection; the agents connect again and tell what they hold. {generation, agents_disconnected}. A restore from a dump, from a base backup with another timeline and a promotion are noticed without it; a copy of the files is not. p_reason, at most 500 characters, is for the audit log. For platform administrators. Errors: actor_required, unauthorized, forbidden, scope_required, invalid_argument, request_in_flight, request_mismatch';
