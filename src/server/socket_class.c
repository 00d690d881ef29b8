/* socket_class: the table of paths. Pure; any thread. */
#include "server/socket_class.h"

#include <string.h>

const socket_path socket_paths[SOCKET_CLASSES] = {
	[SOCKET_AGENT] = {"/api/v1/agents/connect", DOOR_PUBLIC, "websocket"},
	[SOCKET_STREAM] = {"/api/v1/agents/stream", DOOR_PUBLIC, "websocket"},
	[SOCKET_VIEWER] = {"/api/v1/vnc/", DOOR_PUBLIC, "websocket"},
	[SOCKET_RELAY] = {"/api/v1/relay", DOOR_INTERNAL, "streamspace-relay"},
	[SOCKET_EVENTS] = {"/api/v1/events", DOOR_PUBLIC, "websocket"},
};

static bool fits(const socket_path *of, const char *path, size_t len)
{
	size_t n = strlen(of->path);

	if (of->path[n - 1] != '/')
		return len == n && memcmp(path, of->path, n) == 0;
	return len > n && memcmp(path, of->path, n) == 0 && !memchr(path + n, '/', len - n);
}

socket_class socket_class_find(const char *line, size_t len, door_side side)
{
	if (len < 4 || memcmp(line, "GET ", 4) != 0)
		return SOCKET_CLASSES;
	size_t end = 4;

	while (end < len && line[end] != ' ' && line[end] != '?')
		end++;
	for (int class = 0; class < SOCKET_CLASSES; class ++)
		if (socket_paths[class].side == side && fits(&socket_paths[class], line + 4, end - 4))
			return (socket_class) class;
	return SOCKET_CLASSES;
}
