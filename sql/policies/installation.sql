CREATE POLICY installation_is_read ON streamspace_data.installation FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY installation_system ON streamspace_data.installation TO streamspace_system USING (true) WITH CHECK (true);
CREATE POLICY installation_report ON streamspace_data.installation FOR SELECT TO streamspace_report USING (true);
