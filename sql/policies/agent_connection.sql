CREATE POLICY agent_connection_system ON streamspace_data.agent_connection TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_connection_report ON streamspace_data.agent_connection FOR SELECT TO streamspace_report USING (true);
