CREATE FUNCTION streamspace_rules.check_unsealed_rows(p_chain integer)
RETURNS TABLE (kind text, audit_id bigint, at timestamptz, actor text, function text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_span record;
	v_sealed_to xid8;
	v_next xid8 := pg_snapshot_xmax(pg_current_snapshot());
BEGIN
	FOR v_span IN
		SELECT h.generation, h.sealed_to, h.closed FROM streamspace_data.audit_horizon AS h ORDER BY h.generation
	LOOP
		SELECT s.to_xid INTO v_sealed_to FROM streamspace_data.audit_seal AS s
		WHERE s.chain = p_chain AND s.generation = v_span.generation ORDER BY s.seal_number DESC LIMIT 1;
		IF v_sealed_to IS NULL THEN
			SELECT m.to_xid INTO v_sealed_to FROM streamspace_data.audit_mark AS m
			WHERE m.chain = p_chain AND m.generation = v_span.generation ORDER BY m.month DESC LIMIT 1;
		END IF;
		RETURN QUERY
			SELECT CASE
					-- the sealer has been past it, or never comes there
					WHEN v_span.closed OR l.xid < v_span.sealed_to THEN 'row_planted'
					WHEN l.xid >= v_next AND v_span.generation = (SELECT max(h.generation) FROM streamspace_data.audit_horizon AS h) THEN 'row_planted'
					ELSE 'row_unsealed' END,
				l.audit_id, l.at, l.actor, l.function::text
			FROM streamspace_data.audit_log AS l
			WHERE l.generation = v_span.generation AND l.xid >= coalesce(v_sealed_to, '0'::xid8) AND coalesce(l.org_id, 0) = p_chain;
		v_sealed_to := NULL;
	END LOOP;
	-- of a generation that never was
	RETURN QUERY
		SELECT CASE WHEN h.last IS NULL THEN 'row_unsealed' ELSE 'row_planted' END, l.audit_id, l.at, l.actor, l.function::text
		FROM (SELECT max(x.generation) AS last, min(x.generation) AS first FROM streamspace_data.audit_horizon AS x) AS h
		JOIN streamspace_data.audit_log AS l ON coalesce(l.org_id, 0) = p_chain AND (h.last IS NULL OR l.generation > h.last OR l.generation < h.first);
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_unsealed_rows IS
	'Rows of a chain that are in no seal: row_unsealed, they wait for the sealer; row_planted, the sealer has been past their transaction or never comes there';
