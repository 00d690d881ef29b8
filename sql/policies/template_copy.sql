CREATE POLICY template_copy_of_the_org ON streamspace_data.template_copy FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY template_copy_system ON streamspace_data.template_copy TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY template_copy_report ON streamspace_data.template_copy FOR SELECT TO streamspace_report USING (true);
