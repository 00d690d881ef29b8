-- Verify streamspace:requests on pg
BEGIN;
SELECT r.request_id, r.request_hash, r.answer FROM streamspace_data.request AS r WHERE false;
ROLLBACK;
