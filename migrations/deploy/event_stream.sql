-- Deploy streamspace:event_stream to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
