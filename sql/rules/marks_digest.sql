CREATE FUNCTION streamspace_rules.marks_digest(p_month date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT encode(sha256(convert_to(coalesce(string_agg(format('%s %s %s %s %s', m.chain, m.seal_number, encode(m.hash, 'hex'),
			m.generation, m.to_xid), ' ' ORDER BY m.chain), ''), 'UTF8')), 'hex')
		FROM streamspace_data.audit_mark AS m WHERE m.month = p_month);
END
$$;
COMMENT ON FUNCTION streamspace_rules.marks_digest IS 'SHA-256 over the marks that retention left in all chains when it dropped a month';
