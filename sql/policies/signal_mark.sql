CREATE POLICY signal_mark_is_read ON streamspace_data.signal_mark FOR SELECT TO streamspace_definer USING (true);
CREATE POLICY signal_mark_system ON streamspace_data.signal_mark TO streamspace_system USING (true) WITH CHECK (true);
