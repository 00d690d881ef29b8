CREATE POLICY session_schedule_of_the_org ON streamspace_data.session_schedule TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_schedule_system ON streamspace_data.session_schedule TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_schedule_report ON streamspace_data.session_schedule FOR SELECT TO streamspace_report USING (true);
