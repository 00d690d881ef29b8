CREATE FUNCTION streamspace_rules.check_template_resources(p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_form constant text := '^[0-9]{1,9}(\.[0-9]{1,9})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$';
	v_refusal jsonb := streamspace_rules.check_keys('/spec/resources', p_spec -> 'resources', ARRAY['cpu', 'memory']);
	v_at text;
	v_one jsonb;
BEGIN
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	FOR v_at, v_one IN SELECT '/spec/resources/' || r.key, r.value FROM jsonb_each(coalesce(p_spec -> 'resources', '{}')) AS r ORDER BY r.key LOOP
		v_refusal := coalesce(
			streamspace_rules.check_keys(v_at, v_one, ARRAY['default', 'min', 'max']),
			streamspace_rules.check_text(v_at || '/default', v_one -> 'default', 20, v_form),
			streamspace_rules.check_text(v_at || '/min', v_one -> 'min', 20, v_form),
			streamspace_rules.check_text(v_at || '/max', v_one -> 'max', 20, v_form),
			CASE WHEN streamspace_rules.quantity(v_one ->> 'min') > streamspace_rules.quantity(v_one ->> 'max')
				THEN streamspace_rules.invalid(v_at || '/min', 'is more than max') END);
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	FOR v_at, v_one IN SELECT CASE r.key WHEN 'millicores' THEN 'cpu' ELSE 'memory' END, r.value
		FROM jsonb_each(streamspace_rules.template_resources(p_spec)) AS r ORDER BY r.key
	LOOP
		-- No desktop runs in less, and its agent would refuse it.
		IF (v_one ->> 'default')::numeric < (CASE v_at WHEN 'cpu' THEN 1 ELSE 64 END)
			OR (v_one ->> 'min')::numeric < (CASE v_at WHEN 'cpu' THEN 1 ELSE 64 END)
			OR NOT (v_one ->> 'default')::numeric BETWEEN coalesce((v_one ->> 'min')::numeric, 0)
			AND coalesce((v_one ->> 'max')::numeric, CASE v_at WHEN 'cpu' THEN 1000000 ELSE 67108864 END)
			OR (v_one ->> 'max')::numeric > (CASE v_at WHEN 'cpu' THEN 1000000 ELSE 67108864 END)
		THEN
			RETURN streamspace_rules.invalid(CASE WHEN p_spec #> ARRAY['resources', v_at] IS NOT NULL
				THEN '/spec/resources/' || v_at ELSE '/spec/defaultResources/' || v_at END,
				'the default is not between min and max, less than 1m or 64Mi, or more than any machine has');
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_resources IS
	'Refusal for the resources of a template: quantities, min <= default <= max, at least 64 MiB, at most 1,000 cores and 64 TiB; else NULL';
