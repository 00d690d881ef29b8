/*
 * agent_conn: one connected agent. Loop thread only, all of it.
 *
 * Life: opened with an admitted offer and registered at once, so that it fences off its
 * predecessor; established when the handshake is done; shut when we want it to end (from then on
 * it hears nothing and is in no register); freed when libwebsockets destroys the socket.
 */
#ifndef STREAMSPACE_SERVER_AGENT_CONN_H
#define STREAMSPACE_SERVER_AGENT_CONN_H

#include "common/strbuf.h"
#include "server/agent_admit.h"
#include "server/agent_frame.h"
#include "server/agent_inflight.h"
#include "server/agent_owner.h"
#include "server/agent_registry.h"
#include "server/socket_admit.h"

/* Why nothing is read from an agent at the moment. */
enum
{
	AGENT_HOLD_INFLIGHT = 1, /* too much of its own waits to be written */
	AGENT_HOLD_BACKLOG = 2,  /* too much of everybody's does */
	AGENT_HOLD_RATE = 4,     /* it sends too fast */
	AGENT_HOLD_CLAIM = 8,    /* it would answer what is not yet marked as sent */
};

/* An inventory while its chunks arrive; see agent_inventory.c. */
typedef struct agent_inventory
{
	ss_strbuf json;
	bool open;
	long long next_chunk;
	long long objects;
	long long counted; /* bytes that stand in dispatch.inventory_used */
	long long requested_ms;
} agent_inventory;

typedef struct agent_conn
{
	dispatch *d;
	struct lws *wsi; /* NULL until adopted */
	agent_owner *owner;
	agent_entry entry;
	socket_owner socket;
	bool live; /* registered */
	bool established;
	bool closing;
	int heartbeat_seconds;
	char installation[64];
	long long opened_ms;
	long long heard_ms; /* last time that anything arrived */
	long long pinged_ms;
	long long close_by_ms; /* 0: none; when passed, it is shut as going away */
	/* receiving */
	char *rx;
	size_t rx_len;
	size_t rx_capacity;
	unsigned holds;
	long long claim_by_ms; /* AGENT_HOLD_CLAIM ends then, whatever the claim does */
	double tokens;
	long long tokens_ms;
	agent_inventory inventory;
	/* sending */
	agent_frame *out_head;
	agent_frame *out_tail;
	long long out_frames;
	size_t out_bytes;
	bool ping_due;
	unsigned ping_serial; /* payload of the last ping */
	agent_inflight commands;
	/* newcomers that wait to hear whether this one lives */
	agent_offer *waiting;
	int waiting_count;
	unsigned probe_serial;
	long long probe_by_ms;
	/* what the peer is told at the end */
	int close_code;
	char close_reason[AGENT_REASON_SIZE];
} agent_conn;

/* Makes a connection of an admitted offer and gives its socket to libwebsockets. Consumes it. */
void agent_conn_open(dispatch *d, agent_offer *offer);

/* The handshake is done: welcome (v3), and commands may come. */
void agent_conn_establish(agent_conn *conn);

/* Queues a frame. When too much waits, a command is left to its lease, and an agent that makes us
 * answer more than it reads is cut off. Consumes it; NULL (no memory) cuts it off too. */
void agent_conn_send(agent_conn *conn, agent_frame *frame);

/* Writes what is due. -1: close now. */
int agent_conn_write(agent_conn *conn) SS_MUST_CHECK;

/* A piece of a message. -1: close now. */
int agent_conn_receive(agent_conn *conn, const char *data, size_t len) SS_MUST_CHECK;

void agent_conn_hear_pong(agent_conn *conn, const void *data, size_t len);

/*
 * Ends it: out of the register, disconnect recorded after all it has said, a v3 agent is told
 * goaway, close frame with code (RFC 6455, 7.4) and reason. Idempotent.
 */
void agent_conn_shut(agent_conn *conn, int code, const char *reason);

/* Says goaway and shuts it soon, when the agent has not closed itself. */
void agent_conn_say_goodbye(agent_conn *conn, long long now_ms, int grace_ms);

/* The socket is closed. */
void agent_conn_lose(agent_conn *conn, const char *reason);

/* The socket is destroyed: the last call. */
void agent_conn_destroy(agent_conn *conn);

/* A newcomer wants its place: ping, and let the offer wait for the pong. Consumes it. */
void agent_conn_probe(agent_conn *conn, agent_offer *offer);

/* Time-outs of all kinds; called a few times a second. */
void agent_conn_tick(agent_conn *conn, long long now_ms);

/* Between sending a command and the end of its claim nothing is read, for a second at most. */
void agent_conn_await_claim(agent_conn *conn);
void agent_conn_claimed(agent_conn *conn);

/* Reads again if nothing holds it any more. */
void agent_conn_review_holds(agent_conn *conn, long long now_ms);

#endif
