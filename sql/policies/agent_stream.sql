CREATE POLICY agent_stream_system ON streamspace_data.agent_stream TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_stream_report ON streamspace_data.agent_stream FOR SELECT TO streamspace_report USING (true);
