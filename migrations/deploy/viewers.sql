-- Deploy streamspace:viewers to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
