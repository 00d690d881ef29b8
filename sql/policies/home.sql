CREATE POLICY home_of_the_org ON streamspace_data.home TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY home_system ON streamspace_data.home TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY home_report ON streamspace_data.home FOR SELECT TO streamspace_report USING (true);
