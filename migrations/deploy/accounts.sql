-- Deploy streamspace:accounts to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
