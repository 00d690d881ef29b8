/*
 * fault: named places where a test may kill the process.
 *
 * Compiled in only with SS_FAULTS (SAN=1, TSAN=1, FAULTS=1); a production build holds none.
 * STREAMSPACE_FAULT="name" kills at the first passage of ss_fault("name"), "name:N" at the Nth.
 * With STREAMSPACE_FAULT_ONCE=FILE it happens only if FILE does not exist, and FILE is created:
 * a restarted process passes, and removing FILE arms the point again, also in a running process.
 * Before the kill, stderr gets `fault point=name`. Any thread.
 */
#ifndef SS_COMMON_FAULT_H
#define SS_COMMON_FAULT_H

#ifdef SS_FAULTS
void ss_fault(const char *name);
#else
#define ss_fault(name) ((void)0)
#endif

#endif
