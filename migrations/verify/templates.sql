-- Verify streamspace:templates on pg
BEGIN;
SELECT t.org_id, t.name, t.revision FROM streamspace_data.template AS t WHERE false;
SELECT r.revision, r.spec, r.platforms FROM streamspace_data.template_revision AS r WHERE false;
ROLLBACK;
