CREATE FUNCTION streamspace_rules.check_display_name(p_display_name text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF length(p_display_name) > 200 THEN
		RETURN streamspace_rules.invalid('/display_name', 'at most 200 characters are allowed');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_display_name IS 'Refusal for a name for people that is too long, else NULL; NULL passes';
