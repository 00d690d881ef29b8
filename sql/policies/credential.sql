CREATE POLICY credential_of_the_org ON streamspace_data.credential TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer))
	WITH CHECK (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY credential_system ON streamspace_data.credential TO streamspace_system USING (true) WITH CHECK (true);
