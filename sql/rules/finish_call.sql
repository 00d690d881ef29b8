CREATE FUNCTION streamspace_rules.finish_call(p_identity text, p_org_id integer, p_function text, p_arguments jsonb,
	p_request_id text, p_object_id text, p_answer jsonb, p_secret text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM streamspace_rules.write_audit(p_org_id, p_identity, p_function, p_arguments, p_request_id, p_object_id);
	IF p_request_id IS NOT NULL THEN
		INSERT INTO streamspace_data.request (actor, function, request_id, request_hash, answer, secret_of, created_at)
		VALUES (p_identity, p_function, p_request_id, sha256(convert_to(p_arguments::text, 'UTF8')),
			CASE WHEN p_answer ->> p_secret IS NULL THEN p_answer ELSE p_answer - p_secret END,
			CASE WHEN p_answer ->> p_secret IS NOT NULL THEN p_object_id END,
			streamspace_rules.now());
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.finish_call IS
	'Ends a mutation: audit row, and the answer under its idempotency key. p_arguments holds no secret; p_secret names the key of the answer that is one and is not stored';
