CREATE FUNCTION streamspace_rules.look_up_request(p_identity text, p_function text, p_request_id text, p_arguments jsonb,
	OUT answer jsonb, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_request record;
BEGIN
	IF p_request_id IS NULL THEN
		RETURN;
	END IF;
	IF length(p_request_id) NOT BETWEEN 1 AND 200 THEN
		refusal := streamspace_rules.invalid('/request_id', '1 to 200 characters are allowed');
		RETURN;
	END IF;
	IF NOT pg_try_advisory_xact_lock(hashtextextended(p_identity || ' ' || p_function || ' ' || p_request_id, 7401)) THEN
		refusal := streamspace_rules.refusal('request_in_flight', jsonb_build_object('request_id', p_request_id));
		RETURN;
	END IF;
	SELECT r.request_hash, r.answer, r.secret_of INTO v_request
	FROM streamspace_data.request AS r
	WHERE r.actor = p_identity AND r.function = p_function AND r.request_id = p_request_id;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	IF v_request.request_hash <> sha256(convert_to(p_arguments::text, 'UTF8')) THEN
		refusal := streamspace_rules.refusal('request_mismatch', jsonb_build_object('request_id', p_request_id));
	ELSIF v_request.secret_of IS NOT NULL THEN
		refusal := streamspace_rules.refusal('secret_already_shown', jsonb_build_object('id', v_request.secret_of));
	ELSE
		answer := v_request.answer;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.look_up_request IS
	'Stored answer of an idempotency key; neither answer nor refusal when the call is new; holds the key until commit. Refusals request_in_flight, request_mismatch, secret_already_shown, invalid_argument';
