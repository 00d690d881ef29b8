CREATE FUNCTION streamspace_rules.template_platforms(p_spec jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_spec -> 'platforms' IS NOT NULL THEN
		RETURN ARRAY(SELECT p.name FROM jsonb_array_elements_text(p_spec -> 'platforms') WITH ORDINALITY AS p (name, position)
			GROUP BY p.name ORDER BY min(p.position));
	ELSIF p_spec -> 'baseImage' IS NOT NULL THEN
		RETURN ARRAY['kubernetes'];
	END IF;
	RETURN ARRAY['process'];
END
$$;
COMMENT ON FUNCTION streamspace_rules.template_platforms IS 'Platforms on which a template runs: those that it names, else kubernetes with an image and process without one';
