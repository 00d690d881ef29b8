CREATE FUNCTION streamspace_rules.check_revision(p_if_revision bigint, p_revision bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_if_revision IS NOT NULL AND p_if_revision IS DISTINCT FROM p_revision THEN
		RETURN streamspace_rules.refusal('revision_mismatch', jsonb_build_object('revision', p_revision));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_revision IS
	'Refusal revision_mismatch when the caller named a revision and the object has another, or does not exist (NULL), else NULL. The caller has locked the object';
