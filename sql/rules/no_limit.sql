CREATE FUNCTION streamspace_rules.no_limit() RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$ SELECT 1000000000000000 $$;
COMMENT ON FUNCTION streamspace_rules.no_limit IS 'What the slots of a pool without a limit count down from: more than can ever be used, and small enough for sums';
