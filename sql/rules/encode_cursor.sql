CREATE FUNCTION streamspace_rules.encode_cursor(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN encode(convert_to(p_text, 'UTF8'), 'hex');
END
$$;
COMMENT ON FUNCTION streamspace_rules.encode_cursor IS 'Cursor of a list, from the key of the last row of a page';
