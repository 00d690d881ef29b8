CREATE POLICY policy_of_the_org ON streamspace_data.policy TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY policy_system ON streamspace_data.policy TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY policy_report ON streamspace_data.policy FOR SELECT TO streamspace_report USING (true);
