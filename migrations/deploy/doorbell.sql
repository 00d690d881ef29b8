-- Deploy streamspace:doorbell to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
