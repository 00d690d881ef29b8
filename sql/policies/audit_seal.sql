CREATE POLICY audit_seal_of_the_org ON streamspace_data.audit_seal FOR SELECT TO streamspace_definer
	USING (chain = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY audit_seal_system ON streamspace_data.audit_seal TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY audit_seal_report ON streamspace_data.audit_seal FOR SELECT TO streamspace_report USING (true);
