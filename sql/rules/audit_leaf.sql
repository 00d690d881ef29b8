-- Everything a row says, in a form that depends on no setting.
CREATE FUNCTION streamspace_rules.audit_leaf(p_row streamspace_data.audit_log) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN sha256(convert_to(jsonb_build_array(p_row.audit_id, (extract(epoch FROM p_row.at) * 1000000)::bigint, p_row.generation,
		p_row.xid::text, p_row.org_id, p_row.actor, p_row.login_role, p_row.function, p_row.arguments, p_row.request_id,
		p_row.object_id, p_row.result)::text, 'UTF8'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.audit_leaf IS 'SHA-256 of a row of the audit log';
