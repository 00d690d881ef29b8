CREATE FUNCTION streamspace_rules.enter_platform(p_actor bytea, p_function text,
	OUT user_id integer, OUT org_id integer, OUT role text, OUT name text, OUT identity text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_me record;
BEGIN
	IF p_actor IS NULL AND streamspace_rules.is_dba() THEN
		role := 'platform_admin';
		name := session_user;
		identity := 'dba:' || session_user;
		RETURN;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, p_function) AS e;
	IF v_me.reach <> 'all' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden'));
	END IF;
	user_id := v_me.user_id;
	org_id := v_me.user_org_id;
	role := v_me.role;
	name := v_me.name;
	identity := v_me.identity;
END
$$;
COMMENT ON FUNCTION streamspace_rules.enter_platform IS
	'Actor of a call about the platform: one whom permission gives reach all, or a DBA, also before there is any organisation. Raises actor_required, unauthorized, forbidden';
