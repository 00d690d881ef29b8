-- Asked when a viewer is opened and twice a second while he looks, for all viewers of a server in one statement. What
-- find_actor() and check_session_access() say of one call this says of a viewer who came with a ticket.
CREATE FUNCTION streamspace_rules.judge_viewers(p_connections streamspace_data.connection[])
RETURNS TABLE (connection_id text, verdict text, token_hash bytea, last_used_at timestamptz)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_may streamspace_data.permission;
	v_idle interval;
BEGIN
	SELECT p.* INTO STRICT v_may FROM streamspace_data.permission AS p WHERE p.function = 'create_viewer_ticket';
	SELECT i.login_idle INTO STRICT v_idle FROM streamspace_data.installation AS i;
	RETURN QUERY
	SELECT c.connection_id, CASE
			WHEN c.closed_at IS NOT NULL THEN 'closed'
			WHEN u.user_id IS NULL OR (k.kind = 'login' AND greatest(x.last_used_at, k.created_at) <= v_now - v_idle) THEN 'logged_out'
			WHEN k.kind = 'api_key' AND v_may.scope <> ALL (k.scopes) THEN 'access_revoked'
			WHEN CASE CASE u.role WHEN 'platform_admin' THEN v_may.platform_admin WHEN 'org_admin' THEN v_may.org_admin
					WHEN 'operator' THEN v_may.operator WHEN 'user' THEN v_may."user" WHEN 'auditor' THEN v_may.auditor END
				WHEN 'all' THEN true
				WHEN 'org' THEN u.org_id = s.org_id
				WHEN 'own' THEN u.user_id = s.user_id OR (u.org_id = s.org_id AND EXISTS (
					SELECT FROM streamspace_data.session_share AS h
					WHERE h.org_id = s.org_id AND h.session_id = s.session_id AND (c.mode = 'view' OR h.mode = 'control')
						AND (h.expires_at IS NULL OR h.expires_at > v_now)
						AND (h.user_id = u.user_id OR h.group_id IN (SELECT m.group_id FROM streamspace_data.group_member AS m
							WHERE m.org_id = h.org_id AND m.user_id = u.user_id))))
				ELSE false END IS NOT TRUE THEN 'access_revoked'
			WHEN s.state IN ('hibernating', 'hibernated', 'waking') THEN 'session_hibernated'
			WHEN s.state IN ('terminating', 'terminated') THEN 'session_terminated'
			WHEN s.state = 'failed' THEN 'session_failed'
			WHEN s.state <> 'running' OR s.state_at <> c.run_at OR s.agent_id IS DISTINCT FROM c.agent_id THEN 'session_restarted'
		END, k.token_hash, x.last_used_at
	FROM unnest(p_connections) AS c
	JOIN streamspace_data.session AS s ON s.session_id = c.session_id
	LEFT JOIN streamspace_data.credential AS k ON k.credential_id = c.credential_id AND k.user_id = c.user_id
		AND k.kind IN ('login', 'api_key') AND k.revoked_at IS NULL AND k.expires_at > v_now
	LEFT JOIN streamspace_data.app_user AS u ON u.user_id = k.user_id AND u.active
	LEFT JOIN streamspace_data.credential_use AS x ON x.org_id = k.org_id AND x.token_hash = k.token_hash;
END
$$;
COMMENT ON FUNCTION streamspace_rules.judge_viewers IS
	'Whether viewers may look and act as they do, by what is true now: verdict NULL, else closed, logged_out (log-in or API key ended, idle or revoked, user deactivated), access_revoked (role, share, group or scope gone), session_hibernated, session_terminated, session_failed or session_restarted; with the credential and when it was last used';
