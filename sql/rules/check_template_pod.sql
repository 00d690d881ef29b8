-- Of a pod a template says these four things and no other: what else a pod could ask for is nobody's to ask for here.
CREATE FUNCTION streamspace_rules.check_template_pod(p_pod jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_name constant text := '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$';
	v_refusal jsonb;
	v_label record;
BEGIN
	IF p_pod IS NULL OR jsonb_typeof(p_pod) = 'null' THEN
		RETURN NULL;
	END IF;
	v_refusal := coalesce(
		streamspace_rules.check_keys('/spec/pod', p_pod, ARRAY['nodeSelector', 'runtimeClassName', 'priorityClassName', 'imagePullSecrets']),
		streamspace_rules.check_text('/spec/pod/runtimeClassName', p_pod -> 'runtimeClassName', 253, v_name),
		streamspace_rules.check_text('/spec/pod/priorityClassName', p_pod -> 'priorityClassName', 253, v_name),
		streamspace_rules.check_texts('/spec/pod/imagePullSecrets', p_pod -> 'imagePullSecrets', 8, 253, v_name),
		CASE WHEN jsonb_typeof(p_pod -> 'nodeSelector') NOT IN ('object', 'null')
			THEN streamspace_rules.invalid('/spec/pod/nodeSelector', 'an object is required') END);
	IF v_refusal IS NOT NULL OR jsonb_typeof(p_pod -> 'nodeSelector') IS DISTINCT FROM 'object' THEN
		RETURN v_refusal;
	END IF;
	IF (SELECT count(*) FROM jsonb_object_keys(p_pod -> 'nodeSelector') AS k) > 16 THEN
		RETURN streamspace_rules.invalid('/spec/pod/nodeSelector', 'at most 16 labels are allowed');
	END IF;
	FOR v_label IN SELECT l.key, l.value FROM jsonb_each(p_pod -> 'nodeSelector') AS l (key, value) LOOP
		IF v_label.key !~ '^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$'
			OR jsonb_typeof(v_label.value) <> 'string' OR v_label.value #>> '{}' !~ '^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$' THEN
			RETURN streamspace_rules.invalid('/spec/pod/nodeSelector', 'labels of nodes are required');
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_pod IS
	'Refusal for what a template asks of its pods in Kubernetes, else NULL: nodeSelector (at most 16 labels), runtimeClassName, priorityClassName, imagePullSecrets (at most 8). Whether its agent allows them the agent says';
