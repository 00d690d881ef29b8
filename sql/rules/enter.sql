-- The one look-up that turns a credential into an actor. Role and activity are those of now, so that a
-- revocation counts at once. What the role may do stands in permission.
CREATE FUNCTION streamspace_rules.enter(p_actor bytea, p_function text, p_org text DEFAULT NULL, p_session text DEFAULT NULL,
	OUT user_id integer, OUT user_org_id integer, OUT role text, OUT name text, OUT identity text,
	OUT org_id integer, OUT reach text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_org_name text;
BEGIN
	IF p_actor IS NULL THEN
		IF NOT streamspace_rules.is_dba() THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
		END IF;
		role := 'platform_admin';
		name := session_user;
		identity := 'dba:' || session_user;
	ELSE
		SELECT u.user_id, u.org_id, u.role, u.name, o.name
		INTO user_id, user_org_id, role, name, v_org_name
		FROM streamspace_data.credential AS c
		JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.user_id
		JOIN streamspace_data.org AS o ON o.org_id = u.org_id
		WHERE c.token_hash = p_actor AND c.kind = 'login' AND c.revoked_at IS NULL
			AND c.expires_at > streamspace_rules.now() AND u.active;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
		END IF;
		identity := 'user:' || v_org_name || '/' || name;
	END IF;

	SELECT CASE role WHEN 'platform_admin' THEN p.platform_admin WHEN 'org_admin' THEN p.org_admin WHEN 'operator' THEN p.operator
		WHEN 'user' THEN p."user" WHEN 'auditor' THEN p.auditor END
	INTO reach FROM streamspace_data.permission AS p WHERE p.function = p_function;
	IF reach IS NULL OR reach = 'no' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('function', p_function, 'role', role)));
	END IF;

	org_id := user_org_id;
	IF p_session IS NOT NULL AND reach = 'all' THEN
		SELECT s.org_id INTO org_id FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	ELSIF p_org IS NOT NULL OR org_id IS NULL THEN
		IF p_org IS NOT NULL AND p_org = v_org_name THEN
			NULL;
		ELSIF reach <> 'all' AND p_actor IS NOT NULL THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden',
				jsonb_build_object('org', left(p_org, 100))));
		ELSE
			SELECT o.org_id INTO org_id FROM streamspace_data.org AS o WHERE o.name = coalesce(p_org, 'default');
			IF NOT FOUND THEN
				PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('org_not_found',
					jsonb_build_object('org', left(coalesce(p_org, 'default'), 100))));
			END IF;
		END IF;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.enter IS
	'Actor, reach and organisation of a call of p_function. p_actor: SHA-256 of a log-in token, NULL for a DBA (platform administrator, organisation default unless named). reach (own, org, all) is what permission gives his role. Raises actor_required, unauthorized, forbidden, org_not_found. With p_session an actor of reach all enters the organisation of that session';
