-- Deploy streamspace:template_access to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

COMMIT;
