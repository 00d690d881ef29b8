CREATE FUNCTION streamspace_rules.check_sealed_rows(p_chain integer, p_first bigint, p_last bigint)
RETURNS TABLE (kind text, seal_number bigint, audit_id bigint, at timestamptz, month date, actor text, function text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_generation integer;
	v_from xid8;
	v_to xid8;
BEGIN
	SELECT s.generation, s.from_xid INTO STRICT v_generation, v_from FROM streamspace_data.audit_seal AS s WHERE s.chain = p_chain AND s.seal_number = p_first;
	SELECT s.to_xid INTO STRICT v_to FROM streamspace_data.audit_seal AS s WHERE s.chain = p_chain AND s.seal_number = p_last;
	RETURN QUERY
		WITH sealed AS (
			SELECT s.seal_number, s.month, i.audit_id, substring(s.leaves FROM (i.n::integer - 1) * 32 + 1 FOR 32) AS leaf
			FROM streamspace_data.audit_seal AS s, unnest(s.audit_ids) WITH ORDINALITY AS i (audit_id, n)
			WHERE s.chain = p_chain AND s.seal_number BETWEEN p_first AND p_last
		), found AS (
			SELECT l.audit_id, l.at, l.actor, l.function, streamspace_rules.audit_leaf(l) AS leaf
			FROM streamspace_data.audit_log AS l
			WHERE l.generation = v_generation AND l.xid >= v_from AND l.xid < v_to AND coalesce(l.org_id, 0) = p_chain
		)
		SELECT CASE WHEN f.leaf IS NULL THEN 'row_removed' WHEN s.leaf IS NULL THEN 'row_planted' ELSE 'row_altered' END,
			s.seal_number, coalesce(s.audit_id, f.audit_id), f.at, s.month, f.actor, f.function::text
		FROM sealed AS s FULL JOIN found AS f ON f.audit_id = s.audit_id
		WHERE s.leaf IS DISTINCT FROM f.leaf ORDER BY s.seal_number, 3;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_sealed_rows IS
	'Compares the rows of the audit log with the seals p_first to p_last of a chain, which are of one generation and without a gap: what was altered, removed or planted';
