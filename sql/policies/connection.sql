CREATE POLICY connection_of_the_org ON streamspace_data.connection TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY connection_system ON streamspace_data.connection TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY connection_report ON streamspace_data.connection FOR SELECT TO streamspace_report USING (true);
