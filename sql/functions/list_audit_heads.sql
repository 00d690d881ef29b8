CREATE FUNCTION streamspace.list_audit_heads(p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_before bigint;
	v_numbers bigint[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter_audit(p_actor, 'list_audit_heads', p_org) AS e;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[1-9][0-9]{0,17}$');
	v_before := coalesce(v_key::bigint, 9223372036854775807);
	SELECT array_agg(x.seal_number ORDER BY x.seal_number DESC), jsonb_agg(jsonb_build_object('org', v_me.org, 'head', streamspace_rules.head_text(x.seal_number, x.hash),
			'rows', cardinality(x.audit_ids), 'month', to_char(x.month, 'YYYY-MM'), 'generation', x.generation, 'sealed_at', x.sealed_at)
			ORDER BY x.seal_number DESC) FILTER (WHERE x.position <= v_limit)
	INTO v_numbers, v_items
	FROM (SELECT s.*, row_number() OVER (ORDER BY s.seal_number DESC) AS position FROM (
		SELECT y.* FROM streamspace_data.audit_seal AS y
		WHERE y.chain = v_me.org_id AND y.seal_number < v_before ORDER BY y.seal_number DESC LIMIT v_limit + 1) AS s) AS x;
	RETURN jsonb_build_object('items', coalesce(v_items, '[]'), 'next_cursor',
		CASE WHEN cardinality(v_numbers) > v_limit THEN streamspace_rules.encode_cursor(v_numbers[v_limit]::text) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_audit_heads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_audit_heads TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_audit_heads IS
	'A page of the seals of an audit chain, newest first: {items: [{org, head, rows, month, generation, sealed_at}], next_cursor}. head is NUMBER:HASH as the server logged it; the first item is the present head. p_org '''': the chain of what belongs to no organisation, for platform administrators. p_limit 1 to 200, default 50. For administrators and auditors. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
