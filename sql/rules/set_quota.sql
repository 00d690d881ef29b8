-- Locks: the default row of the organisation, then pools of users in their order, or one pool.
CREATE FUNCTION streamspace_rules.set_quota(p_pool_id integer, p_limits jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_pool streamspace_data.pool;
	v_default streamspace_data.pool;
	v_user record;
BEGIN
	SELECT p.* INTO STRICT v_pool FROM streamspace_data.pool AS p WHERE p.pool_id = p_pool_id;
	CASE v_pool.kind
	WHEN 'user' THEN
		SELECT p.* INTO STRICT v_default FROM streamspace_data.pool AS p
		WHERE p.org_id = v_pool.org_id AND p.kind = 'user_default' FOR SHARE;
		PERFORM streamspace_rules.lock_pool(p_pool_id);
		UPDATE streamspace_data.pool AS p SET own = (SELECT coalesce(jsonb_object_agg(k.key, k.value), '{}')
			FROM jsonb_each(p.own || p_limits) AS k WHERE k.value <> '"default"')
		WHERE p.pool_id = p_pool_id RETURNING p.* INTO v_pool;
		PERFORM streamspace_rules.resize_pool(p_pool_id, streamspace_rules.pool_limits(v_default.pool_id) || v_pool.own);
	WHEN 'user_default' THEN
		PERFORM FROM streamspace_data.pool AS p WHERE p.pool_id = p_pool_id FOR NO KEY UPDATE;
		PERFORM streamspace_rules.resize_pool(p_pool_id, p_limits);
		FOR v_user IN
			SELECT p.pool_id, n.limits FROM streamspace_data.pool AS p
			CROSS JOIN LATERAL (SELECT streamspace_rules.pool_limits(p_pool_id) || p.own AS limits) AS n
			WHERE p.org_id = v_pool.org_id AND p.kind = 'user' AND streamspace_rules.pool_limits(p.pool_id) <> n.limits
			ORDER BY p.pool_id
		LOOP
			PERFORM streamspace_rules.resize_pool(v_user.pool_id, v_user.limits);
		END LOOP;
	ELSE
		PERFORM streamspace_rules.resize_pool(p_pool_id, p_limits);
	END CASE;
	UPDATE streamspace_data.pool AS p SET revision = p.revision + 1, updated_at = streamspace_rules.now() WHERE p.pool_id = p_pool_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.set_quota IS
	'Changes the limits of a quota; a key that p_limits lacks keeps its limit, null is none. Of a user "default" is the one of all users again; those of all users reach everybody who has none of his own';
