CREATE POLICY session_of_the_org ON streamspace_data.session TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_system ON streamspace_data.session TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_report ON streamspace_data.session FOR SELECT TO streamspace_report USING (true);
