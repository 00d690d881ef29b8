CREATE POLICY request_system ON streamspace_data.request TO streamspace_system USING (true) WITH CHECK (true);
