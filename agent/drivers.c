/* The list of drivers. Any thread. */
#include <string.h>

#include "agent/driver.h"

static const driver_ops *const drivers[] = {
	&driver_process,
	&driver_kubernetes,
};

const driver_ops *driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
	{
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	}
	return NULL;
}
