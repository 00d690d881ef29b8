CREATE POLICY agent_load_is_read ON streamspace_data.agent_load FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY agent_load_system ON streamspace_data.agent_load TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_load_report ON streamspace_data.agent_load FOR SELECT TO streamspace_report USING (true);
