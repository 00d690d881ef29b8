CREATE FUNCTION streamspace_rules.schedule_instant(p_zone text, p_local timestamp, p_first boolean) RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_at timestamptz := p_local AT TIME ZONE p_zone;
	v_gap interval := (v_at AT TIME ZONE p_zone) - p_local;
	v_shift interval;
	v_low timestamptz;
	v_middle timestamptz;
BEGIN
	IF v_gap > '0' THEN
		-- The clock jumps over this time: the moment of the jump is it, and lies between the two readings.
		v_low := v_at - v_gap;
		WHILE v_at - v_low > interval '1 second' LOOP
			v_middle := date_trunc('second', v_low + (v_at - v_low) / 2);
			IF (v_middle AT TIME ZONE p_zone) < p_local THEN
				v_low := v_middle;
			ELSE
				v_at := v_middle;
			END IF;
		END LOOP;
		RETURN v_at;
	END IF;
	-- PostgreSQL takes the second of two equal readings.
	v_shift := ((v_at - interval '1 day') AT TIME ZONE p_zone - (v_at - interval '1 day') AT TIME ZONE 'UTC')
		- (v_at AT TIME ZONE p_zone - v_at AT TIME ZONE 'UTC');
	IF p_first AND v_shift > '0' AND (v_at - v_shift) AT TIME ZONE p_zone = p_local THEN
		RETURN v_at - v_shift;
	END IF;
	RETURN v_at;
END
$$;
COMMENT ON FUNCTION streamspace_rules.schedule_instant IS
	'The moment at which the clock of a time zone reads p_local. A reading that the clock jumps over is the moment of the jump; of a reading that comes twice p_first chooses the first, else the second';
