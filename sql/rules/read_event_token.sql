CREATE FUNCTION streamspace_rules.read_event_token(p_token text, OUT unseen_from xid8, OUT unseen xid8[], OUT gap text, OUT refusal jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_parts numeric[];
	v_xid numeric;
	v_oldest bigint;
BEGIN
	IF length(p_token) <= 1000 AND p_token ~ '^e1-[0-9]{1,9}-[0-9]{1,18}-[0-9]{1,18}-[0-9]{1,18}(-[0-9]{1,18})*$' THEN
		v_parts := string_to_array(substr(p_token, 4), '-')::numeric[];
	END IF;
	IF v_parts IS NULL OR v_parts[3] < 3 OR v_parts[3] + v_parts[4] > 9223372036854775807 THEN
		refusal := streamspace_rules.invalid('/since', 'is not a token of this stream');
		RETURN;
	END IF;
	unseen := '{}';
	v_xid := v_parts[3];
	FOR i IN 5..cardinality(v_parts) LOOP
		v_xid := v_xid + v_parts[i];
		IF v_xid >= v_parts[3] + v_parts[4] THEN
			refusal := streamspace_rules.invalid('/since', 'is not a token of this stream');
			RETURN;
		END IF;
		unseen := unseen || v_xid::text::xid8;
	END LOOP;
	unseen_from := (v_parts[3] + v_parts[4])::text::xid8;
	SELECT min(m.mark) INTO v_oldest FROM streamspace_data.signal_mark AS m;
	IF v_parts[1] <> streamspace_rules.generation() OR unseen_from > pg_snapshot_xmax(pg_current_snapshot()) THEN
		gap := 'restored';
	ELSIF v_parts[2] < v_oldest THEN
		gap := 'token_too_old';
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.read_event_token IS
	'What a token has not seen: the transactions from unseen_from on, and those in unseen. gap: signals that it has not seen may be gone (restored: by a restore; token_too_old: by retention). refusal: nothing that we gave out';
