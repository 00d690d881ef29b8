CREATE FUNCTION streamspace_rules.raise_refusal(p_refusal jsonb) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_error record;
BEGIN
	IF p_refusal IS NULL THEN
		RETURN;
	END IF;
	SELECT e.sqlstate, e.title, e.hint INTO v_error
	FROM streamspace_data.error_code AS e WHERE e.code = p_refusal ->> 'code';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'refusal without an error code' USING DETAIL = p_refusal::text;
	END IF;
	RAISE EXCEPTION USING ERRCODE = v_error.sqlstate, MESSAGE = v_error.title,
		DETAIL = coalesce(p_refusal -> 'detail', '{}')::text, HINT = v_error.hint;
END
$$;
COMMENT ON FUNCTION streamspace_rules.raise_refusal IS
	'Raises a refusal: SQLSTATE, title and hint from error_code, DETAIL one line of JSON; does nothing for NULL';
