/*
 * identity: what this agent is across restarts: its key, and whose installation it serves.
 *
 * state_dir/agent.key (0600) holds 64 hex digits, made once from the kernel's random source; only
 * their SHA-256 ever leaves this host, in the registration. The key itself stands in the header
 * of the agent's own connections. With the option identity_secret it stands in that Secret instead
 * (identity_secret.h), and survives the directory.
 * Main thread before others start; constant after that, except
 * the installation (connection thread).
 */
#ifndef AGENT_IDENTITY_H
#define AGENT_IDENTITY_H

#include <stdbool.h>

#include "agent/driver.h"
#include "agent/options.h"
#include "common/crypto.h"
#include "common/error.h"

typedef struct agent_identity
{
	int dir_fd;  /* state_dir; -1 = not open */
	int lock_fd; /* state_dir/agent.lock: one agent a directory */
	char key[SS_HEX_SIZE];
	char hash[SS_HEX_SIZE]; /* SHA-256 of the key's text */
	char instance_id[33];   /* of this process */
	bool registered;        /* the control plane took this key's hash once */
	char installation_id[DRIVER_INSTALLATION_SIZE]; /* "" until the first welcome */
} agent_identity;

#define AGENT_IDENTITY_INIT \
	{ \
		.dir_fd = -1, .lock_fd = -1 \
	}

/*
 * Makes the directory (0700) and the key if missing and takes the directory's lock. Codes:
 * state_dir_in_use, state_dir_unsafe (others may enter it), key_invalid, internal.
 */
int agent_identity_open(
	const agent_options *options, agent_identity *ret, ss_error *err) SS_MUST_CHECK;
void agent_identity_done(agent_identity *identity);

/* Remembers that the registration succeeded. */
int agent_identity_set_registered(agent_identity *identity, ss_error *err) SS_MUST_CHECK;

/*
 * Remembers the installation of the first welcome. -1 installation_changed: another control plane
 * answers; its commands must not touch what belongs to the first.
 */
int agent_identity_set_installation(
	agent_identity *identity, const char *id, ss_error *err) SS_MUST_CHECK;

/* Reads a file that holds one key of 64 hex digits. Codes: key_invalid, internal. */
int agent_identity_read_key(const char *path, char ret[SS_HEX_SIZE], ss_error *err) SS_MUST_CHECK;

#endif
