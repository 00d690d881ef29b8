CREATE POLICY credential_use_of_the_org ON streamspace_data.credential_use FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY credential_use_system ON streamspace_data.credential_use TO streamspace_system USING (true) WITH CHECK (true);
