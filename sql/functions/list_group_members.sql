-- How many the array names is not known when this is planned: else all users would be read.
CREATE FUNCTION streamspace.list_group_members(p_group text, p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
	SET jit = off SET enable_seqscan = off
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_group_id integer;
	v_last integer := 0;
	v_ids integer[];
	v_items jsonb;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_group_members', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/group', p_group),
		streamspace_rules.check_limit(v_limit)));
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,9}$');
	v_last := coalesce(v_key::integer, 0);
	SELECT g.group_id INTO v_group_id FROM streamspace_data.user_group AS g WHERE g.org_id = v_me.org_id AND g.name = p_group;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('group_not_found', jsonb_build_object('group', p_group)));
	END IF;
	SELECT array_agg(x.user_id) INTO v_ids
	FROM (SELECT m.user_id FROM streamspace_data.group_member AS m
		WHERE m.org_id = v_me.org_id AND m.group_id = v_group_id AND m.user_id > v_last ORDER BY m.user_id LIMIT v_limit + 1) AS x;
	SELECT coalesce(jsonb_agg(jsonb_build_object('user', u.name, 'display_name', u.display_name, 'role', u.role, 'active', u.active,
		'added_at', m.added_at) ORDER BY m.user_id), '[]') INTO v_items
	FROM streamspace_data.group_member AS m
	JOIN streamspace_data.app_user AS u ON u.org_id = m.org_id AND u.user_id = m.user_id
	WHERE m.org_id = v_me.org_id AND m.group_id = v_group_id AND m.user_id = ANY (v_ids[1:v_limit]);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]::text) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_group_members FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_group_members TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_group_members IS
	'A page of the members of the group p_group, in the order in which the users were made: {items: [{user, display_name, role, active, added_at}], next_cursor}. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, invalid_argument';
