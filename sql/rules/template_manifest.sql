CREATE FUNCTION streamspace_rules.template_manifest(p_org text, p_name text, p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN jsonb_build_object('apiVersion', 'stream.space/v1alpha1', 'kind', 'Template',
		'metadata', jsonb_build_object('name', p_name || '.' || p_org), 'spec', p_spec);
END
$$;
COMMENT ON FUNCTION streamspace_rules.template_manifest IS 'The Template resource of a template';
