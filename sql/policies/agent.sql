CREATE POLICY agent_is_read ON streamspace_data.agent FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY agent_system ON streamspace_data.agent TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_report ON streamspace_data.agent FOR SELECT TO streamspace_report USING (true);
