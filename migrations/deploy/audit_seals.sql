-- Deploy streamspace:audit_seals to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
