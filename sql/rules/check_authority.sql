CREATE FUNCTION streamspace_rules.check_authority(p_role text, p_other text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_other = 'platform_admin' AND p_role IS DISTINCT FROM 'platform_admin' THEN
		RETURN streamspace_rules.refusal('forbidden', jsonb_build_object('role', p_other));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_authority IS
	'Refusal forbidden when an actor of role p_role would give the role p_other, or act upon the account of one who has it, else NULL: platform administrators are made and changed by platform administrators only';
