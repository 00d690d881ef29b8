CREATE FUNCTION streamspace_rules.batch_result(p_results text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('index', r.position - 1, 'result', r.result) ORDER BY r.position), '[]')
		FROM unnest(p_results) WITH ORDINALITY AS r (result, position));
END
$$;
COMMENT ON FUNCTION streamspace_rules.batch_result IS 'Answer of a batch function: index and result of every element';
