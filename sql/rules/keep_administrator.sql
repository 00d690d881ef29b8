-- Two administrators who demote each other at the same moment must not both succeed: the advisory lock makes them wait
-- for each other before either has locked a row, and FOR SHARE reads what the other one committed (or, in a transaction
-- with an old snapshot, ends in a serialization failure).
CREATE FUNCTION streamspace_rules.keep_administrator(p_org_id integer, p_user text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_me record;
BEGIN
	PERFORM pg_advisory_xact_lock(7402, 4);
	SELECT u.user_id, u.role, u.active INTO v_me FROM streamspace_data.app_user AS u
	WHERE u.org_id = p_org_id AND u.name = p_user FOR NO KEY UPDATE;
	IF v_me.role = 'platform_admin' AND v_me.active THEN
		PERFORM u.user_id FROM streamspace_data.app_user AS u
		WHERE u.role = 'platform_admin' AND u.active AND u.user_id <> v_me.user_id ORDER BY u.user_id LIMIT 1 FOR SHARE;
		IF NOT FOUND THEN
			RETURN streamspace_rules.refusal('last_administrator', jsonb_build_object('user', p_user));
		END IF;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.keep_administrator IS
	'Called before a user is demoted or deactivated, and before any row is locked: refusal last_administrator when he is the only active platform administrator, else NULL';
