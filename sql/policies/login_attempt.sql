CREATE POLICY login_attempt_system ON streamspace_data.login_attempt TO streamspace_system USING (true) WITH CHECK (true);
