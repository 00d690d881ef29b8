-- The one look-up that turns a credential into an actor. Role, activity, scopes and idle time are those of now, so that
-- a revocation counts at once. What the role may do stands in permission.
CREATE FUNCTION streamspace_rules.find_actor(p_actor bytea, p_function text, p_org text DEFAULT NULL, p_session text DEFAULT NULL,
	OUT user_id integer, OUT user_org_id integer, OUT role text, OUT name text, OUT identity text,
	OUT org_id integer, OUT reach text, OUT refusal jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_org_name text;
	v_key text;
	v_scopes text[];
	v_scope text;
BEGIN
	IF p_actor IS NULL THEN
		IF NOT streamspace_rules.is_dba() THEN
			refusal := streamspace_rules.refusal('actor_required');
			RETURN;
		END IF;
		role := 'platform_admin';
		name := session_user;
		identity := 'dba:' || session_user;
		SELECT p.platform_admin INTO reach FROM streamspace_data.permission AS p WHERE p.function = p_function;
	ELSE
		SELECT u.user_id, u.org_id, u.role, u.name, o.name, CASE c.kind WHEN 'api_key' THEN c.credential_id END, c.scopes, p.scope,
			CASE u.role WHEN 'platform_admin' THEN p.platform_admin WHEN 'org_admin' THEN p.org_admin WHEN 'operator' THEN p.operator
				WHEN 'user' THEN p."user" WHEN 'auditor' THEN p.auditor END
		INTO user_id, user_org_id, role, name, v_org_name, v_key, v_scopes, v_scope, reach
		FROM streamspace_data.credential AS c
		-- By user_id alone (a foreign key says that the organisation is the same): with it, a plan that is made while the
		-- tables are empty may walk through all users of the organisation, and be kept.
		JOIN streamspace_data.app_user AS u ON u.user_id = c.user_id
		JOIN streamspace_data.org AS o ON o.org_id = c.org_id
		CROSS JOIN streamspace_data.installation AS i
		LEFT JOIN streamspace_data.credential_use AS x ON x.org_id = c.org_id AND x.token_hash = c.token_hash
		LEFT JOIN streamspace_data.permission AS p ON p.function = p_function
		WHERE c.token_hash = p_actor AND c.kind IN ('login', 'api_key') AND c.revoked_at IS NULL
			AND c.expires_at > v_now AND u.active
			AND (c.kind = 'api_key' OR greatest(x.last_used_at, c.created_at) > v_now - i.login_idle);
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('unauthorized');
			RETURN;
		END IF;
		identity := CASE WHEN v_key IS NULL THEN 'user:' || v_org_name || '/' || name ELSE 'key:' || v_org_name || '/' || name || '/' || v_key END;
	END IF;

	IF reach IS NULL OR reach = 'no' THEN
		refusal := streamspace_rules.refusal('forbidden', jsonb_build_object('function', p_function, 'role', role));
		RETURN;
	ELSIF v_key IS NOT NULL AND v_scope <> ALL (v_scopes) THEN
		refusal := streamspace_rules.refusal('scope_required', jsonb_build_object('function', p_function, 'scope', v_scope));
		RETURN;
	END IF;

	org_id := user_org_id;
	IF p_session IS NOT NULL AND reach = 'all' THEN
		SELECT s.org_id INTO org_id FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	ELSIF p_org IS NOT NULL OR org_id IS NULL THEN
		IF p_org IS NOT NULL AND p_org = v_org_name THEN
			NULL;
		ELSIF reach <> 'all' AND p_actor IS NOT NULL THEN
			refusal := streamspace_rules.refusal('forbidden', jsonb_build_object('org', left(p_org, 100)));
		ELSE
			SELECT o.org_id INTO org_id FROM streamspace_data.org AS o WHERE o.name = coalesce(p_org, 'default');
			IF NOT FOUND THEN
				refusal := streamspace_rules.refusal('org_not_found', jsonb_build_object('org', left(coalesce(p_org, 'default'), 100)));
			END IF;
		END IF;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_actor IS
	'Actor, reach and organisation of a call of p_function. p_actor: SHA-256 of the token of a log-in or of an API key, NULL for a DBA (platform administrator, organisation default unless named). reach (own, org, all) is what permission gives his role; an API key must carry the scope that stands there. identity (user:ORG/NAME, key:ORG/NAME/ID, dba:LOGIN) is for the audit. With p_session an actor of reach all enters the organisation of that session. refusal: actor_required, unauthorized, forbidden, scope_required, org_not_found; the other columns count only without one';
