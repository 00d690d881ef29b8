CREATE FUNCTION streamspace_rules.session_placement(p_platforms text[], p_spec jsonb, p_asked jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_platform text := p_asked ->> 'platform';
	v_region text := coalesce(p_asked ->> 'region', p_spec #>> '{placement,region}');
	v_labels jsonb := coalesce(p_spec #> '{placement,labels}', '{}'::jsonb) || coalesce(nullif(p_asked -> 'labels', 'null'::jsonb), '{}'::jsonb);
BEGIN
	RETURN jsonb_build_object('platforms', CASE WHEN v_platform IS NULL THEN p_platforms
			ELSE ARRAY(SELECT p.name FROM unnest(p_platforms) AS p (name) WHERE p.name = v_platform) END)
		|| CASE WHEN v_region IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('region', v_region) END
		|| CASE WHEN v_labels = '{}'::jsonb THEN v_labels ELSE jsonb_build_object('labels', v_labels) END
		|| CASE WHEN p_asked ->> 'agent' IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('agent', p_asked ->> 'agent') END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_placement IS
	'What the agent of a session has to be: what its template says and what was asked for; a region that was asked for replaces the one of the template, labels are added to its';
