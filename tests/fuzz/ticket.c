/*
 * ticket: the head of a request for a WebSocket, from the first look of the door to the ticket in
 * its query. Input: the head, as the client sends it.
 */
#include "tests/fuzz/fuzz.h"

#include "server/door_request.h"
#include "server/socket_head.h"

#define TICKET_SIZE 65 /* 64 hexadecimal digits */

static void check_inside(socket_text t, const char *head, size_t len)
{
	FUZZ_CHECK(t.at == NULL || (t.at >= head && t.at + t.len <= head + len));
}

static void check_query(const socket_head *head)
{
	static const char *const names[] = {"ticket", "agent_id", "since"};
	char value[TICKET_SIZE];
	ss_error err = SS_ERROR_INIT;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		if (socket_head_query(head, names[i], value, sizeof value, &err) != 0)
			continue;
		FUZZ_CHECK(head->query.at != NULL && value[0] != '\0' && strlen(value) < sizeof value);
		FUZZ_CHECK(memmem(head->query.at, head->query.len, names[i], strlen(names[i])) != NULL);
		for (const char *at = value; *at; at++)
			FUZZ_CHECK(*at > ' ' && *at < 127);
	}
}

static void check_head(const char *text, size_t len, const char *upgrade)
{
	socket_head head;
	ss_error err = SS_ERROR_INIT;
	char copy[128];

	if (socket_head_parse(text, len, upgrade, &head, &err) != 0)
	{
		FUZZ_CHECK(err.code[0] != '\0');
		return;
	}
	FUZZ_CHECK(memcmp(text, "GET ", 4) == 0);
	check_inside(head.path, text, len);
	check_inside(head.query, text, len);
	for (int i = 0; i < SOCKET_FIELDS; i++)
	{
		check_inside(head.field[i], text, len);
		if (socket_head_copy(&head, (socket_field)i, copy, sizeof copy) == 0)
			FUZZ_CHECK(strlen(copy) == head.field[i].len);
	}
	FUZZ_CHECK(socket_head_lists(&head, SOCKET_FIELD_UPGRADE, upgrade));
	check_query(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size < DOOR_HEAD_MAX ? size : DOOR_HEAD_MAX;
	char *text = malloc(len ? len : 1); /* no NUL: nothing may count on one */
	FUZZ_CHECK(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	for (int side = DOOR_PUBLIC; side <= DOOR_INTERNAL; side++)
	{
		size_t head_len = 0;
		socket_class class = SOCKET_CLASSES;
		if (door_classify(text, len, (door_side)side, &head_len, &class) != DOOR_SOCKET)
			continue;
		FUZZ_CHECK(head_len > 0 && head_len <= len && class < SOCKET_CLASSES);
		check_head(text, head_len, socket_paths[class].upgrade);
	}
	check_head(text, len, "websocket");
	free(text);
	return 0;
}
