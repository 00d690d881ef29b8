CREATE FUNCTION streamspace.verify_audit(p_org text DEFAULT NULL, p_expected_head text DEFAULT NULL, p_first_seal bigint DEFAULT NULL,
	p_last_seal bigint DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	c_shown constant integer := 100;
	v_me record;
	v_head record;
	v_mark streamspace_data.audit_mark;
	v_seal streamspace_data.audit_seal;
	v_row record;
	v_wrong text;
	v_number bigint := 0;      -- the seal before the next one: its number, hash and range
	v_hash bytea;
	v_generation integer := 0;
	v_from xid8;
	v_to xid8 := '0'::xid8;
	v_last bigint;
	v_same boolean;
	v_batch_rows bigint;
	v_firsts bigint[] := ARRAY[]::bigint[];
	v_lasts bigint[] := ARRAY[]::bigint[];
	v_first bigint;
	v_rows bigint := 0;
	v_seals bigint := 0;
	v_unsealed bigint := 0;
	v_matched bigint := 0;
	v_heads integer := 0;
	v_old integer := 0;
	v_month text;
	v_gone jsonb := '{}'::jsonb;
	v_findings jsonb := '[]'::jsonb;
	v_total bigint := 0;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter_audit(p_actor, 'verify_audit', p_org) AS e;
	IF p_expected_head IS NOT NULL AND (length(p_expected_head) > 100000
		OR p_expected_head !~ '^[1-9][0-9]{0,17}:[0-9a-f]{64}( +[1-9][0-9]{0,17}:[0-9a-f]{64})*$')
	THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/expected_head',
			'NUMBER:HASH as the server logged it, or several with spaces between'));
	END IF;
	IF p_first_seal < 1 OR p_last_seal < coalesce(p_first_seal, 1) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid(
			CASE WHEN p_first_seal < 1 THEN '/first_seal' ELSE '/last_seal' END, 'seals are counted from 1, the last is not before the first'));
	END IF;
	SELECT s.seal_number, s.hash INTO v_head FROM streamspace_data.audit_seal AS s
	WHERE s.chain = v_me.org_id ORDER BY s.seal_number DESC LIMIT 1;

	-- Begin at the first seal, behind what retention took, or behind the seal that the caller names.
	v_hash := streamspace_rules.first_hash(v_me.org_id);
	SELECT m.* INTO v_mark FROM streamspace_data.audit_mark AS m WHERE m.chain = v_me.org_id ORDER BY m.month DESC LIMIT 1;
	IF FOUND THEN
		v_number := v_mark.seal_number;
		v_hash := v_mark.hash;
		v_generation := v_mark.generation;
		v_to := v_mark.to_xid;
		v_wrong := streamspace_rules.check_mark(v_me.org_id, v_mark.month);
		IF v_wrong IS NOT NULL THEN
			v_total := v_total + 1;
			v_findings := v_findings || jsonb_build_object('kind', 'mark_invalid', 'seal', v_mark.seal_number,
				'month', to_char(v_mark.month, 'YYYY-MM'), 'detail', v_wrong);
		END IF;
	END IF;
	IF p_first_seal > v_number + 1 THEN
		-- seals of one range, of several months, are looked at together
		SELECT p.* INTO v_seal FROM streamspace_data.audit_seal AS p
		LEFT JOIN streamspace_data.audit_seal AS f ON f.chain = p.chain AND f.seal_number = p_first_seal
		WHERE p.chain = v_me.org_id AND p.seal_number < p_first_seal
			AND (p.generation, p.from_xid, p.to_xid) IS DISTINCT FROM (f.generation, f.from_xid, f.to_xid)
		ORDER BY p.seal_number DESC LIMIT 1;
		IF FOUND THEN
			v_number := v_seal.seal_number;
			v_hash := v_seal.hash;
			v_generation := v_seal.generation;
			v_from := v_seal.from_xid;
			v_to := v_seal.to_xid;
		END IF;
	END IF;
	v_first := v_number + 1;
	v_last := least(p_last_seal, v_head.seal_number);

	-- Each seal by itself and with the one before it. Rows are looked at afterwards, in batches of some 20,000: a batch ends
	-- before a gap and before another generation, and not inside a range.
	FOR v_seal IN
		SELECT s.* FROM streamspace_data.audit_seal AS s
		WHERE s.chain = v_me.org_id AND s.seal_number > v_number AND s.seal_number <= v_last ORDER BY s.seal_number
	LOOP
		v_same := v_seal.generation = v_generation AND v_seal.from_xid = v_from AND v_seal.to_xid = v_to;
		v_wrong := CASE
			WHEN v_seal.seal_number <> v_number + 1 THEN 'seal_missing'
			WHEN v_seal.hash <> streamspace_rules.seal_hash(v_seal) THEN 'seal_altered'
			WHEN v_seal.previous_hash <> v_hash THEN 'seal_out_of_order'
			WHEN v_same IS TRUE OR (v_seal.generation = v_generation AND v_seal.from_xid = v_to)
				OR (v_seal.generation > v_generation AND v_seal.from_xid = '0'::xid8) THEN NULL
			ELSE 'seal_out_of_range' END;
		IF v_wrong IS NOT NULL THEN
			v_total := v_total + 1;
			IF v_total <= c_shown THEN
				v_findings := v_findings || jsonb_build_object('kind', v_wrong, 'sealed_at', v_seal.sealed_at,
					'seal', CASE v_wrong WHEN 'seal_missing' THEN v_number + 1 ELSE v_seal.seal_number END);
			END IF;
		END IF;
		IF v_batch_rows IS NULL OR v_seal.seal_number <> v_number + 1 OR v_seal.generation <> v_generation
			OR (v_batch_rows >= 20000 AND v_same IS NOT TRUE)
		THEN
			v_firsts := v_firsts || v_seal.seal_number;
			v_lasts := v_lasts || v_seal.seal_number;
			v_batch_rows := 0;
		ELSE
			v_lasts[cardinality(v_lasts)] := v_seal.seal_number;
		END IF;
		v_batch_rows := v_batch_rows + cardinality(v_seal.audit_ids);
		v_rows := v_rows + cardinality(v_seal.audit_ids);
		v_seals := v_seals + 1;
		v_number := v_seal.seal_number;
		v_hash := v_seal.hash;
		v_generation := v_seal.generation;
		v_from := v_seal.from_xid;
		v_to := v_seal.to_xid;
	END LOOP;

	FOR i IN 1..cardinality(v_firsts) LOOP
		FOR v_row IN SELECT c.* FROM streamspace_rules.check_sealed_rows(v_me.org_id, v_firsts[i], v_lasts[i]) AS c LOOP
			IF v_row.kind = 'row_removed' AND v_row.month <= v_mark.month THEN
				v_rows := v_rows - 1; -- by rule, and the mark says so
				CONTINUE;
			END IF;
			IF v_row.kind = 'row_removed' AND to_regclass('streamspace_data.audit_log_' || to_char(v_row.month, 'YYYYMM')) IS NULL THEN
				v_month := to_char(v_row.month, 'YYYY-MM');
				v_gone := v_gone || jsonb_build_object(v_month, coalesce((v_gone ->> v_month)::bigint, 0) + 1);
				CONTINUE;
			END IF;
			v_total := v_total + 1;
			IF v_total <= c_shown THEN
				v_findings := v_findings || jsonb_strip_nulls(jsonb_build_object('kind', v_row.kind, 'seal', v_row.seal_number,
					'audit_id', v_row.audit_id, 'at', v_row.at, 'actor', v_row.actor, 'function', v_row.function));
			END IF;
		END LOOP;
	END LOOP;
	FOR v_row IN SELECT e.key, e.value FROM jsonb_each_text(v_gone) AS e ORDER BY e.key LOOP
		v_total := v_total + 1;
		v_findings := v_findings || jsonb_build_object('kind', 'partition_missing', 'month', v_row.key, 'rows', v_row.value::bigint);
	END LOOP;

	-- what is in no seal, seen from the end of the chain
	IF p_last_seal IS NULL OR p_last_seal >= v_head.seal_number THEN
		FOR v_row IN SELECT c.* FROM streamspace_rules.check_unsealed_rows(v_me.org_id) AS c LOOP
			IF v_row.kind = 'row_unsealed' THEN
				v_unsealed := v_unsealed + 1;
				CONTINUE;
			END IF;
			v_total := v_total + 1;
			IF v_total <= c_shown THEN
				v_findings := v_findings || jsonb_build_object('kind', v_row.kind, 'audit_id', v_row.audit_id, 'at', v_row.at,
					'actor', v_row.actor, 'function', v_row.function);
			END IF;
		END LOOP;
	END IF;

	-- heads that left the database when they were made
	FOR v_row IN
		SELECT split_part(h.head, ':', 1)::bigint AS seal, split_part(h.head, ':', 2) AS hash, encode(s.hash, 'hex') AS found
		FROM regexp_split_to_table(p_expected_head, ' +') AS h (head)
		LEFT JOIN streamspace_data.audit_seal AS s ON s.chain = v_me.org_id AND s.seal_number = split_part(h.head, ':', 1)::bigint
		ORDER BY 1
	LOOP
		IF v_row.hash = v_row.found OR (v_row.seal = v_mark.seal_number AND v_row.hash = encode(v_mark.hash, 'hex')) THEN
			v_matched := v_row.seal;
			v_heads := v_heads + 1;
		ELSIF v_row.seal < v_mark.seal_number THEN
			v_old := v_old + 1;
		ELSE
			v_total := v_total + 1;
			v_findings := v_findings || jsonb_build_object('kind', CASE WHEN v_row.found IS NULL THEN 'head_missing' ELSE 'head_differs' END,
				'seal', v_row.seal, 'expected', v_row.hash, 'found', v_row.found, 'good_to', v_matched);
			EXIT;
		END IF;
	END LOOP;

	RETURN jsonb_build_object('org', v_me.org, 'valid', v_total = 0, 'rows', v_rows, 'seals', v_seals, 'unsealed', v_unsealed,
		'first_seal', CASE WHEN v_seals > 0 THEN v_first END, 'last_seal', CASE WHEN v_seals > 0 THEN v_number END,
		'head', streamspace_rules.head_text(v_head.seal_number, v_head.hash), 'heads_matched', v_heads, 'heads_before_retention', v_old,
		'findings', v_findings, 'findings_total', v_total);
END
$$;
REVOKE ALL ON FUNCTION streamspace.verify_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.verify_audit TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.verify_audit IS
	'Verifies the audit log of an organisation against its seals: {org, valid, rows, seals, unsealed, first_seal, last_seal, head, heads_matched, heads_before_retention, findings, findings_total}. p_org '''': the chain of what belongs to no organisation, for platform administrators. p_expected_head: heads as the server logged them, NUMBER:HASH with spaces between; without one a chain that was computed anew as a whole, or cut at its end, is not found. p_first_seal, p_last_seal: only these seals. A finding (100 are shown) has a kind: row_altered, row_removed, row_planted, partition_missing, seal_missing, seal_altered, seal_out_of_order, seal_out_of_range, mark_invalid, head_differs or head_missing (good_to: the last seal that a given head confirms), with the seal, the audit_id or the month. unsealed: rows that wait for the sealer. For administrators and auditors. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
