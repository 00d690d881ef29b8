CREATE FUNCTION streamspace_rules.write_audit(p_org_id integer, p_actor text, p_function text, p_arguments jsonb,
	p_request_id text DEFAULT NULL, p_object_id text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- The number first: whoever then reads an older generation began before the newer one.
	PERFORM pg_current_xact_id();
	INSERT INTO streamspace_data.audit_log (generation, org_id, actor, function, arguments, request_id, object_id, result)
	VALUES (streamspace_rules.generation(), p_org_id, p_actor, p_function, p_arguments, p_request_id, p_object_id, 'ok');
END
$$;
COMMENT ON FUNCTION streamspace_rules.write_audit IS 'The only writer of the audit log. org NULL: what belongs to no organisation. p_arguments holds no secret';
