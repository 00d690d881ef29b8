CREATE FUNCTION streamspace_rules.purge_signals() RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_kept CONSTANT interval := interval '1 hour';
	v_now timestamptz := streamspace_rules.now();
	v_generation integer := streamspace_rules.generation();
	v_last streamspace_data.signal_mark;
	v_upto streamspace_data.signal_mark;
	v_n integer := 0;
BEGIN
	SELECT m.* INTO v_last FROM streamspace_data.signal_mark AS m ORDER BY m.mark DESC LIMIT 1;
	IF v_last.generation <> v_generation THEN
		-- Transaction numbers of before a restore mean nothing here, or something else.
		DELETE FROM streamspace_data.signal;
		GET DIAGNOSTICS v_n = ROW_COUNT;
		DELETE FROM streamspace_data.signal_mark;
	END IF;
	IF v_last.mark IS NULL OR v_last.generation <> v_generation OR v_last.at <= v_now - interval '1 minute' THEN
		INSERT INTO streamspace_data.signal_mark (mark, generation, at, horizon)
		VALUES (coalesce(v_last.mark, 0) + 1, v_generation, v_now, pg_snapshot_xmin(pg_current_snapshot()));
	END IF;
	SELECT m.* INTO v_upto FROM streamspace_data.signal_mark AS m WHERE m.at <= v_now - v_kept ORDER BY m.mark DESC LIMIT 1;
	IF FOUND THEN
		DELETE FROM streamspace_data.signal_mark AS m WHERE m.mark < v_upto.mark;
		DELETE FROM streamspace_data.signal AS g WHERE (g.xid, g.signal_id) IN (
			SELECT x.xid, x.signal_id FROM streamspace_data.signal AS x WHERE x.xid < v_upto.horizon ORDER BY x.xid, x.signal_id LIMIT 5000);
		GET DIAGNOSTICS v_n = ROW_COUNT;
	END IF;
	RETURN v_n;
END
$$;
COMMENT ON FUNCTION streamspace_rules.purge_signals IS
	'Makes the mark of the minute and removes signals below the mark of an hour ago, at most 5000; after a restore all of them. Returns how many. Part of tick()';
