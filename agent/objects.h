/*
 * objects: what the agent last knew of each object, and the results of the latest commands.
 *
 * The memory that makes a repeated or an overtaken command harmless without asking the driver.
 * It is bounded and may forget: what it does not know, the driver's own record decides. Any
 * thread.
 */
#ifndef AGENT_OBJECTS_H
#define AGENT_OBJECTS_H

#include "agent/driver.h"

typedef struct objects objects;

objects *objects_new(size_t max_objects, size_t max_results) SS_MUST_CHECK;
void objects_free(objects *set);

/*
 * True and *ret filled with the present state when a command of a higher revision than
 * `revision` was already done for that object.
 */
bool objects_is_overtaken(
	objects *set, const char *kind, const char *id, int64_t revision, driver_result *ret);

/* A command was done, or (revision 0) a state was seen. */
void objects_note(objects *set, const char *kind, const char *id, const driver_result *result);

/* Takes an inventory in: sessions that it does not list no longer count as active. */
void objects_note_inventory(objects *set, const driver_inventory *inventory);

/* Sessions that are starting or running. */
long long objects_active(objects *set);

/* The stored message of a command's result, malloc'd; NULL: not known. */
char *objects_result(objects *set, const char *command_id);
void objects_set_result(objects *set, const char *command_id, const char *text);

#endif
