CREATE FUNCTION streamspace_rules.session_request(p_item jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN jsonb_build_object('template', left(p_item ->> 'template', 200), 'owner', left(p_item ->> 'owner', 200), 'org', left(p_item ->> 'org', 200))
		|| CASE WHEN p_item - ARRAY['template', 'owner', 'org', 'actor', 'request_id'] = '{}' THEN '{}'
			ELSE jsonb_build_object('rest_sha256', encode(sha256(convert_to(
				jsonb_strip_nulls(p_item - ARRAY['template', 'owner', 'org', 'actor', 'request_id'])::text, 'UTF8')), 'hex')) END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_request IS
	'What is kept of a request for a session, in the audit log and for its idempotency key: of what may hold a secret of the template only a hash';
