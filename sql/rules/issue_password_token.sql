CREATE FUNCTION streamspace_rules.issue_password_token(p_org_id integer, p_user_id integer) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_token text := streamspace_rules.new_token();
	v_now timestamptz := streamspace_rules.now();
BEGIN
	UPDATE streamspace_data.credential AS c SET revoked_at = v_now
	WHERE c.org_id = p_org_id AND c.user_id = p_user_id AND c.kind = 'set_password' AND c.revoked_at IS NULL;
	INSERT INTO streamspace_data.credential (token_hash, kind, org_id, user_id, created_at, expires_at)
	VALUES (streamspace_rules.hash_token(v_token), 'set_password', p_org_id, p_user_id, v_now, v_now + interval '3 days');
	RETURN v_token;
END
$$;
COMMENT ON FUNCTION streamspace_rules.issue_password_token IS 'A fresh one-time set-password token of a user, good for 3 days; earlier ones end';
