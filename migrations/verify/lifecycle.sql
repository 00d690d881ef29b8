-- Verify streamspace:lifecycle on pg
BEGIN;
SELECT s.revision, s.agent_revision FROM streamspace_data.session AS s WHERE false;
ROLLBACK;
