CREATE POLICY signal_of_the_org ON streamspace_data.signal FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY signal_system ON streamspace_data.signal TO streamspace_system USING (true) WITH CHECK (true);
