CREATE FUNCTION streamspace_rules.enter_audit(p_actor bytea, p_function text, p_org text, OUT org_id integer, OUT org text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, p_function, nullif(p_org, '')) AS e;
	IF p_org = '' THEN
		IF v_me.reach <> 'all' THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('org', '')));
		END IF;
		org_id := 0;
	ELSE
		org_id := v_me.org_id;
	END IF;
	PERFORM streamspace_rules.set_org(org_id);
	SELECT o.name INTO org FROM streamspace_data.org AS o WHERE o.org_id = enter_audit.org_id;
	org := coalesce(org, '');
END
$$;
COMMENT ON FUNCTION streamspace_rules.enter_audit IS
	'Begins a call that reads an audit chain: that of the organisation, or chain 0 (org '''') of what belongs to none, for platform administrators. Raises as enter() does';
