CREATE FUNCTION streamspace_rules.check_connection_access(p_reach text, p_user_id integer, p_connection text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_owner integer;
BEGIN
	IF p_connection IS NULL THEN
		RETURN streamspace_rules.invalid('/connection', 'is required');
	END IF;
	SELECT c.owner_id INTO v_owner FROM streamspace_data.connection AS c WHERE c.connection_id = p_connection;
	IF NOT FOUND OR (p_reach = 'own' AND v_owner IS DISTINCT FROM p_user_id) THEN
		RETURN streamspace_rules.refusal('connection_not_found', jsonb_build_object('connection', left(p_connection, 100)));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_connection_access IS
	'Refusal for a viewer that the actor may not put out: with reach own, one of a session of his, else one of the organisation. A foreign one looks like none';
