CREATE POLICY audit_log_of_the_org ON streamspace_data.audit_log FOR SELECT TO streamspace_definer
	USING (coalesce(org_id, 0) = (SELECT nullif(current_setting('streamspace.org', true), '')::integer));
CREATE POLICY audit_log_system ON streamspace_data.audit_log TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY audit_log_report ON streamspace_data.audit_log FOR SELECT TO streamspace_report USING (true);
