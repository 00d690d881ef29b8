CREATE FUNCTION streamspace_rules.first_hash(p_chain integer) RETURNS bytea
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_id uuid;
BEGIN
	SELECT i.installation_id INTO STRICT v_id FROM streamspace_data.installation AS i;
	RETURN sha256(convert_to(format('streamspace audit %s %s', v_id, p_chain), 'UTF8'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.first_hash IS 'What the first seal of a chain names as its previous hash, so that a chain belongs to one installation and organisation';
