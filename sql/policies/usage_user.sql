CREATE POLICY usage_user_of_the_org ON streamspace_data.usage_user TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY usage_user_system ON streamspace_data.usage_user TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY usage_user_report ON streamspace_data.usage_user FOR SELECT TO streamspace_report USING (true);
