-- Installed once into a test database by tests/bin/run-sql and tests/isolation/race.py.
\set ON_ERROR_STOP on
CREATE SCHEMA tap;
CREATE EXTENSION pgtap SCHEMA tap;
CREATE EXTENSION plpgsql_check SCHEMA tap;
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA tap, t TO PUBLIC;
\ir world.sql
\ir clock.sql
\ir calls.sql
\ir lint.sql
\ir transitions.sql
\ir scale.sql
\copy t.system_function FROM PROGRAM 'sed -e "s/#.*//" -e "s/[[:space:]]//g" -e "/^$/d" sql/system_functions.txt'
