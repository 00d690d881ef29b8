/* The agent's small parts: address, options, wire, outbox, memory of objects. */
#include "agent/objects.h"
#include "agent/options.h"
#include "agent/outbox.h"
#include "agent/url.h"
#include "agent/wire.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "tests/c/tap.h"

static void test_url(void)
{
	static const char *const wrong[] = {"", "ftp://a", "http://", "http://a:0", "http://a:65536",
		"http://a:x", "http://u@a", "http://a/?q", "http://a/#f", "http://a b", "https:/a",
		"http://[::1", "http://a:80x", "//a"};
	ss_error err = SS_ERROR_INIT;
	agent_url url;
	char text[1024];

	tap_ok(agent_url_parse("https://cp.example/base/", &url, &err) == 0 && url.tls &&
			   url.port == 443 && strcmp(url.host, "cp.example") == 0,
		"https, its port, a name");
	tap_is(url.prefix, "/base", "a prefix without the slash at its end");
	tap_is(agent_url_http(&url, "/x", text, sizeof text), "https://cp.example:443/base/x", "whole");
	tap_ok(agent_url_parse("ws://[::1]:8080", &url, &err) == 0 && !url.tls && url.port == 8080,
		"ws with an IPv6 address");
	tap_is(
		agent_url_http(&url, "/x", text, sizeof text), "http://[::1]:8080/x", "in brackets again");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_is_int(agent_url_parse(wrong[i], &url, &err), -1, "not an address: '%s'", wrong[i]);
}

static void test_options(void)
{
	char url[] = "http://127.0.0.1:1";
	char platform[] = "process";
	char dir[] = "/nowhere";
	char level[] = "info";
	char id[80] = "host-a";
	static const char *const wrong[] = {"ab", "1ab", "Host", "a_b", "a/b", "-ab"};
	ss_error err = SS_ERROR_INIT;
	agent_options options = {.control_plane_url = url,
		.agent_id = id,
		.platform = platform,
		.state_dir = dir,
		.log_level = level};

	tap_is_int(agent_options_check(&options, &err), 0, "good options");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
	{
		snprintf(id, sizeof id, "%s", wrong[i]);
		tap_is_int(agent_options_check(&options, &err), -1, "not an agent's id: %s", wrong[i]);
	}
	memset(id, 'a', 64);
	tap_is_int(agent_options_check(&options, &err), -1, "nor 64 characters");
	id[63] = '\0';
	tap_is_int(agent_options_check(&options, &err), 0, "63 are an id");
	platform[0] = 'x';
	tap_is_int(agent_options_check(&options, &err), -1, "a platform that there is not");
	tap_is(err.code, "invalid_option", "is an invalid option");
}

static void test_time(void)
{
	static const char *const wrong[] = {"", "2026", "2026-01-01", "2026-01-01T00:00:00",
		"2026-01-01T00:00:00+1", "2026-01-01T00:00:00Zx", "2026-1-01T00:00:00Z",
		"x026-01-01T00:00:00Z"};

	tap_is_int(wire_parse_time("1970-01-01T00:00:01Z"), 1000, "a second");
	tap_is_int(
		wire_parse_time("2026-11-23T17:00:00.123456+00:00"), 1795453200123LL, "microseconds");
	tap_is_int(wire_parse_time("2026-11-23T18:30:00+01:30"), 1795453200000LL, "east of UTC");
	tap_is_int(wire_parse_time("2026-11-23T15:30:00-01:30"), 1795453200000LL, "west of UTC");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_is_int(wire_parse_time(wrong[i]), -1, "no time: '%s'", wrong[i]);
}

static int parse(const char *text, wire_command **ret, ss_error *err)
{
	ss_envelope envelope = {0};

	if (ss_envelope_parse(text, strlen(text), 65536, &envelope, err) < 0)
		return -2;
	return wire_parse_command(&envelope, 0, "inst", ret, err);
}

#define COMMAND(id, action, object, more) \
	"{\"type\":\"command\",\"payload\":{\"commandId\":\"" id "\",\"action\":\"" action \
	"\",\"objectId\":\"" object "\"" more "}}"

static void test_command(void)
{
	static const struct
	{
		const char *text;
		const char *why;
	} wrong[] = {
		{COMMAND("", "start_session", "s-a", ",\"revision\":1,\"payload\":{}"), "no id"},
		{COMMAND("c", "dance", "s-a", ",\"revision\":1,\"payload\":{}"), "unknown action"},
		{COMMAND("c", "start_session", "../x", ",\"revision\":1,\"payload\":{}"), "a path"},
		{COMMAND("c", "start_session", "S-A", ",\"revision\":1,\"payload\":{}"), "capitals"},
		{COMMAND("c", "start_session", "s-a", ",\"revision\":-1,\"payload\":{}"), "negative"},
		{COMMAND("c", "start_session", "s-a", ",\"revision\":1.5,\"payload\":{}"), "a fraction"},
		{COMMAND("c", "start_session", "s-a", ",\"payload\":{}"), "no revision"},
		{COMMAND("c", "start_session", "s-a", ",\"revision\":1"), "no payload"},
		{COMMAND("c", "start_session", "s-a", ",\"revision\":1,\"payload\":[]"), "a list"},
	};
	ss_error err = SS_ERROR_INIT;
	wire_command *command = NULL;

	int result = parse(COMMAND("c-1", "hibernate_session", "s-a",
						   ",\"revision\":7,\"epoch\":9,\"deadline\":\"2026-01-01T00:00:00Z\","
						   "\"payload\":{\"x\":1},\"unknown\":true"),
		&command, &err);
	tap_is_int(result, 0, "a command with an unknown member");
	tap_ok(result == 0 && command->command.action == DRIVER_HIBERNATE &&
			   command->command.revision == 7 && command->command.epoch == 9 &&
			   strcmp(command->command.object_kind, "session") == 0 &&
			   strcmp(command->command.installation_id, "inst") == 0 &&
			   command->command.deadline_ms != 0,
		"is read");
	wire_command_free(command);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_is_int(parse(wrong[i].text, &command, &err), -1, "refused: %s", wrong[i].why);
	tap_is(err.detail, "c", "a refusal knows the command's id");
}

