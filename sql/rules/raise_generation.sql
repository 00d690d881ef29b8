-- A restored or promoted database must never give out an epoch again.
CREATE FUNCTION streamspace_rules.raise_generation() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_system bigint;
	v_timeline integer;
	v_generation integer;
BEGIN
	SELECT c.system_identifier INTO v_system FROM pg_control_system() AS c;
	-- The control file learns of a promotion only at the next checkpoint; the write-ahead log knows at once.
	SELECT greatest(c.timeline_id, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer)
	INTO v_timeline FROM pg_control_checkpoint() AS c;
	SELECT i.generation INTO STRICT v_generation FROM streamspace_data.installation AS i
	WHERE i.system_identifier = v_system AND i.timeline = v_timeline;
	RETURN v_generation;
EXCEPTION WHEN no_data_found THEN
	UPDATE streamspace_data.installation AS i SET
		generation = i.generation + CASE WHEN i.system_identifier IS NULL
			OR (i.system_identifier = v_system AND i.timeline = v_timeline) THEN 0 ELSE 1 END,
		system_identifier = v_system, timeline = v_timeline
	RETURNING i.generation INTO v_generation;
	RETURN v_generation;
END
$$;
COMMENT ON FUNCTION streamspace_rules.raise_generation IS
	'Restore generation; raised by one when system identifier or timeline of the server are not the stored ones';
