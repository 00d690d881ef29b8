-- Deploy streamspace:collaboration to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
