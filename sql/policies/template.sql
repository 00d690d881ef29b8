CREATE POLICY template_of_the_org ON streamspace_data.template TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY template_system ON streamspace_data.template TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY template_report ON streamspace_data.template FOR SELECT TO streamspace_report USING (true);
