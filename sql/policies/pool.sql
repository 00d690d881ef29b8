CREATE POLICY pool_system ON streamspace_data.pool TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY pool_report ON streamspace_data.pool FOR SELECT TO streamspace_report USING (true);
