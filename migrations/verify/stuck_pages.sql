-- Verify streamspace:stuck_pages on pg
BEGIN;
SELECT 1 / count(*) FROM pg_class AS c WHERE c.oid = to_regclass('streamspace_data.session_of_agent_by_time');
SELECT 1 / count(*) FROM pg_index AS i WHERE i.indexrelid = to_regclass('streamspace_data.session_observed_differently') AND i.indnatts = 3;
ROLLBACK;
