CREATE FUNCTION streamspace_rules.check_parameters(p_spec jsonb, p_parameters jsonb, OUT parameters jsonb, OUT refusal jsonb)
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_known jsonb := coalesce(p_spec -> 'parameters', '[]');
	v_given jsonb := nullif(p_parameters, 'null');
	v_parameter jsonb;
	v_name text;
	v_value jsonb;
BEGIN
	parameters := '{}';
	refusal := streamspace_rules.check_keys('/parameters', v_given,
		ARRAY(SELECT k.item ->> 'name' FROM jsonb_array_elements(v_known) AS k (item)));
	IF refusal IS NOT NULL THEN
		RETURN;
	END IF;
	FOR v_parameter IN SELECT k.item FROM jsonb_array_elements(v_known) WITH ORDINALITY AS k (item, position) ORDER BY k.position LOOP
		v_name := v_parameter ->> 'name';
		v_value := nullif(v_given -> v_name, 'null');
		IF v_value IS NOT NULL THEN
			refusal := streamspace_rules.check_parameter_value('/parameters/' || v_name, v_parameter, v_value);
		ELSIF v_parameter -> 'default' IS NOT NULL THEN
			v_value := v_parameter -> 'default';
		ELSIF (v_parameter ->> 'required')::boolean THEN
			refusal := streamspace_rules.invalid('/parameters/' || v_name, 'is required');
		END IF;
		IF refusal IS NOT NULL THEN
			RETURN;
		END IF;
		IF v_value IS NOT NULL THEN
			-- 3.0 is an integer, and arrives as 3.
			IF v_parameter ->> 'type' = 'integer' THEN
				v_value := to_jsonb(v_value::numeric::bigint);
			END IF;
			parameters := parameters || jsonb_build_object(v_name, v_value);
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_parameters IS
	'Parameters {name: value} of a session, completed by the defaults of its template; NULL counts as not given. refusal: one that the template does not take, with the pointer /parameters/NAME';
