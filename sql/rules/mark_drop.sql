CREATE FUNCTION streamspace_rules.mark_drop(p_table text, p_partition text, p_month date, p_retention interval) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_from timestamptz := p_month::timestamp AT TIME ZONE 'UTC';
	v_to timestamptz := (p_month + interval '1 month') AT TIME ZONE 'UTC';
	v_chain record;
	v_keep bigint;
	v_mark streamspace_data.audit_mark;
	v_seals bigint := 0;
	v_n bigint;
	v_arguments jsonb := jsonb_build_object('table', p_table, 'month', to_char(p_month, 'YYYY-MM'), 'retention_days', extract(epoch FROM p_retention)::bigint / 86400);
BEGIN
	IF p_table = 'audit_log' THEN
		IF EXISTS (SELECT FROM streamspace_data.audit_horizon AS h JOIN streamspace_data.audit_log AS l ON l.generation = h.generation
			AND l.xid >= h.sealed_to WHERE NOT h.closed AND l.at >= v_from AND l.at < v_to)
		THEN
			RETURN false;
		END IF;
		FOR v_chain IN SELECT DISTINCT s.chain FROM streamspace_data.audit_seal AS s WHERE s.month <= p_month ORDER BY s.chain LOOP
			-- The first seal that stays: of a later month, or the last one; and those of its range.
			SELECT coalesce(min(s.seal_number) FILTER (WHERE s.month > p_month), max(s.seal_number)) INTO v_keep
			FROM streamspace_data.audit_seal AS s WHERE s.chain = v_chain.chain;
			SELECT min(s.seal_number) INTO v_keep FROM streamspace_data.audit_seal AS s
			JOIN streamspace_data.audit_seal AS k ON k.chain = s.chain AND k.seal_number = v_keep
				AND (k.generation, k.from_xid, k.to_xid) = (s.generation, s.from_xid, s.to_xid)
			WHERE s.chain = v_chain.chain;
			SELECT s.chain, p_month, s.seal_number, s.hash, s.generation, s.to_xid, v_now INTO v_mark
			FROM streamspace_data.audit_seal AS s WHERE s.chain = v_chain.chain AND s.seal_number = v_keep - 1;
			IF NOT FOUND THEN
				SELECT m.chain, p_month, m.seal_number, m.hash, m.generation, m.to_xid, v_now INTO v_mark
				FROM streamspace_data.audit_mark AS m WHERE m.chain = v_chain.chain ORDER BY m.month DESC LIMIT 1;
			END IF;
			IF NOT FOUND THEN
				SELECT v_chain.chain, p_month, 0, streamspace_rules.first_hash(v_chain.chain), 0, '0'::xid8, v_now INTO v_mark;
			END IF;
			INSERT INTO streamspace_data.audit_mark SELECT v_mark.*;
			DELETE FROM streamspace_data.audit_seal AS s WHERE s.chain = v_chain.chain AND s.seal_number < v_keep;
			GET DIAGNOSTICS v_n = ROW_COUNT;
			v_seals := v_seals + v_n;
		END LOOP;
		v_arguments := v_arguments || jsonb_build_object('seals', v_seals, 'digest', streamspace_rules.marks_digest(p_month));
	END IF;
	PERFORM streamspace_rules.write_audit(NULL, 'system', 'drop_partition', v_arguments, NULL, p_partition);
	RETURN true;
END
$$;
COMMENT ON FUNCTION streamspace_rules.mark_drop IS
	'Before a partition of history is dropped by rule: the audit row that says so, and for the audit log a mark in each chain, from which verification begins afterwards; its seals of the dropped months go. false: rows of the month are not sealed yet, it must stay';
