-- Deploy streamspace:lifecycle to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
