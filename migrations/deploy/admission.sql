-- Deploy streamspace:admission to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
