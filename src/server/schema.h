/* schema: which database this program was built for. Any thread. */
#ifndef STREAMSPACE_SERVER_SCHEMA_H
#define STREAMSPACE_SERVER_SCHEMA_H

/* The last change of migrations/sqitch.plan at build time. */
const char *schema_expected(void);

#endif
