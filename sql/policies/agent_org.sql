CREATE POLICY agent_org_system ON streamspace_data.agent_org TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_org_report ON streamspace_data.agent_org FOR SELECT TO streamspace_report USING (true);
