/* YAML to cJSON by libyaml's event parser. Any thread. */
#include "agent/kube_yaml.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "common/cleanup.h"

#define DEPTH_MAX 32
#define NODES_MAX 20000

/* The containers that are open, innermost last, and the key that waits for its value in each. */
typedef struct yaml_reader
{
	yaml_parser_t parser;
	cJSON *open[DEPTH_MAX];
	char *key[DEPTH_MAX];
	int depth;
	int nodes;
	cJSON *root;
} yaml_reader;

static int fail_at(const yaml_reader *reader, ss_error *err, size_t line, const char *what)
{
	(void)reader;
	return ss_fail(err, "invalid_yaml", "line %zu: %s", line + 1, what);
}

/* Hands a finished node to the container that is open; the node is gone in any case. */
static int add_node(yaml_reader *reader, cJSON *node, size_t line, ss_error *err)
{
	if (node == NULL || ++reader->nodes > NODES_MAX)
	{
		cJSON_Delete(node);
		return fail_at(reader, err, line, node == NULL ? "no memory" : "too many nodes");
	}
	if (reader->depth == 0)
	{
		reader->root = node;
		return 0;
	}
	cJSON *parent = reader->open[reader->depth - 1];
	if (cJSON_IsArray(parent))
	{
		cJSON_AddItemToArray(parent, node);
		return 0;
	}
	char *key = reader->key[reader->depth - 1];
	reader->key[reader->depth - 1] = NULL;
	if (key == NULL || cJSON_GetObjectItemCaseSensitive(parent, key) != NULL)
	{
		free(key);
		cJSON_Delete(node);
		return fail_at(reader, err, line, key == NULL ? "a value without a key" : "a key twice");
	}
	cJSON_AddItemToObject(parent, key, node);
	free(key);
	return 0;
}

/* A scalar in a mapping is a key when none waits. */
static int take_scalar(yaml_reader *reader, const yaml_event_t *event, ss_error *err)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t line = event->start_mark.line;
	if (strlen(text) != event->data.scalar.length)
		return fail_at(reader, err, line, "a NUL character");
	if (reader->depth > 0 && cJSON_IsObject(reader->open[reader->depth - 1]) &&
		reader->key[reader->depth - 1] == NULL)
	{
		reader->key[reader->depth - 1] = strdup(text);
		return reader->key[reader->depth - 1] == NULL ? fail_at(reader, err, line, "no memory") : 0;
	}
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	cJSON *node;
	if (plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
		node = cJSON_CreateBool(text[0] == 't');
	else if (plain && (strcmp(text, "null") == 0 || strcmp(text, "~") == 0 || *text == '\0'))
		node = cJSON_CreateNull();
	else
		node = cJSON_CreateString(text);
	return add_node(reader, node, line, err);
}

static int open_container(yaml_reader *reader, bool mapping, size_t line, ss_error *err)
{
	if (reader->depth == DEPTH_MAX)
		return fail_at(reader, err, line, "too many levels");
	if (reader->depth > 0 && cJSON_IsObject(reader->open[reader->depth - 1]) &&
		reader->key[reader->depth - 1] == NULL)
		return fail_at(reader, err, line, "a key that is no scalar");
	cJSON *node = mapping ? cJSON_CreateObject() : cJSON_CreateArray();
	if (add_node(reader, node, line, err) < 0)
		return -1;
	reader->open[reader->depth] = node;
	reader->key[reader->depth] = NULL;
	reader->depth++;
	return 0;
}

/* 0: go on; 1: the document has ended. */
static int take_event(yaml_reader *reader, const yaml_event_t *event, ss_error *err)
{
	size_t line = event->start_mark.line;
	switch (event->type)
	{
	case YAML_SCALAR_EVENT:
		return take_scalar(reader, event, err);
	case YAML_MAPPING_START_EVENT:
		return open_container(reader, true, line, err);
	case YAML_SEQUENCE_START_EVENT:
		return open_container(reader, false, line, err);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		reader->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail_at(reader, err, line, "aliases are not accepted");
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		return 0;
	}
	return 0;
}

int kube_yaml_parse(const char *text, size_t len, cJSON **ret, ss_error *err)
{
	yaml_reader reader = {0};
	if (!yaml_parser_initialize(&reader.parser))
		return ss_fail(err, "out_of_memory", "no memory for a YAML parser");
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	int rc = 0;
	while (rc == 0)
	{
		yaml_event_t event;
		if (!yaml_parser_parse(&reader.parser, &event))
		{
			rc = fail_at(&reader, err, reader.parser.problem_mark.line,
				reader.parser.problem != NULL ? reader.parser.problem : "not YAML");
			break;
		}
		rc = take_event(&reader, &event, err);
		yaml_event_delete(&event);
	}
	if (rc == 1 && reader.root == NULL)
		rc = ss_fail(err, "invalid_yaml", "the document is empty");
	for (int i = 0; i < reader.depth; i++)
		free(reader.key[i]);
	yaml_parser_delete(&reader.parser);
	if (rc < 0)
	{
		cJSON_Delete(reader.root);
		return -1;
	}
	*ret = reader.root;
	return 0;
}
