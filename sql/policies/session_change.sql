CREATE POLICY session_change_of_the_org ON streamspace_data.session_change FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_change_is_written ON streamspace_data.session_change FOR INSERT TO streamspace_definer
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_change_system ON streamspace_data.session_change TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_change_report ON streamspace_data.session_change FOR SELECT TO streamspace_report USING (true);
