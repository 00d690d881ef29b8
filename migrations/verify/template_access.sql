-- Verify streamspace:template_access on pg
BEGIN;
SELECT restricted, access_revision, deleted_at FROM streamspace_data.template WHERE false;
SELECT org_id, template_id, group_id FROM streamspace_data.template_group WHERE false;
SELECT org_id, template_id, source_org_id, source_template_id FROM streamspace_data.template_copy WHERE false;
SELECT parameters FROM streamspace_data.session WHERE false;
ROLLBACK;
