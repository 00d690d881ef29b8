CREATE FUNCTION streamspace_rules.check_template_parameters(p_parameters jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_refusal jsonb := streamspace_rules.check_array('/spec/parameters', p_parameters, 50);
	v_item jsonb;
	v_at text;
	v_type text;
	v_env text;
	v_names text[] := ARRAY[]::text[];
	v_envs text[] := ARRAY[]::text[];
BEGIN
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	FOR i IN 0..coalesce(jsonb_array_length(p_parameters), 0) - 1 LOOP
		v_item := p_parameters -> i;
		v_at := '/spec/parameters/' || i;
		v_type := v_item ->> 'type';
		v_refusal := coalesce(
			streamspace_rules.check_keys(v_at, v_item, ARRAY['name', 'type', 'label', 'description', 'default', 'required', 'env']
				|| CASE v_type WHEN 'integer' THEN ARRAY['min', 'max'] WHEN 'enum' THEN ARRAY['values']
					WHEN 'boolean' THEN '{}' ELSE ARRAY['minLength', 'maxLength', 'pattern'] END),
			CASE WHEN v_item -> 'name' IS NULL THEN streamspace_rules.invalid(v_at || '/name', 'is required') END,
			streamspace_rules.check_text(v_at || '/name', v_item -> 'name', 63, '^[a-z][a-z0-9_]*$'),
			CASE WHEN v_item -> 'type' IS NULL THEN streamspace_rules.invalid(v_at || '/type', 'is required') END,
			streamspace_rules.check_text(v_at || '/type', v_item -> 'type', 20, '^(string|integer|boolean|enum)$'),
			streamspace_rules.check_text(v_at || '/label', v_item -> 'label', 200),
			streamspace_rules.check_text(v_at || '/description', v_item -> 'description', 1000),
			streamspace_rules.check_boolean(v_at || '/required', v_item -> 'required'),
			streamspace_rules.check_text(v_at || '/env', v_item -> 'env', 200, '^[A-Za-z_][A-Za-z0-9_]*$'),
			streamspace_rules.check_integer(v_at || '/min', v_item -> 'min', -9007199254740991, 9007199254740991),
			streamspace_rules.check_integer(v_at || '/max', v_item -> 'max', -9007199254740991, 9007199254740991),
			streamspace_rules.check_integer(v_at || '/minLength', v_item -> 'minLength', 0, 4096),
			streamspace_rules.check_integer(v_at || '/maxLength', v_item -> 'maxLength', 0, 4096),
			streamspace_rules.check_text(v_at || '/pattern', v_item -> 'pattern', 200),
			CASE WHEN v_type = 'enum' AND coalesce(v_item -> 'values', '[]') = '[]'
				THEN streamspace_rules.invalid(v_at || '/values', 'at least one is required') END,
			streamspace_rules.check_texts(v_at || '/values', v_item -> 'values', 100, 200));
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
		v_env := coalesce(v_item ->> 'env', upper(v_item ->> 'name'));
		v_refusal := coalesce(
			CASE WHEN v_item ->> 'name' = ANY (v_names) THEN streamspace_rules.invalid(v_at || '/name', 'is the name of another parameter') END,
			CASE WHEN v_env = ANY (v_envs) THEN streamspace_rules.invalid(v_at || '/env', 'is the variable of another parameter') END,
			CASE WHEN (v_item ->> 'min')::numeric::bigint > (v_item ->> 'max')::numeric::bigint THEN streamspace_rules.invalid(v_at || '/min', 'is more than max') END,
			CASE WHEN (v_item ->> 'minLength')::numeric::integer > coalesce((v_item ->> 'maxLength')::numeric::integer, 1024)
				THEN streamspace_rules.invalid(v_at || '/minLength', 'is more than maxLength') END,
			CASE WHEN v_item -> 'pattern' IS NOT NULL THEN streamspace_rules.check_pattern(v_at || '/pattern', v_item ->> 'pattern') END);
		IF v_refusal IS NULL AND v_item -> 'default' IS NOT NULL THEN
			v_refusal := streamspace_rules.check_parameter_value(v_at || '/default', v_item, v_item -> 'default');
		END IF;
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
		v_names := v_names || (v_item ->> 'name');
		v_envs := v_envs || v_env;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_parameters IS 'Refusal for the parameters that a template declares, else NULL; a default must be a value that the parameter takes';
