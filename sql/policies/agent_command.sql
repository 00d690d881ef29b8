CREATE POLICY agent_command_of_the_org ON streamspace_data.agent_command TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY agent_command_system ON streamspace_data.agent_command TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY agent_command_report ON streamspace_data.agent_command FOR SELECT TO streamspace_report USING (true);
