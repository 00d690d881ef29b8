-- Verify streamspace:doorbell on pg
BEGIN;
SELECT d.replica, d.awake_until FROM streamspace_data.doorbell AS d WHERE false;
ROLLBACK;
