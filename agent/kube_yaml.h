/*
 * kube_yaml: a YAML document as cJSON, for kubeconfig files.
 *
 * One document; mappings, sequences and scalars. Plain true/false/null become JSON's, every other
 * scalar stays text (no number in a kubeconfig is ours to read). Aliases, merge keys, a key twice,
 * more than 32 levels or 20,000 nodes are errors. Any thread.
 */
#ifndef AGENT_KUBE_YAML_H
#define AGENT_KUBE_YAML_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "common/error.h"

/* *ret is the caller's. Code: invalid_yaml, with the line in the message. */
int kube_yaml_parse(const char *text, size_t len, cJSON **ret, ss_error *err) SS_MUST_CHECK;

#endif
