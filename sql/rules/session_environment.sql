CREATE FUNCTION streamspace_rules.session_environment(p_spec jsonb, p_parameters jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_given jsonb;
BEGIN
	SELECT jsonb_agg(jsonb_build_object('name', coalesce(k.item ->> 'env', upper(k.item ->> 'name')),
		'value', p_parameters ->> (k.item ->> 'name')) ORDER BY k.position) INTO v_given
	FROM jsonb_array_elements(coalesce(p_spec -> 'parameters', '[]')) WITH ORDINALITY AS k (item, position)
	WHERE p_parameters -> (k.item ->> 'name') IS NOT NULL;
	IF v_given IS NULL THEN
		RETURN p_spec -> 'env';
	END IF;
	RETURN (SELECT coalesce(jsonb_agg(e.item ORDER BY e.position), '[]')
		FROM jsonb_array_elements(coalesce(p_spec -> 'env', '[]')) WITH ORDINALITY AS e (item, position)
		WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(v_given) AS g (item) WHERE g.item ->> 'name' = e.item ->> 'name')) || v_given;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_environment IS
	'Environment of a session: that of the template, and its parameters, which win where the names are equal; NULL for none';
