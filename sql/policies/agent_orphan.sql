CREATE POLICY agent_orphan_system ON streamspace_data.agent_orphan TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_orphan_report ON streamspace_data.agent_orphan FOR SELECT TO streamspace_report USING (true);
