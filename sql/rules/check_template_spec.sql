-- The fields are those of the Template resource (stream.space/v1alpha1) and ours beside them.
CREATE FUNCTION streamspace_rules.check_template_spec(p_spec jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_quantity constant text := '^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$';
	v_path constant text := '^/(?!([^:]*/)?\.\.(/|$))[^[:cntrl:]:]+$';
	v_refusal jsonb;
	v_item jsonb;
	v_at text;
BEGIN
	IF p_spec IS NULL OR jsonb_typeof(p_spec) <> 'object' THEN
		RETURN streamspace_rules.invalid('/spec', 'an object is required');
	END IF;
	IF length(p_spec::text) > 262144 THEN
		RETURN streamspace_rules.invalid('/spec', 'at most 256 KiB are allowed');
	END IF;
	v_refusal := coalesce(
		streamspace_rules.check_keys('/spec', p_spec, ARRAY['displayName', 'description', 'category', 'icon', 'baseImage',
			'defaultResources', 'ports', 'env', 'volumeMounts', 'vnc', 'kasmvnc', 'capabilities', 'tags',
			'platforms', 'command', 'network', 'resolution', 'persistentHome',
			'parameters', 'resources', 'placement', 'pod', 'idleTimeout', 'maxSessionDuration', 'retry']),
		streamspace_rules.check_text('/spec/displayName', p_spec -> 'displayName', 200, '.'),
		streamspace_rules.check_text('/spec/description', p_spec -> 'description', 4000),
		streamspace_rules.check_text('/spec/category', p_spec -> 'category', 100),
		streamspace_rules.check_text('/spec/icon', p_spec -> 'icon', 2048),
		streamspace_rules.check_text('/spec/baseImage', p_spec -> 'baseImage', 512, '^[A-Za-z0-9][A-Za-z0-9._:/@-]*$'),
		streamspace_rules.check_keys('/spec/defaultResources', p_spec -> 'defaultResources', ARRAY['memory', 'cpu']),
		streamspace_rules.check_text('/spec/defaultResources/memory', p_spec #> '{defaultResources,memory}', 20, v_quantity),
		streamspace_rules.check_text('/spec/defaultResources/cpu', p_spec #> '{defaultResources,cpu}', 20, v_quantity),
		streamspace_rules.check_keys('/spec/vnc', p_spec -> 'vnc', ARRAY['enabled', 'port', 'protocol', 'encryption']),
		streamspace_rules.check_boolean('/spec/vnc/enabled', p_spec #> '{vnc,enabled}'),
		streamspace_rules.check_integer('/spec/vnc/port', p_spec #> '{vnc,port}', 1, 65535),
		streamspace_rules.check_text('/spec/vnc/protocol', p_spec #> '{vnc,protocol}', 20, '^[a-z]+$'),
		streamspace_rules.check_boolean('/spec/vnc/encryption', p_spec #> '{vnc,encryption}'),
		streamspace_rules.check_keys('/spec/kasmvnc', p_spec -> 'kasmvnc', ARRAY['enabled', 'port']),
		streamspace_rules.check_boolean('/spec/kasmvnc/enabled', p_spec #> '{kasmvnc,enabled}'),
		streamspace_rules.check_integer('/spec/kasmvnc/port', p_spec #> '{kasmvnc,port}', 1, 65535),
		streamspace_rules.check_texts('/spec/capabilities', p_spec -> 'capabilities', 16, 20, '^(Network|Audio|Clipboard|USB|Printing)$'),
		streamspace_rules.check_texts('/spec/tags', p_spec -> 'tags', 32, 63, '.'),
		streamspace_rules.check_texts('/spec/platforms', p_spec -> 'platforms', 3, 20, '^(process|kubernetes|docker)$'),
		streamspace_rules.check_texts('/spec/command', p_spec -> 'command', 64, 4096),
		streamspace_rules.check_boolean('/spec/network', p_spec -> 'network'),
		streamspace_rules.check_text('/spec/resolution', p_spec -> 'resolution', 11, '^[1-9][0-9]{2,4}x[1-9][0-9]{2,4}$'),
		streamspace_rules.check_boolean('/spec/persistentHome', p_spec -> 'persistentHome'),
		streamspace_rules.check_array('/spec/ports', p_spec -> 'ports', 32),
		streamspace_rules.check_array('/spec/env', p_spec -> 'env', 100),
		streamspace_rules.check_array('/spec/volumeMounts', p_spec -> 'volumeMounts', 16));
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	FOR i IN 0..coalesce(jsonb_array_length(p_spec -> 'ports'), 0) - 1 LOOP
		v_item := p_spec -> 'ports' -> i;
		v_at := '/spec/ports/' || i;
		v_refusal := coalesce(
			streamspace_rules.check_keys(v_at, v_item, ARRAY['name', 'containerPort', 'protocol']),
			CASE WHEN v_item -> 'containerPort' IS NULL THEN streamspace_rules.invalid(v_at || '/containerPort', 'is required') END,
			streamspace_rules.check_integer(v_at || '/containerPort', v_item -> 'containerPort', 1, 65535),
			streamspace_rules.check_text(v_at || '/name', v_item -> 'name', 15, '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
			streamspace_rules.check_text(v_at || '/protocol', v_item -> 'protocol', 4, '^(TCP|UDP)$'));
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	FOR i IN 0..coalesce(jsonb_array_length(p_spec -> 'env'), 0) - 1 LOOP
		v_item := p_spec -> 'env' -> i;
		v_at := '/spec/env/' || i;
		v_refusal := coalesce(
			streamspace_rules.check_keys(v_at, v_item, ARRAY['name', 'value']),
			CASE WHEN v_item -> 'name' IS NULL THEN streamspace_rules.invalid(v_at || '/name', 'is required') END,
			streamspace_rules.check_text(v_at || '/name', v_item -> 'name', 200, '^[A-Za-z_][A-Za-z0-9_]*$'),
			streamspace_rules.check_text(v_at || '/value', v_item -> 'value', 8192));
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	FOR i IN 0..coalesce(jsonb_array_length(p_spec -> 'volumeMounts'), 0) - 1 LOOP
		v_item := p_spec -> 'volumeMounts' -> i;
		v_at := '/spec/volumeMounts/' || i;
		v_refusal := coalesce(
			streamspace_rules.check_keys(v_at, v_item, ARRAY['name', 'mountPath']),
			CASE WHEN v_item -> 'mountPath' IS NULL THEN streamspace_rules.invalid(v_at || '/mountPath', 'is required') END,
			streamspace_rules.check_text(v_at || '/name', v_item -> 'name', 63, '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
			streamspace_rules.check_text(v_at || '/mountPath', v_item -> 'mountPath', 1024, v_path));
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	-- Lists that the resource keeps as sets and maps.
	FOR v_at, v_item IN
		SELECT d.at, d.value FROM (
			SELECT '/spec/' || k.key AS at, e.value FROM unnest(ARRAY['tags', 'capabilities', 'platforms']) AS k (key),
				jsonb_array_elements(p_spec -> k.key) AS e (value)
			UNION ALL SELECT '/spec/env', e.value -> 'name' FROM jsonb_array_elements(p_spec -> 'env') AS e (value)
			UNION ALL SELECT '/spec/volumeMounts', e.value -> 'mountPath' FROM jsonb_array_elements(p_spec -> 'volumeMounts') AS e (value)) AS d
		GROUP BY d.at, d.value HAVING count(*) > 1 ORDER BY d.at, d.value LIMIT 1
	LOOP
		RETURN streamspace_rules.invalid(v_at, 'has something twice');
	END LOOP;
	IF jsonb_array_length(p_spec -> 'platforms') = 0 THEN
		RETURN streamspace_rules.invalid('/spec/platforms', 'at least one is required');
	END IF;
	IF jsonb_array_length(p_spec -> 'command') = 0 OR p_spec #>> '{command,0}' = '' THEN
		RETURN streamspace_rules.invalid('/spec/command', 'a program is required');
	END IF;
	IF p_spec ->> 'baseImage' IS NULL AND (p_spec -> 'platforms' ? 'kubernetes' OR p_spec -> 'platforms' ? 'docker') THEN
		RETURN streamspace_rules.invalid('/spec/baseImage', 'is required for the platforms kubernetes and docker');
	END IF;
	IF p_spec -> 'command' IS NULL AND (p_spec -> 'platforms' ? 'process' OR (p_spec -> 'platforms' IS NULL AND p_spec -> 'baseImage' IS NULL)) THEN
		RETURN streamspace_rules.invalid('/spec/command', 'is required for the platform process');
	END IF;
	RETURN coalesce(
		streamspace_rules.check_template_parameters(p_spec -> 'parameters'),
		streamspace_rules.check_template_resources(p_spec),
		streamspace_rules.check_template_policy(p_spec),
		streamspace_rules.check_template_pod(p_spec -> 'pod'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_template_spec IS 'Refusal invalid_argument with the JSON pointer of the first field of a template that is not valid, else NULL';
