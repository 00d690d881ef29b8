CREATE POLICY login_address_system ON streamspace_data.login_address TO streamspace_system USING (true) WITH CHECK (true);
