/* The inventory's array. Any thread that owns the inventory. */
#include "agent/driver.h"

#include <stdlib.h>

#define INVENTORY_MAX 100000

int driver_inventory_add(driver_inventory *inventory, const driver_object *object, ss_error *err)
{
	if (inventory->count >= INVENTORY_MAX)
		return ss_fail(err, "inventory_too_large", "more than %d objects", INVENTORY_MAX);
	if (inventory->count == inventory->room)
	{
		size_t room = inventory->room == 0 ? 64 : inventory->room * 2;
		driver_object *items = realloc(inventory->items, room * sizeof *items);
		if (items == NULL)
			return ss_fail(err, "out_of_memory", "no memory for an inventory of %zu", room);
		inventory->items = items;
		inventory->room = room;
	}
	inventory->items[inventory->count++] = *object;
	return 0;
}

void driver_inventory_done(driver_inventory *inventory)
{
	free(inventory->items);
	*inventory = (driver_inventory){0};
}
