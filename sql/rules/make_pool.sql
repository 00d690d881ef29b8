CREATE FUNCTION streamspace_rules.make_pool() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_row constant jsonb := to_jsonb(NEW);
	v_pool integer;
BEGIN
	CASE TG_TABLE_NAME
	WHEN 'org' THEN
		INSERT INTO streamspace_data.pool (kind, org_id, sessions) VALUES ('user_default', (v_row ->> 'org_id')::integer, 10);
		INSERT INTO streamspace_data.pool (kind, org_id) VALUES ('org', (v_row ->> 'org_id')::integer) RETURNING pool_id INTO v_pool;
		INSERT INTO streamspace_data.pool_slot SELECT v_pool, 0, false, u, u, u, u FROM streamspace_rules.no_limit() AS u;
		PERFORM streamspace_rules.resize_pool(v_pool, '{"sessions": 1000}');
	WHEN 'app_user' THEN
		INSERT INTO streamspace_data.pool (kind, org_id, user_id) VALUES ('user', (v_row ->> 'org_id')::integer, (v_row ->> 'user_id')::integer) RETURNING pool_id INTO v_pool;
		INSERT INTO streamspace_data.pool_slot SELECT v_pool, 0, false, u, u, u, u FROM streamspace_rules.no_limit() AS u;
		PERFORM streamspace_rules.resize_pool(v_pool, streamspace_rules.pool_limits(d.pool_id))
		FROM (SELECT x.pool_id FROM streamspace_data.pool AS x WHERE x.org_id = (v_row ->> 'org_id')::integer AND x.kind = 'user_default' FOR SHARE) AS d;
	WHEN 'user_group' THEN
		INSERT INTO streamspace_data.pool (kind, org_id, group_id) VALUES ('group', (v_row ->> 'org_id')::integer, (v_row ->> 'group_id')::integer) RETURNING pool_id INTO v_pool;
		INSERT INTO streamspace_data.pool_slot SELECT v_pool, 0, false, u, u, u, u FROM streamspace_rules.no_limit() AS u;
		PERFORM streamspace_rules.resize_pool(v_pool, '{}');
	WHEN 'agent' THEN
		INSERT INTO streamspace_data.pool (kind, agent_id) VALUES ('agent', v_row ->> 'agent_id') RETURNING pool_id INTO v_pool;
		INSERT INTO streamspace_data.pool_slot SELECT v_pool, 0, false, u, u, u, u FROM streamspace_rules.no_limit() AS u;
		PERFORM streamspace_rules.resize_pool(v_pool, jsonb_build_object('sessions', (v_row ->> 'max_sessions')::integer));
	END CASE;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.make_pool IS 'Trigger: an organisation, user, group or agent comes with its pool: 1,000 sessions an organisation, 10 a user unless the organisation says otherwise, no limit a group, and what the agent says of itself';
