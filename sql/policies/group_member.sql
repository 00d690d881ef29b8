CREATE POLICY group_member_of_the_org ON streamspace_data.group_member TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY group_member_system ON streamspace_data.group_member TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY group_member_report ON streamspace_data.group_member FOR SELECT TO streamspace_report USING (true);
