CREATE POLICY home_location_of_the_org ON streamspace_data.home_location TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY home_location_system ON streamspace_data.home_location TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY home_location_report ON streamspace_data.home_location FOR SELECT TO streamspace_report USING (true);
