CREATE FUNCTION streamspace_rules.forgive_attempt(p_key bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE streamspace_data.login_attempt AS a SET attempts = a.attempts - 1
	WHERE a.key = p_key AND a.attempts > 0 AND a.ends_at > streamspace_rules.now();
END
$$;
COMMENT ON FUNCTION streamspace_rules.forgive_attempt IS
	'Takes back one attempt, which turned out to be right; failures of before stay counted, so that nobody can log in to go on guessing';
