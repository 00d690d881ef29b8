-- Starts take the first and stops the second of a doubled reading: nobody is woken late or stopped early.
CREATE FUNCTION streamspace_rules.schedule_moments(p_zone text, p_days integer[], p_start time, p_stop time,
	p_from timestamptz, p_to timestamptz) RETURNS TABLE (at timestamptz, action text)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN QUERY
		SELECT m.at, m.action
		FROM generate_series((p_from AT TIME ZONE p_zone)::date - 3, (p_to AT TIME ZONE p_zone)::date + 1, interval '1 day') AS d (day)
		CROSS JOIN LATERAL (
			SELECT streamspace_rules.schedule_instant(p_zone, d.day::date + p_start, true), 'wake' WHERE p_start IS NOT NULL
			UNION ALL
			SELECT streamspace_rules.schedule_instant(p_zone,
				d.day::date + CASE WHEN p_stop < p_start THEN 1 ELSE 0 END + p_stop, false), 'hibernate' WHERE p_stop IS NOT NULL) AS m (at, action)
		WHERE extract(isodow FROM d.day)::integer = ANY (p_days) AND m.at > p_from AND m.at <= p_to
		ORDER BY m.at, m.action DESC;
END
$$;
COMMENT ON FUNCTION streamspace_rules.schedule_moments IS
	'Moments of a schedule after p_from up to p_to, in order: wake at p_start, hibernate at p_stop of the days (1 Monday to 7 Sunday) by the clock of the zone; a p_stop before p_start lies on the next day. Where both fall together the stop comes last';
