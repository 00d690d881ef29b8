-- Deploy streamspace:homes to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
