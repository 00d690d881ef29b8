CREATE FUNCTION streamspace_rules.check_mark(p_chain integer, p_month date) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_mark streamspace_data.audit_mark;
BEGIN
	SELECT m.* INTO STRICT v_mark FROM streamspace_data.audit_mark AS m WHERE m.chain = p_chain AND m.month = p_month;
	IF (v_mark.month + interval '1 month' + interval '31 days') AT TIME ZONE 'UTC' > v_mark.marked_at THEN
		RETURN 'the month was taken before any retention allows it';
	END IF;
	-- The row that tells of the drop may itself be gone by rule.
	IF NOT EXISTS (SELECT FROM streamspace_data.audit_log AS l
			WHERE coalesce(l.org_id, 0) = 0 AND l.object_id = 'audit_log_' || to_char(p_month, 'YYYYMM') AND l.function = 'drop_partition'
				AND l.arguments ->> 'digest' = streamspace_rules.marks_digest(p_month))
		AND NOT EXISTS (SELECT FROM streamspace_data.audit_mark AS m
			WHERE m.month >= date_trunc('month', v_mark.marked_at AT TIME ZONE 'UTC')::date)
	THEN
		RETURN 'no audit row tells of this drop with these marks';
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_mark IS 'What is wrong with the mark that retention left in a chain, or NULL';
