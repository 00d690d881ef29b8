CREATE FUNCTION streamspace_rules.head_text(p_number bigint, p_hash bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN p_number || ':' || encode(p_hash, 'hex');
END
$$;
COMMENT ON FUNCTION streamspace_rules.head_text IS 'A head of a chain as it is logged and given to verify_audit(): NUMBER:HASH';
