-- By the superuser who installs; last of all, so that the installation itself leaves no rows.
CREATE EVENT TRIGGER streamspace_ddl_is_recorded ON ddl_command_end EXECUTE FUNCTION streamspace_rules.record_direct_ddl();
ALTER EVENT TRIGGER streamspace_ddl_is_recorded ENABLE ALWAYS;
CREATE EVENT TRIGGER streamspace_drop_is_recorded ON sql_drop EXECUTE FUNCTION streamspace_rules.record_direct_ddl();
ALTER EVENT TRIGGER streamspace_drop_is_recorded ENABLE ALWAYS;
