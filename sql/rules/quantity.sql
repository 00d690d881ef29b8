CREATE FUNCTION streamspace_rules.quantity(p_quantity text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_parts text[] := regexp_match(p_quantity, '^([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$');
BEGIN
	RETURN v_parts[1]::numeric * CASE coalesce(v_parts[2], '')
		WHEN '' THEN 1 WHEN 'm' THEN 0.001
		WHEN 'k' THEN 1000 WHEN 'M' THEN 1000000 WHEN 'G' THEN 1000000000 WHEN 'T' THEN 1000000000000
		WHEN 'Ki' THEN 1024 WHEN 'Mi' THEN 1048576 WHEN 'Gi' THEN 1073741824 WHEN 'Ti' THEN 1099511627776 END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.quantity IS
	'Number that a quantity as Kubernetes writes it stands for: 500m is 0.5, 2Gi is 2147483648; NULL for NULL and for what is none';
