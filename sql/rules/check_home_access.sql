CREATE FUNCTION streamspace_rules.check_home_access(p_reach text, p_user_id integer, p_home text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_owner integer;
BEGIN
	IF p_home IS NULL THEN
		RETURN streamspace_rules.invalid('/home', 'is required');
	END IF;
	SELECT h.user_id INTO v_owner FROM streamspace_data.home AS h WHERE h.home_id = p_home;
	IF NOT FOUND OR (p_reach = 'own' AND v_owner IS DISTINCT FROM p_user_id) THEN
		RETURN streamspace_rules.refusal('home_not_found', jsonb_build_object('home', left(p_home, 100)));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_home_access IS
	'Refusal for a home that the actor may not use: with reach own, his own, else those of the organisation. A foreign home looks like none';
