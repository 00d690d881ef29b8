CREATE FUNCTION streamspace_rules.refusal(p_code text, p_detail jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN jsonb_build_object('code', p_code, 'detail', p_detail);
END
$$;
COMMENT ON FUNCTION streamspace_rules.refusal IS 'A refusal as a value: code of error_code, and a detail that may hold what came from the user';
