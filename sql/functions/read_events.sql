CREATE FUNCTION streamspace.read_events(p_since text DEFAULT NULL, p_org text DEFAULT NULL, p_limit integer DEFAULT 500,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_events record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'read_events', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	SELECT e.* INTO v_events FROM streamspace_rules.events_since(v_me.reach, v_me.user_id, v_me.org_id, p_since, p_limit) AS e;
	PERFORM streamspace_rules.raise_refusal(v_events.refusal);
	RETURN v_events.answer || jsonb_build_object('audience', jsonb_build_object('org', v_me.org_id, 'user', v_me.user_id, 'reach', v_me.reach));
END
$$;
REVOKE ALL ON FUNCTION streamspace.read_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.read_events TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.read_events IS
	'What has changed since a token (NULL: nothing, only the token of now): {token, gap, items: [{kind, id, event, at, session}], audience}. Users are told of their own sessions and of those that are shared with them, by user or group, others of those of the organisation; session is null when one may not be seen any more. Each session stands there once, as it is now. gap says why the lists must be read anew instead: restored, token_too_old (more than an hour), too_many (more than p_limit sessions, 1 to 1000, default 500, or 20000 changes in the organisation), access_changed (another role or group). Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
