CREATE FUNCTION streamspace_rules.choose_resources(p_spec jsonb, p_resources jsonb, OUT millicores integer, OUT memory_mib integer, OUT refusal jsonb)
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_bounds jsonb := streamspace_rules.template_resources(p_spec);
	v_given jsonb := nullif(p_resources, 'null');
BEGIN
	refusal := coalesce(
		streamspace_rules.check_keys('/resources', v_given, ARRAY['millicores', 'memory_mib']),
		streamspace_rules.check_integer('/resources/millicores', nullif(v_given -> 'millicores', 'null'),
			coalesce((v_bounds #>> '{millicores,min}')::numeric::bigint, 1), coalesce((v_bounds #>> '{millicores,max}')::numeric::bigint, 1000000)),
		streamspace_rules.check_integer('/resources/memory_mib', nullif(v_given -> 'memory_mib', 'null'),
			coalesce((v_bounds #>> '{memory_mib,min}')::numeric::bigint, 64), coalesce((v_bounds #>> '{memory_mib,max}')::numeric::bigint, 67108864)));
	IF refusal IS NULL THEN
		millicores := coalesce(v_given ->> 'millicores', v_bounds #>> '{millicores,default}')::numeric::integer;
		memory_mib := coalesce(v_given ->> 'memory_mib', v_bounds #>> '{memory_mib,default}')::numeric::integer;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.choose_resources IS
	'Resources of a session: those that were asked for within the bounds of its template, NULL and absent members by its default. refusal: out of bounds, with the pointer /resources/…; without bounds of the template 1 to 1000000 millicores and 64 to 67108864 MiB';
