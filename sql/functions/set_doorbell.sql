CREATE FUNCTION streamspace.set_doorbell(p_replica text, p_awake_seconds integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF p_awake_seconds > 0 THEN
		INSERT INTO streamspace_data.doorbell AS d (replica, awake_until)
		VALUES (left(p_replica, 200), clock_timestamp() + least(p_awake_seconds, 60) * interval '1 second')
		ON CONFLICT ON CONSTRAINT doorbell_pkey DO UPDATE SET awake_until = EXCLUDED.awake_until;
	ELSE
		DELETE FROM streamspace_data.doorbell AS d
		WHERE d.replica = left(p_replica, 200) OR d.awake_until < clock_timestamp() - interval '1 hour';
	END IF;
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_doorbell FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_doorbell TO streamspace_api;
COMMENT ON FUNCTION streamspace.set_doorbell IS
	'A server says that it looks for commands by itself for p_awake_seconds (1 to 60) and is not to be notified, or, with 0, that it is from now on. For streamspaced only';
