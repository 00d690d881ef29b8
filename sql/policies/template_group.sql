CREATE POLICY template_group_of_the_org ON streamspace_data.template_group TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY template_group_system ON streamspace_data.template_group TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY template_group_report ON streamspace_data.template_group FOR SELECT TO streamspace_report USING (true);
