CREATE POLICY org_of_the_org ON streamspace_data.org FOR SELECT TO streamspace_definer
	USING (org_id = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY org_system ON streamspace_data.org TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY org_report ON streamspace_data.org FOR SELECT TO streamspace_report USING (true);
