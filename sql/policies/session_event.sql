CREATE POLICY session_event_of_the_org ON streamspace_data.session_event FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_event_is_written ON streamspace_data.session_event FOR INSERT TO streamspace_definer
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY session_event_system ON streamspace_data.session_event TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY session_event_report ON streamspace_data.session_event FOR SELECT TO streamspace_report USING (true);
