CREATE POLICY cleanup_key_system ON streamspace_data.cleanup_key TO streamspace_system USING (true) WITH CHECK (true);
