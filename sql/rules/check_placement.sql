CREATE FUNCTION streamspace_rules.check_placement(p_placement jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_refusal jsonb;
BEGIN
	IF p_placement IS NULL OR p_placement = 'null'::jsonb THEN
		RETURN NULL;
	END IF;
	v_refusal := streamspace_rules.check_keys('/placement', p_placement, ARRAY['platform', 'region', 'labels', 'agent']);
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	v_refusal := coalesce(
		streamspace_rules.check_text('/placement/platform', nullif(p_placement -> 'platform', 'null'::jsonb), 20, '^(process|kubernetes|docker|vm|cloud)$'),
		streamspace_rules.check_text('/placement/region', nullif(p_placement -> 'region', 'null'::jsonb), 100, '^[^[:cntrl:]]+$'),
		streamspace_rules.check_text('/placement/agent', nullif(p_placement -> 'agent', 'null'::jsonb), 100, '^[A-Za-z0-9._-]{3,100}$'),
		streamspace_rules.check_agent_labels('/placement/labels', nullif(p_placement -> 'labels', 'null'::jsonb)));
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_placement IS 'Refusal for what a request asks of the agent {platform, region, labels, agent}, else NULL; NULL passes';
