CREATE POLICY audit_horizon_is_read ON streamspace_data.audit_horizon FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY audit_horizon_system ON streamspace_data.audit_horizon TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY audit_horizon_report ON streamspace_data.audit_horizon FOR SELECT TO streamspace_report USING (true);
