CREATE FUNCTION streamspace_rules.error_json(p_refusal jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('sqlstate', e.sqlstate, 'code', e.code, 'title', e.title,
		'detail', coalesce(p_refusal -> 'detail', '{}'), 'hint', e.hint) INTO v_json
	FROM streamspace_data.error_code AS e WHERE e.code = p_refusal ->> 'code';
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.error_json IS 'A refusal as batches give it by row: {sqlstate, code, title, detail, hint}; NULL for NULL';
