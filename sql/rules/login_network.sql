CREATE FUNCTION streamspace_rules.login_network(p_address text) RETURNS inet
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_address inet;
BEGIN
	IF p_address IS NULL OR p_address !~ '^[0-9a-fA-F:.]{2,45}$' THEN
		RETURN NULL;
	END IF;
	v_address := p_address::inet;
	IF family(v_address) = 4 THEN
		RETURN v_address;
	ELSIF v_address << inet '::ffff:0.0.0.0/96' THEN
		RETURN inet '0.0.0.0' + (v_address - inet '::ffff:0.0.0.0');
	END IF;
	RETURN network(set_masklen(v_address, 64));
EXCEPTION WHEN invalid_text_representation THEN
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.login_network IS
	'What counts as one address when log-ins are counted: an IPv4 address, or the /64 of an IPv6 address (one customer has at least that); NULL for what is no address';
