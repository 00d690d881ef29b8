CREATE FUNCTION streamspace_rules.check_template_policy(p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_duration constant text := '^[1-9][0-9]{0,5}(s|m|h)$';
	v_labels jsonb := p_spec #> '{placement,labels}';
	v_refusal jsonb;
	v_key text;
BEGIN
	v_refusal := coalesce(
		streamspace_rules.check_text('/spec/idleTimeout', p_spec -> 'idleTimeout', 10, v_duration),
		streamspace_rules.check_text('/spec/maxSessionDuration', p_spec -> 'maxSessionDuration', 10, v_duration),
		streamspace_rules.check_keys('/spec/retry', p_spec -> 'retry', ARRAY['attempts', 'backoffSeconds', 'maxBackoffSeconds']),
		streamspace_rules.check_integer('/spec/retry/attempts', p_spec #> '{retry,attempts}', 0, 20),
		streamspace_rules.check_integer('/spec/retry/backoffSeconds', p_spec #> '{retry,backoffSeconds}', 1, 86400),
		streamspace_rules.check_integer('/spec/retry/maxBackoffSeconds', p_spec #> '{retry,maxBackoffSeconds}', 1, 86400),
		CASE WHEN (p_spec #>> '{retry,backoffSeconds}')::numeric::integer > (p_spec #>> '{retry,maxBackoffSeconds}')::numeric::integer
			THEN streamspace_rules.invalid('/spec/retry/backoffSeconds', 'is more than maxBackoffSeconds') END,
		streamspace_rules.check_keys('/spec/placement', p_spec -> 'placement', ARRAY['region', 'labels']),
		streamspace_rules.check_text('/spec/placement/region', p_spec #> '{placement,region}', 100, '^[^[:cntrl:]]+$'),
		CASE WHEN jsonb_typeof(v_labels) <> 'object' THEN streamspace_rules.invalid('/spec/placement/labels', 'an object is required') END);
	IF v_refusal IS NOT NULL OR v_labels IS NULL THEN
		RETURN v_refusal;
	END IF;
	IF (SELECT count(*) FROM jsonb_object_keys(v_labels)) > 32 THEN
		RETURN streamspace_rules.invalid('/spec/placement/labels', 'at most 32 are allowed');
	END IF;
	FOR v_key IN SELECT k.key FROM jsonb_object_keys(v_labels) AS k (key) ORDER BY k.key LOOP
		v_refusal := CASE WHEN v_key !~ '^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$'
			THEN streamspace_rules.invalid('/spec/placement/labels', 'a label is named by 1 to 63 letters, digits and inner . _ / -')
			ELSE streamspace_rules.check_text('/spec/placement/labels/' || replace(v_key, '/', '~1'), v_labels -> v_key, 63, '^[^[:cntrl:]]*$') END;
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_policy IS
	'Refusal for what a template says about the life of its sessions (idleTimeout, maxSessionDuration, retry) and where they run (placement), else NULL';
