-- p_value is JSON; the pointer is that of the place where it came from.
CREATE FUNCTION streamspace_rules.check_parameter_value(p_pointer text, p_parameter jsonb, p_value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_text text := p_value #>> '{}';
BEGIN
	CASE coalesce(p_parameter ->> 'type', 'string')
	WHEN 'integer' THEN
		RETURN streamspace_rules.check_integer(p_pointer, p_value,
			coalesce((p_parameter ->> 'min')::numeric::bigint, -9007199254740991), coalesce((p_parameter ->> 'max')::numeric::bigint, 9007199254740991));
	WHEN 'boolean' THEN
		RETURN streamspace_rules.check_boolean(p_pointer, p_value);
	WHEN 'enum' THEN
		IF jsonb_typeof(p_value) <> 'string' OR NOT p_parameter -> 'values' ? v_text THEN
			RETURN streamspace_rules.invalid(p_pointer, 'is not one of the values of the parameter');
		END IF;
	ELSE
		IF jsonb_typeof(p_value) <> 'string' THEN
			RETURN streamspace_rules.invalid(p_pointer, 'a string is required');
		ELSIF length(v_text) < (p_parameter ->> 'minLength')::numeric::integer THEN
			RETURN streamspace_rules.invalid(p_pointer, format('at least %s characters are required', p_parameter ->> 'minLength'));
		ELSIF length(v_text) > coalesce((p_parameter ->> 'maxLength')::numeric::integer, 1024) THEN
			RETURN streamspace_rules.invalid(p_pointer, format('at most %s characters are allowed', coalesce(p_parameter ->> 'maxLength', '1024')));
		ELSIF v_text !~ ('^(?:' || (p_parameter ->> 'pattern') || ')$') THEN
			RETURN streamspace_rules.invalid(p_pointer, 'does not have the required form');
		END IF;
	END CASE;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_parameter_value IS 'Refusal for a value that a parameter of a template does not take, else NULL';