static void count_wake(void *ctx)
{
	++*(int *)ctx;
}

static char *take(outbox *box, outbox_kind *ret_kind)
{
	return outbox_take(box, ret_kind);
}

static void push(outbox *box, outbox_kind kind, const char *key, const char *text)
{
	outbox_push(box, kind, key, strdup(text));
}

static void expect(outbox *box, const char *wanted)
{
	outbox_kind kind;
	auto_free char *text = take(box, &kind);

	tap_is(text, wanted, "next is %s", wanted != NULL ? wanted : "nothing");
}

static void test_outbox(void)
{
	int woken = 0;
	outbox_kind kind;
	outbox *box = outbox_new(4, count_wake, &woken);

	push(box, OUTBOX_PASSING, NULL, "ack");
	tap_is_int((long long)outbox_len(box), 0, "without a connection an ack is not kept");
	push(box, OUTBOX_RESULT, "c-1", "r1");
	push(box, OUTBOX_OBSERVED, "s-1", "o1");
	push(box, OUTBOX_OBSERVED, "s-1", "o2");
	push(box, OUTBOX_OBSERVED, "s-2", "o3");
	tap_is_int((long long)outbox_len(box), 3, "of a session the latest observation is kept");
	push(box, OUTBOX_RESULT, "c-2", "r2");
	push(box, OUTBOX_RESULT, "c-3", "r3");
	tap_is_int((long long)outbox_len(box), 4, "never more than the bound");
	tap_is_int((long long)outbox_dropped(box), 1, "what was dropped is counted");
	expect(box, "r1");
	outbox_set_connected(box, true);
	push(box, OUTBOX_PASSING, NULL, "ack");
	char *text = outbox_take(box, &kind);
	outbox_untake(box, kind, text);
	expect(box, "o3");
	outbox_set_connected(box, false);
	expect(box, "r2");
	expect(box, "r3");
	expect(box, NULL);
	tap_ok(woken > 0, "the connection is woken");
	outbox_free(box);
}

static void note(objects *set, const char *id, int64_t revision, const char *state)
{
	driver_result result = {.revision = revision};

	snprintf(result.state, sizeof result.state, "%s", state);
	objects_note(set, "session", id, &result);
}

static void test_objects(void)
{
	objects *set = objects_new(3, 2);
	driver_result result = {0};
	driver_inventory list = {.complete = true};
	driver_object object = {.kind = "session", .id = "s-2", .revision = 9, .state = "running"};
	ss_error err = SS_ERROR_INIT;

	note(set, "s-1", 5, "running");
	note(set, "s-2", 1, "starting");
	tap_is_int(objects_active(set), 2, "two are active");
	tap_ok(objects_is_overtaken(set, "session", "s-1", 4, &result) && result.revision == 5,
		"an older revision is overtaken");
	tap_ok(!objects_is_overtaken(set, "session", "s-1", 5, &result), "the same is not");
	note(set, "s-1", 0, "failed");
	tap_ok(objects_is_overtaken(set, "session", "s-1", 4, &result) &&
			   strcmp(result.state, "failed") == 0,
		"an observation changes the state, not the revision");
	note(set, "s-3", 1, "hibernated");
	note(set, "s-4", 1, "running");
	tap_ok(!objects_is_overtaken(set, "session", "s-1", 4, &result),
		"the oldest idle one is forgotten");
	tap_ok(driver_inventory_add(&list, &object, &err) == 0, "an inventory");
	objects_note_inventory(set, &list);
	tap_is_int(objects_active(set), 1, "what it does not list is no longer active");
	driver_inventory_done(&list);

	objects_set_result(set, "c-1", "one");
	objects_set_result(set, "c-2", "two");
	objects_set_result(set, "c-3", "three");
	auto_free char *first = objects_result(set, "c-1");
	auto_free char *last = objects_result(set, "c-3");
	tap_ok(first == NULL, "the oldest result makes room");
	tap_is(last, "three", "the newest is there");
	objects_free(set);
}

int main(void)
{
	test_url();
	test_options();
	test_time();
	test_command();
	test_outbox();
	test_objects();
	return tap_done();
}
