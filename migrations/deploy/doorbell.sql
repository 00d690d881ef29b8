-- Deploy streamspace:doorbell to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

CREATE UNLOGGED TABLE streamspace_data.doorbell (
	replica text COLLATE "C" NOT NULL,
	awake_until timestamptz NOT NULL,
	CONSTRAINT doorbell_pkey PRIMARY KEY (replica),
	CONSTRAINT doorbell_replica_is_short CHECK (length(replica) <= 200)
) WITH (fillfactor = 20);
COMMENT ON TABLE streamspace_data.doorbell IS
	'Servers that look for commands by themselves and need no notification; a server without a row, or past its time, is asleep. Empty after a crash of the database, when everybody is rung';
COMMENT ON COLUMN streamspace_data.doorbell.awake_until IS 'End of the lease: a server that was killed is rung from then on (and nobody hears it)';

ALTER TABLE streamspace_data.doorbell ENABLE ROW LEVEL SECURITY;

COMMIT;
