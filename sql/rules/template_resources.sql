CREATE FUNCTION streamspace_rules.template_resources(p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_cpu jsonb := coalesce(p_spec #> '{resources,cpu}', '{}');
	v_memory jsonb := coalesce(p_spec #> '{resources,memory}', '{}');
	v_answer jsonb;
	v_min bigint;
	v_max bigint;
	v_default bigint;
BEGIN
	v_min := ceil(streamspace_rules.quantity(v_cpu ->> 'min') * 1000);
	v_max := floor(streamspace_rules.quantity(v_cpu ->> 'max') * 1000);
	v_default := coalesce(ceil(streamspace_rules.quantity(coalesce(v_cpu ->> 'default', p_spec #>> '{defaultResources,cpu}')) * 1000),
		least(greatest(1000, v_min), v_max));
	v_answer := jsonb_build_object('millicores', jsonb_build_object('default', v_default, 'min', v_min, 'max', v_max));
	v_min := ceil(streamspace_rules.quantity(v_memory ->> 'min') / 1048576);
	v_max := floor(streamspace_rules.quantity(v_memory ->> 'max') / 1048576);
	v_default := coalesce(ceil(streamspace_rules.quantity(coalesce(v_memory ->> 'default', p_spec #>> '{defaultResources,memory}')) / 1048576),
		least(greatest(2048, v_min), v_max));
	RETURN v_answer || jsonb_build_object('memory_mib', jsonb_build_object('default', v_default, 'min', v_min, 'max', v_max));
END
$$;
COMMENT ON FUNCTION streamspace_rules.template_resources IS
	'What a session of a template gets: {"millicores": {default, min, max}, "memory_mib": {default, min, max}}, integers; min and max NULL where the template has none. Default: of resources, else of defaultResources, else 1000 and 2048 within the bounds';
