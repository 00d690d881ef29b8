CREATE FUNCTION streamspace_rules.invalid(p_pointer text, p_reason text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN streamspace_rules.refusal('invalid_argument', jsonb_build_object('pointer', p_pointer, 'reason', p_reason));
END
$$;
COMMENT ON FUNCTION streamspace_rules.invalid IS 'The refusal invalid_argument for the argument at a JSON pointer';
