-- Deploy streamspace:admission to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- What a session takes and where it may run. Sessions of before have the default of their template's time.
ALTER TABLE streamspace_data.session
	ADD COLUMN millicores integer NOT NULL DEFAULT 1000,
	ADD COLUMN memory_mib integer NOT NULL DEFAULT 2048,
	ADD COLUMN placement jsonb NOT NULL DEFAULT '{}',
	ADD CONSTRAINT session_resources_are_bounded CHECK (millicores BETWEEN 1 AND 100000000 AND memory_mib BETWEEN 1 AND 100000000),
	ADD CONSTRAINT session_placement_is_an_object CHECK (jsonb_typeof(placement) = 'object');
COMMENT ON COLUMN streamspace_data.session.millicores IS 'Thousandths of a processor that the session may use, and that count against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.memory_mib IS 'Memory in MiB that the session may use, and that counts against quotas and the capacity of its agent';
COMMENT ON COLUMN streamspace_data.session.placement IS 'What the agent has to be: {platforms, region, labels, agent}; an absent key asks for nothing';

COMMIT;
