CREATE POLICY agent_token_system ON streamspace_data.agent_token TO streamspace_system USING (true) WITH CHECK (true);
