-- An id or a time would lose what a lower id commits later; a snapshot says of every transaction whether it was seen.
CREATE FUNCTION streamspace_rules.event_token() RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_snapshot pg_snapshot := pg_current_snapshot();
	v_xmin bigint := pg_snapshot_xmin(v_snapshot)::text::bigint;
	v_xmax bigint := pg_snapshot_xmax(v_snapshot)::text::bigint;
	v_last bigint := v_xmin;
	v_running text := '';
	v_xid bigint;
BEGIN
	FOR v_xid IN SELECT x.xid::text::bigint FROM pg_snapshot_xip(v_snapshot) AS x (xid) ORDER BY x.xid LOOP
		-- So many at once that they do not fit: from here on everything counts as not seen, and comes once more.
		IF length(v_running) > 900 THEN
			v_xmax := v_xid;
			EXIT;
		END IF;
		v_running := v_running || '-' || (v_xid - v_last);
		v_last := v_xid;
	END LOOP;
	RETURN format('e1-%s-%s-%s-%s%s', streamspace_rules.generation(),
		(SELECT coalesce(max(m.mark), 0) FROM streamspace_data.signal_mark AS m), v_xmin, v_xmax - v_xmin, v_running);
END
$$;
COMMENT ON FUNCTION streamspace_rules.event_token IS
	'Token of what the running statement sees: restore generation, last mark, and the snapshot (its lower end, its length, and the running transactions as steps). At most 1000 characters';
