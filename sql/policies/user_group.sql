CREATE POLICY user_group_of_the_org ON streamspace_data.user_group TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY user_group_system ON streamspace_data.user_group TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY user_group_report ON streamspace_data.user_group FOR SELECT TO streamspace_report USING (true);
