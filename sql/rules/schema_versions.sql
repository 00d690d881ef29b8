CREATE FUNCTION streamspace_rules.schema_versions() RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$ SELECT ARRAY[
	'agent_tokens',
	'agent_network'
] $$;
COMMENT ON FUNCTION streamspace_rules.schema_versions IS
	'The changes of migrations/sqitch.plan whose servers these tables and functions serve, oldest first; the last is the one that is installed. Expand: a new change is added at the end. Contract: a change that takes away what an older server calls or reads takes the names of those servers away at the front, at the earliest one release after they were replaced';
