-- No writer waits for a chain: rows are written with their transaction number, and sealed here once every transaction
-- below a horizon has ended. The horizon is taken in an earlier statement than the one that reads the rows, so that a
-- row below it is visible to the reader or was never committed.
CREATE FUNCTION streamspace.seal_audit(p_limit integer DEFAULT 10000) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_limit integer := least(greatest(coalesce(p_limit, 10000), 1), 100000);
	v_horizon xid8;
	v_generation integer;
	v_span record;
	v_due record;
	v_to xid8;
	v_end xid8;
	v_part record;
	v_last record;
	v_seal streamspace_data.audit_seal;
	v_heads jsonb := '[]'::jsonb;
	v_rows integer := 0;
	v_seals integer := 0;
BEGIN
	IF NOT pg_try_advisory_xact_lock(7402, 4) THEN
		RETURN jsonb_build_object('skipped', true);
	END IF;
	v_horizon := pg_snapshot_xmin(pg_current_snapshot());

	v_generation := streamspace_rules.raise_generation();
	UPDATE streamspace_data.installation AS i SET server_started_at = pg_postmaster_start_time()
	WHERE i.server_started_at IS DISTINCT FROM pg_postmaster_start_time();
	INSERT INTO streamspace_data.audit_horizon (generation, since)
	SELECT v_generation, pg_snapshot_xmax(pg_current_snapshot())
	WHERE NOT EXISTS (SELECT FROM streamspace_data.audit_horizon AS h WHERE h.generation >= v_generation);

	FOR v_span IN
		SELECT h.generation, h.sealed_to, n.since AS next_since FROM streamspace_data.audit_horizon AS h
		LEFT JOIN LATERAL (SELECT x.since FROM streamspace_data.audit_horizon AS x WHERE x.generation > h.generation
			ORDER BY x.generation LIMIT 1) AS n ON true
		WHERE NOT h.closed ORDER BY h.generation
	LOOP
		IF v_span.next_since IS NULL THEN
			v_to := v_horizon;
		ELSE
			-- An earlier generation ends when none of its writers can run any more; its numbers may be beyond ours.
			EXIT WHEN v_horizon < v_span.next_since;
			v_to := '18446744073709551615';
		END IF;
		SELECT count(*) AS n, (array_agg(x.xid ORDER BY x.xid))[1] AS first, (array_agg(x.xid ORDER BY x.xid DESC))[1] AS last
		INTO v_due
		FROM (SELECT l.xid FROM streamspace_data.audit_log AS l
			WHERE l.generation = v_span.generation AND l.xid >= v_span.sealed_to AND l.xid < v_to
			ORDER BY l.xid LIMIT v_limit + 1) AS x;
		IF v_due.n = 0 THEN
			UPDATE streamspace_data.audit_horizon AS h SET closed = true
			WHERE h.generation = v_span.generation AND v_span.next_since IS NOT NULL;
			CONTINUE;
		END IF;
		-- Whole transactions only; the rest waits for the next call.
		v_end := CASE
			WHEN v_due.n > v_limit AND v_due.first <> v_due.last THEN v_due.last
			WHEN v_due.n > v_limit OR v_span.next_since IS NOT NULL THEN (v_due.last::text::numeric + 1)::text::xid8
			ELSE v_to END;

		FOR v_part IN
			SELECT coalesce(l.org_id, 0) AS chain, date_trunc('month', l.at AT TIME ZONE 'UTC')::date AS month,
				array_agg(l.audit_id ORDER BY l.audit_id, l.at) AS ids,
				string_agg(streamspace_rules.audit_leaf(l), ''::bytea ORDER BY l.audit_id, l.at) AS leaves
			FROM streamspace_data.audit_log AS l
			WHERE l.generation = v_span.generation AND l.xid >= v_span.sealed_to AND l.xid < v_end
			GROUP BY 1, 2 ORDER BY 1, 2
		LOOP
			IF v_seal.chain IS DISTINCT FROM v_part.chain OR v_seal.generation IS DISTINCT FROM v_span.generation THEN
				SELECT x.seal_number, x.hash, CASE WHEN x.generation = v_span.generation THEN x.to_xid ELSE '0'::xid8 END AS to_xid INTO v_last
				FROM (SELECT s.seal_number, s.hash, s.generation, s.to_xid FROM streamspace_data.audit_seal AS s WHERE s.chain = v_part.chain
						AND s.seal_number = (SELECT max(y.seal_number) FROM streamspace_data.audit_seal AS y WHERE y.chain = v_part.chain)
					UNION ALL
					SELECT m.seal_number, m.hash, m.generation, m.to_xid FROM streamspace_data.audit_mark AS m WHERE m.chain = v_part.chain
					UNION ALL
					SELECT 0, streamspace_rules.first_hash(v_part.chain), v_span.generation, '0') AS x
				ORDER BY x.seal_number DESC LIMIT 1;
				v_seal.from_xid := v_last.to_xid;
				v_seal.seal_number := v_last.seal_number;
				v_seal.hash := v_last.hash;
			END IF;
			v_seal.chain := v_part.chain;
			v_seal.seal_number := v_seal.seal_number + 1;
			v_seal.sealed_at := clock_timestamp();
			v_seal.generation := v_span.generation;
			v_seal.to_xid := v_end;
			v_seal.month := v_part.month;
			v_seal.audit_ids := v_part.ids;
			v_seal.leaves := v_part.leaves;
			v_seal.previous_hash := v_seal.hash;
			v_seal.hash := streamspace_rules.seal_hash(v_seal);
			INSERT INTO streamspace_data.audit_seal SELECT v_seal.*;
			v_heads := v_heads || jsonb_build_array(jsonb_build_object('org', coalesce((SELECT o.name FROM streamspace_data.org AS o WHERE o.org_id = v_part.chain), ''),
				'head', streamspace_rules.head_text(v_seal.seal_number, v_seal.hash)));
			v_rows := v_rows + cardinality(v_part.ids);
			v_seals := v_seals + 1;
		END LOOP;
		UPDATE streamspace_data.audit_horizon AS h SET sealed_to = v_end WHERE h.generation = v_span.generation;
	END LOOP;
	RETURN jsonb_build_object('rows', v_rows, 'seals', v_seals, 'heads', v_heads);
END
$$;
REVOKE ALL ON FUNCTION streamspace.seal_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.seal_audit TO streamspace_api;
COMMENT ON FUNCTION streamspace.seal_audit IS
	'Seals the audit rows of all transactions that have ended, a seal for each organisation and month: {rows, seals, heads: [{org, head}]}, or {skipped} while another call runs. head is NUMBER:HASH of the new seal, to be kept outside of the database; org '''' is the chain of what belongs to no organisation. p_limit: about so many rows a call, 1 to 100000, whole transactions. For streamspaced only';
