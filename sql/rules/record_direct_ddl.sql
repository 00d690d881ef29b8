-- Runs as whoever did it, and does nothing unless an object of ours was meant. Our own functions that make and drop
-- partitions are told by their caller, who could not have become the owner of the tables himself.
CREATE FUNCTION streamspace_rules.record_direct_ddl() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_objects text[];
BEGIN
	IF current_user = 'streamspace_owner' AND NOT pg_has_role(session_user, 'streamspace_owner', 'MEMBER') THEN
		RETURN;
	END IF;
	IF TG_EVENT = 'sql_drop' THEN
		SELECT array_agg(DISTINCT o.object_type || ' ' || o.object_identity) INTO v_objects FROM pg_event_trigger_dropped_objects() AS o
		WHERE o.original AND (o.schema_name IN ('streamspace', 'streamspace_rules', 'streamspace_data')
			OR (o.object_type = 'schema' AND o.object_name IN ('streamspace', 'streamspace_rules', 'streamspace_data'))
			OR o.address_names[1] IN ('streamspace', 'streamspace_rules', 'streamspace_data'));
	ELSE
		SELECT array_agg(DISTINCT c.object_type || ' ' || c.object_identity) INTO v_objects FROM pg_event_trigger_ddl_commands() AS c
		WHERE c.schema_name IN ('streamspace', 'streamspace_rules', 'streamspace_data')
			OR (c.object_type = 'schema' AND c.object_identity IN ('streamspace', 'streamspace_rules', 'streamspace_data'));
	END IF;
	IF v_objects IS NULL THEN
		RETURN;
	END IF;
	-- An upgrade that changes the audit log itself must not fail of this.
	BEGIN
		PERFORM streamspace_rules.write_audit(NULL, 'login:' || session_user, 'direct_ddl', jsonb_build_object(
			'command', TG_TAG, 'objects', to_jsonb(v_objects[1:50]), 'query', left(current_query(), 2000)), NULL, left(v_objects[1], 200));
	EXCEPTION WHEN undefined_column OR undefined_table OR undefined_function OR not_null_violation OR check_violation THEN
		RAISE WARNING 'this could not be written to the audit log: %', SQLERRM;
	END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.record_direct_ddl IS
	'Event trigger: somebody changed or dropped an object of ours, such as a trigger or a partition; the audit log gets his login, the objects and the query';
