CREATE FUNCTION streamspace_rules.seal_hash(p_seal streamspace_data.audit_seal) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN sha256(p_seal.previous_hash || convert_to(format('%s %s %s %s %s %s %s %s ', p_seal.chain, p_seal.seal_number,
		(extract(epoch FROM p_seal.sealed_at) * 1000000)::bigint, p_seal.generation, p_seal.from_xid, p_seal.to_xid,
		to_char(p_seal.month, 'YYYY-MM-DD'), array_to_string(p_seal.audit_ids, ',')), 'UTF8') || p_seal.leaves);
END
$$;
COMMENT ON FUNCTION streamspace_rules.seal_hash IS 'SHA-256 that a seal must carry: over the hash before it, its number, ranges, rows and leaves';
