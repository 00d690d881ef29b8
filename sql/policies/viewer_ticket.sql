CREATE POLICY viewer_ticket_system ON streamspace_data.viewer_ticket TO streamspace_system USING (true) WITH CHECK (true);
