CREATE POLICY pool_slot_system ON streamspace_data.pool_slot TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY pool_slot_report ON streamspace_data.pool_slot FOR SELECT TO streamspace_report USING (true);
