CREATE FUNCTION streamspace_rules.check_schedule(p_schedule jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_time constant text := '^([01][0-9]|2[0-3]):[0-5][0-9]$';
	v_start jsonb := nullif(p_schedule -> 'start', 'null');
	v_stop jsonb := nullif(p_schedule -> 'stop', 'null');
	v_days jsonb := p_schedule -> 'days';
	v_refusal jsonb;
BEGIN
	IF p_schedule IS NULL THEN
		RETURN streamspace_rules.invalid('/schedule', 'is required');
	END IF;
	v_refusal := coalesce(
		streamspace_rules.check_keys('/schedule', p_schedule, ARRAY['time_zone', 'days', 'start', 'stop', 'enabled']),
		CASE WHEN jsonb_typeof(p_schedule -> 'time_zone') IS DISTINCT FROM 'string' THEN streamspace_rules.invalid('/schedule/time_zone', 'is required') END,
		streamspace_rules.check_text('/schedule/start', v_start, 5, v_time),
		streamspace_rules.check_text('/schedule/stop', v_stop, 5, v_time),
		streamspace_rules.check_boolean('/schedule/enabled', nullif(p_schedule -> 'enabled', 'null')),
		CASE WHEN v_start IS NULL AND v_stop IS NULL THEN streamspace_rules.invalid('/schedule/start', 'start or stop is required') END,
		CASE WHEN v_start = v_stop THEN streamspace_rules.invalid('/schedule/stop', 'is the same as start') END,
		CASE WHEN jsonb_typeof(v_days) IS DISTINCT FROM 'array' THEN streamspace_rules.invalid('/schedule/days', 'is required') END,
		CASE WHEN jsonb_array_length(v_days) NOT BETWEEN 1 AND 7 THEN streamspace_rules.invalid('/schedule/days', '1 to 7 days are allowed') END);
	IF v_refusal IS NOT NULL THEN
		RETURN v_refusal;
	END IF;
	FOR i IN 0..jsonb_array_length(v_days) - 1 LOOP
		v_refusal := coalesce(streamspace_rules.check_integer('/schedule/days/' || i, v_days -> i, 1, 7),
			CASE WHEN EXISTS (SELECT FROM jsonb_array_elements(v_days) WITH ORDINALITY AS d (day, n) WHERE d.day = v_days -> i AND d.n <= i)
				THEN streamspace_rules.invalid('/schedule/days/' || i, 'is there twice') END);
		IF v_refusal IS NOT NULL THEN
			RETURN v_refusal;
		END IF;
	END LOOP;
	-- PostgreSQL also takes abbreviations, offsets and POSIX rules, which know no daylight saving or a made-up one.
	IF p_schedule ->> 'time_zone' !~ '^([A-Z][A-Za-z]+/[A-Za-z0-9_+/-]+|UTC)$'
		OR NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = p_schedule ->> 'time_zone')
	THEN
		RETURN streamspace_rules.invalid('/schedule/time_zone', 'is no name of a time zone, such as Europe/Berlin');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_schedule IS 'Refusal invalid_argument with the JSON pointer of the first field of a schedule that is not valid, else NULL';
