CREATE POLICY audit_mark_of_the_org ON streamspace_data.audit_mark FOR SELECT TO streamspace_definer
	USING (chain = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY audit_mark_system ON streamspace_data.audit_mark TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY audit_mark_report ON streamspace_data.audit_mark FOR SELECT TO streamspace_report USING (true);
