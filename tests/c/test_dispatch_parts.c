/*
 * The parts of the dispatcher that need no socket and no database: the request head of an agent,
 * the order of writes, the register of connected agents, commands under way.
 */
#include "common/cleanup.h"
#include "server/agent_head.h"
#include "server/agent_inflight.h"
#include "server/agent_registry.h"
#include "server/write_plan.h"
#include "tests/c/tap.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UPGRADE \
	"Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
#define AT(query) "GET /api/v1/agents/connect" query " HTTP/1.1\r\n"

static void expect_head(const char *text, const char *code, const char *what)
{
	ss_error err = SS_ERROR_INIT;
	agent_head head = {0};
	int rc = agent_head_parse(text, strlen(text), &head, &err);

	if (code)
	{
		tap_ok(rc == -1 && head.agent[0] == '\0', "%s is refused", what);
		tap_is(err.code, code, "%s is %s", what, code);
	}
	else
		tap_ok(rc == 0, "%s is accepted", what);
}

static void test_heads(void)
{
	ss_error err = SS_ERROR_INIT;
	agent_head head = {0};
	static const char good[] =
		AT("?x=1&agent_id=a%2Db&instance_id=i-1&flag") "Host: x\r\n" UPGRADE
													   "X-AGENT-API-KEY:  " KEY "\t\r\n\r\n";

	tap_is_int(agent_head_parse(good, strlen(good), &head, &err), 0, "a good head is parsed");
	tap_is(head.agent, "a-b", "the agent is decoded");
	tap_is(head.instance, "i-1", "so is the instance");
	tap_is(head.key_hash, "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e",
		"the key is hashed as it was sent");
	expect_head(AT("?agent_id=a") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n", NULL, "no instance");
	expect_head(AT("?agent_id=a") UPGRADE "\r\n", "unauthorized", "no key");
	expect_head(
		AT("?agent_id=a") UPGRADE "X-Agent-API-Key: x\r\n\r\n", "unauthorized", "a short key");
	expect_head(AT("?agent_id=a") UPGRADE "X-Agent-API-Key: " KEY "\r\nx-agent-api-key: " KEY
										  "\r\n\r\n",
		"invalid_argument", "two keys");
	expect_head(AT("") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n", "missing_field", "no query");
	expect_head(AT("?agent_id=") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n", "invalid_argument",
		"an empty agent");
	expect_head(AT("?agent_id=a&agent_id=b") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n",
		"invalid_argument", "two agents");
	expect_head(AT("?agent_id=%4") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n", "invalid_argument",
		"half an escape");
	expect_head(AT("?agent_id=%0a") UPGRADE "X-Agent-API-Key: " KEY "\r\n\r\n", "invalid_argument",
		"a newline in the agent");
	expect_head("POST /x?agent_id=a HTTP/1.1\r\n\r\n", "method_not_allowed", "POST");
	expect_head("GET /x?agent_id=a HTTP/1.0\r\n\r\n", "upgrade_required", "HTTP/1.0");
	expect_head("GET\r\n\r\n", "method_not_allowed", "no target");
	expect_head(
		AT("?agent_id=a") "Upgrade: websocket\r\n\r\n", "upgrade_required", "no Connection");
	expect_head(AT("?agent_id=a") "Upgrade : websocket\r\n\r\n", "invalid_argument",
		"a blank before the colon");
	expect_head(AT("?agent_id=a") "A: b\r\n c\r\n\r\n", "invalid_argument", "a folded line");
	expect_head(AT("?agent_id=a") "A: b\nC: d\r\n\r\n", "invalid_argument", "a bare newline");
	expect_head(AT("?agent_id=a") UPGRADE "X-Agent-API-Key: " KEY "\r\n", "invalid_argument",
		"no empty line");
	expect_head(AT("?agent_id=a") UPGRADE "Content-Length: 1\r\nX-Agent-API-Key: " KEY "\r\n\r\n",
		"invalid_argument", "a body");
}

static write_item *make_item(agent_owner *owner, write_kind kind, const char *object)
{
	write_item *item = calloc(1, sizeof(*item));

	item->kind = kind;
	item->owner = owner;
	item->object = object ? agent_inflight_hash(object) : 0;
	return item;
}

/* Where an item of the plan stands; -1: nowhere. */
static int stage_of(const write_plan *plan, const write_item *item)
{
	for (int stage = 0; stage < WRITE_STAGES; stage++)
		for (const write_item *i = plan->step[stage][item->kind].head; i; i = i->next)
			if (i == item)
				return stage;
	return -1;
}

static void free_plan(write_plan *plan)
{
	for (int stage = 0; stage < WRITE_STAGES; stage++)
		for (int kind = 0; kind < WRITE_KINDS; kind++)
			for (write_item *item; (item = write_list_shift(&plan->step[stage][kind]));)
				free(item);
}

static void test_order(void)
{
	write_plan plan = {0};
	write_list pending = {0};
	agent_owner *a = agent_owner_new("a", 1, 3), *b = agent_owner_new("b", 1, 3);
	write_item *item[9] = {
		make_item(a, WRITE_RESULT, "s1"),
		make_item(a, WRITE_OBSERVED, "s1"),
		make_item(a, WRITE_OBSERVED, "s2"),
		make_item(a, WRITE_RESULT, "s2"),
		make_item(a, WRITE_ACK, NULL),
		make_item(b, WRITE_OBSERVED, "s3"),
		make_item(a, WRITE_RESULT, NULL),
		make_item(a, WRITE_OBSERVED, "s2"),
		make_item(a, WRITE_DISCONNECT, NULL),
	};

	for (size_t i = 0; i < 9; i++)
		write_list_append(&pending, item[i]);
	write_plan_make(&plan, &pending);
	tap_is_int(pending.count, 0, "all items are planned");
	tap_is_int(stage_of(&plan, item[0]), 0, "a first result is written first");
	tap_is_int(stage_of(&plan, item[1]), 1, "an observation behind a result of its session waits");
	tap_is_int(stage_of(&plan, item[2]), 0, "one of another session does not");
	tap_is_int(stage_of(&plan, item[3]), 0, "a result behind an observation is of the same stage");
	tap_is_int(stage_of(&plan, item[4]), 0, "an ack may pass");
	tap_is_int(stage_of(&plan, item[5]), 0, "another agent has an order of its own");
	tap_is_int(stage_of(&plan, item[6]), 1, "a result of who knows what waits for everything");
	tap_is_int(stage_of(&plan, item[7]), 2, "and everything waits for it");
	tap_is_int(stage_of(&plan, item[8]), 2, "the end comes last");
	free_plan(&plan);
	agent_owner_unref(a);
	agent_owner_unref(b);
}

static void test_share(void)
{
	write_plan plan = {0};
	write_list pending = {0};
	agent_owner *loud = agent_owner_new("loud", 1, 3), *quiet = agent_owner_new("quiet", 1, 3);
	long long rounds = 0;

	for (int i = 0; i < 2000; i++)
		write_list_append(&pending, make_item(loud, i % 2 ? WRITE_OBSERVED : WRITE_RESULT, "s"));
	write_item *last = make_item(quiet, WRITE_RESULT, "t");

	write_list_append(&pending, last);
	write_plan_make(&plan, &pending);
	tap_is_int(stage_of(&plan, last), 0, "a flood of one agent does not keep another waiting");
	tap_ok(pending.count > 0 && pending.count < 2000, "the rest of the flood waits for its turn");
	while (pending.count > 0 && rounds++ < 2000)
	{
		free_plan(&plan);
		write_plan_make(&plan, &pending);
	}
	tap_is_int(pending.count, 0, "and comes to an end");
	free_plan(&plan);
	agent_owner_unref(loud);
	agent_owner_unref(quiet);
}

static void test_registry(void)
{
	agent_registry *registry = agent_registry_new();
	agent_entry first = {.agent = "a", .epoch = 1}, second = {.agent = "a", .epoch = 2};
	auto_free char *json = NULL;
	int rc = -1;

	tap_ok(agent_registry_add(registry, &first, &rc) == NULL && rc == 0, "an agent is added");
	tap_ok(
		agent_registry_add(registry, &second, &rc) == &first && rc == 0, "a newer one replaces it");
	agent_registry_add(registry, &first, &rc);
	tap_is_int(rc, -1, "an older one does not come back");
	tap_ok(!agent_registry_remove(registry, &first), "the end of the old one removes nothing");
	tap_ok(agent_registry_find(registry, "a") == &second, "the new one is there");
	tap_is_int(agent_registry_collect(registry, true, &json), 1, "who is not ready gets nothing");
	agent_registry_set_eligible(registry, &second, true);
	tap_is_int(
		agent_registry_collect(registry, false, &json), 0, "who becomes ready counts as rung");
	tap_is(json, "[{\"agent\":\"a\",\"epoch\":2}]", "with its epoch");
	free(ss_steal_ptr(json));
	tap_is_int(agent_registry_collect(registry, false, &json), 1, "once");
	tap_ok(agent_registry_ring(registry, "a") && !agent_registry_ring(registry, "b"),
		"a ring finds it");
	tap_is_int(agent_registry_collect(registry, false, &json), 0, "and it is collected again");
	tap_ok(agent_registry_remove(registry, &second), "its end removes it");
	tap_is_int(agent_registry_count(registry), 0, "nobody is left");
	agent_registry_free(registry);
}

static void test_inflight(void)
{
	agent_inflight table = {0};

	for (unsigned i = 1; i <= 10000; i++)
		agent_inflight_add(&table, i, i * 2);
	tap_is_int(agent_inflight_take(&table, 100), 200, "a command under way is found");
	tap_is_int(agent_inflight_take(&table, 100), 0, "once");
	tap_is_int(agent_inflight_take(&table, 9999), 0, "beyond the bound none is kept");
	agent_inflight_done(&table);
}

int main(void)
{
	test_heads();
	test_order();
	test_share();
	test_registry();
	test_inflight();
	return tap_done();
}
