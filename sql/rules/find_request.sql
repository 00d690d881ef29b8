CREATE FUNCTION streamspace_rules.find_request(p_identity text, p_function text, p_request_id text, p_arguments jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_request record;
BEGIN
	IF p_request_id IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT r.answer, r.refusal INTO v_request
	FROM streamspace_rules.look_up_request(p_identity, p_function, p_request_id, p_arguments) AS r;
	PERFORM streamspace_rules.raise_refusal(v_request.refusal);
	RETURN v_request.answer;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_request IS
	'Stored answer of an idempotency key, or NULL when the call is new; holds the key until commit. Raises request_in_flight, request_mismatch, secret_already_shown, invalid_argument';
