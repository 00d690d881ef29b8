-- A foreign key that cascades runs as the owner of the table, inside of a statement that is watched itself.
CREATE FUNCTION streamspace_rules.watch_table(p_table regclass) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER direct_dml_is_recorded AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT '
		'WHEN (current_user <> ALL (ARRAY[''streamspace_definer'', ''streamspace_system'']::name[]) '
		'AND (current_user <> ''streamspace_owner'' OR pg_trigger_depth() = 0)) '
		'EXECUTE FUNCTION streamspace_rules.record_direct_dml()', p_table);
	EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER direct_dml_is_recorded', p_table);
END
$$;
COMMENT ON FUNCTION streamspace_rules.watch_table IS
	'Puts the trigger on a table that records who writes it without a function of ours; it fires in every replication role';
