-- Counted before the password is looked at and taken back when it was right: guesses that run at the same time cannot
-- all see the count of before.
CREATE FUNCTION streamspace_rules.count_attempt(p_key bytea, p_highest integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_window interval;
	v_ends timestamptz;
BEGIN
	SELECT i.login_window INTO STRICT v_window FROM streamspace_data.installation AS i;
	INSERT INTO streamspace_data.login_attempt AS a (key, attempts, ends_at) VALUES (p_key, 1, v_now + v_window)
	ON CONFLICT ON CONSTRAINT login_attempt_pkey DO UPDATE SET
		attempts = CASE WHEN a.ends_at <= v_now THEN 1 ELSE a.attempts + 1 END,
		ends_at = CASE WHEN a.ends_at <= v_now THEN excluded.ends_at ELSE a.ends_at END
	WHERE a.ends_at <= v_now OR a.attempts < p_highest;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	SELECT a.ends_at INTO STRICT v_ends FROM streamspace_data.login_attempt AS a WHERE a.key = p_key;
	RETURN streamspace_rules.refusal('too_many_attempts',
		jsonb_build_object('retry_after_seconds', greatest(ceil(extract(epoch FROM v_ends - v_now)), 1)::integer));
END
$$;
COMMENT ON FUNCTION streamspace_rules.count_attempt IS
	'Counts an attempt; refusal too_many_attempts with retry_after_seconds when p_highest of this window were counted, else NULL';
