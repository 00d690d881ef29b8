CREATE POLICY agent_heartbeat_is_read ON streamspace_data.agent_heartbeat FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY agent_heartbeat_system ON streamspace_data.agent_heartbeat TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_heartbeat_report ON streamspace_data.agent_heartbeat FOR SELECT TO streamspace_report USING (true);
