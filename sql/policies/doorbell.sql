CREATE POLICY doorbell_system ON streamspace_data.doorbell TO streamspace_system USING (true) WITH CHECK (true);
