-- The one look-up that turns a credential into an actor. Role and activity are those of now, so that a
-- revocation counts at once.
CREATE FUNCTION streamspace_rules.enter(p_actor bytea, p_org text DEFAULT NULL, p_session text DEFAULT NULL,
	OUT user_id integer, OUT user_org_id integer, OUT role text, OUT name text, OUT identity text,
	OUT org_id integer)
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

	org_id := user_org_id;
	IF p_session IS NOT NULL AND role = 'platform_admin' THEN
		SELECT s.org_id INTO org_id FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	ELSIF p_org IS NOT NULL OR org_id IS NULL THEN
		IF role <> 'platform_admin' THEN
			IF p_org IS DISTINCT FROM v_org_name THEN
				PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden',
					jsonb_build_object('org', left(p_org, 100))));
			END IF;
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
	'Actor and organisation of a call. p_actor: SHA-256 of a log-in token, NULL for a DBA (platform administrator, organisation default unless named). Raises actor_required, unauthorized, forbidden, org_not_found. With p_session a platform administrator enters the organisation of that session';
