/* The process driver's parts that need no sandbox: quantities, templates, records, trees. */
#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "tests/c/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void test_quantities(void)
{
	tap_is_int(process_parse_memory("2Gi"), 2147483648LL, "2Gi");
	tap_is_int(process_parse_memory("512M"), 512000000LL, "512M");
	tap_is_int(process_parse_memory("0.5Gi"), 536870912LL, "0.5Gi");
	tap_is_int(process_parse_memory("1073741824"), 1073741824LL, "bytes");
	tap_is_int(process_parse_memory("2GB"), -1, "2GB is none");
	tap_is_int(process_parse_memory("-1"), -1, "-1 is none");
	tap_is_int(process_parse_memory("1.2.3"), -1, "1.2.3 is none");
	tap_is_int(process_parse_memory("999999999999999Ti"), -1, "too much is none");
	tap_is_int(process_parse_cpu("1500m"), 1500, "1500m");
	tap_is_int(process_parse_cpu("0.5"), 500, "half a processor");
	tap_is_int(process_parse_cpu("2x"), -1, "2x is none");
	tap_ok(process_id_valid("s-0abc"), "a session's id");
	tap_ok(!process_id_valid("../x") && !process_id_valid("") && !process_id_valid("-a") &&
			   !process_id_valid("a.b"),
		"paths are none");
}

static void test_uids(void)
{
	uid_t first;
	uid_t last;

	tap_ok(process_parse_uids("200000-200099", &first, &last) && first == 200000 && last == 200099,
		"a range of uids");
	tap_ok(process_parse_uids("", &first, &last) && first == 0, "none");
	tap_ok(!process_parse_uids("0-10", &first, &last), "never root's");
	tap_ok(!process_parse_uids("5000-4000", &first, &last), "not backwards");
	tap_ok(!process_parse_uids("5000", &first, &last), "not a single number");
	tap_ok(!process_parse_uids("5000-4294967295", &first, &last), "nor the number that means none");
}

static int parse_spec(const char *text, process_spec *ret, ss_error *err)
{
	auto_cjson cJSON *json = cJSON_Parse(text);

	*ret = (process_spec){0};
	return process_spec_parse(json, ret, err);
}

#define SPEC(text) "{\"templateManifest\":{\"spec\":{" text "}},\"memory\":\"1Gi\"}"

static void test_spec(void)
{
	static const char *const wrong[] = {SPEC("\"command\":\"xterm\""), SPEC("\"command\":[1]"),
		SPEC("\"command\":[\"\"]"), SPEC("\"resolution\":\"80\""), SPEC("\"resolution\":\"9x9\""),
		SPEC("\"resolution\":\"99999x600\""), SPEC("\"env\":[{\"name\":\"A=B\",\"value\":\"\"}]"),
		SPEC("\"env\":[{\"value\":\"\"}]"), "{\"memory\":\"1K\"}", "{\"cpu\":\"many\"}"};
	ss_error err = SS_ERROR_INIT;
	process_spec spec;

	tap_is_int(parse_spec(SPEC("\"command\":[\"xterm\",\"-e\",\"a b\"],\"resolution\":\"800x600\","
							   "\"env\":[{\"name\":\"HOME\",\"value\":\"/\"},"
							   "{\"name\":\"A\",\"value\":\"1\"}]"),
				   &spec, &err),
		0, "a template");
	tap_ok(strcmp(spec.args[2], "a b") == 0 && spec.args[3] == NULL, "its command");
	tap_ok(spec.width == 800 && spec.height == 600, "its size");
	tap_ok(strcmp(spec.env[0], "A") == 0 && spec.env[2] == NULL, "what is ours stays ours");
	tap_ok(
		!spec.network && spec.persistent_home && spec.memory == 1LL << 30, "what is the default");
	process_spec_done(&spec);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
	{
		tap_is_int(parse_spec(wrong[i], &spec, &err), -1, "no template: %s", wrong[i]);
		process_spec_done(&spec);
	}
}

static void test_record(int dir)
{
	ss_error err = SS_ERROR_INIT;
	process_record record = {.id = "s-a",
		.revision = 1LL << 40,
		.state = PROCESS_HIBERNATED,
		.uid = 200001,
		.pid = 77,
		.start_time = 18446744073709551615ULL};
	process_record read = {0};

	tap_is_int(process_record_load(dir, &read, &err), 1, "there is no record");
	tap_is_int(process_record_save(dir, &record, &err), 0, "a record is saved");
	tap_is_int(process_record_load(dir, &read, &err), 0, "and read");
	tap_ok(read.revision == record.revision && read.state == record.state &&
			   read.uid == record.uid && read.pid == record.pid &&
			   read.start_time == record.start_time && strcmp(read.id, "s-a") == 0,
		"whole");
	auto_close int fd = openat(dir, "record.json", O_WRONLY | O_TRUNC | O_CLOEXEC);
	tap_ok(write(fd, "{\"id\":", 6) == 6, "a damaged one");
	tap_is_int(process_record_load(dir, &read, &err), -1, "is refused");
	tap_is(err.code, "record_unreadable", "by its code");
}

/* A tree of `depth` levels below dir/name, made without long paths. */
static void make_deep(int dir, const char *name, int depth)
{
	int at = -1;

	mkdirat(dir, name, 0700);
	at = openat(dir, name, O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < depth; i++)
	{
		mkdirat(at, "d", 0700);
		int next = openat(at, "d", O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	close(at);
}

static void test_trees(int dir, const char *path)
{
	ss_error err = SS_ERROR_INIT;
	struct stat st;
	int fd = -1;

	tap_is_int(process_tree_remove(dir, "absent", &err), 0, "what is not there is removed");
	make_deep(dir, "deep", 1000);
	tap_is_int(
		process_tree_remove(dir, "deep", &err), 0, "a tree of a thousand levels: %s", err.message);
	tap_ok(fstatat(dir, "deep", &st, AT_SYMLINK_NOFOLLOW) < 0, "is gone");

	mkdirat(dir, "keep", 0700);
	close(openat(dir, "keep/file", O_CREAT | O_WRONLY, 0600));
	mkdirat(dir, "home", 0700);
	mkdirat(dir, "home/closed", 0000);
	tap_ok(symlinkat("../keep", dir, "home/link") == 0 && symlinkat("keep", dir, "alias") == 0,
		"links");
	tap_is_int(process_tree_remove(dir, "home", &err), 0, "a home with a link to elsewhere");
	tap_ok(fstatat(dir, "keep/file", &st, 0) == 0, "what it points to stays");
	tap_is_int(
		process_dir_open(dir, "alias", &fd, &err), -1, "a link is not opened as a directory");
	tap_is_int(process_tree_remove(dir, "alias", &err), 0, "and is removed itself");
	tap_ok(fstatat(dir, "keep/file", &st, 0) == 0, "what it pointed to stays");
	(void)path;
}

static void test_socket(int dir, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	ss_error err = SS_ERROR_INIT;
	int fd = -1;

	snprintf(address.sun_path, sizeof address.sun_path, "%s/sock", path);
	auto_close int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	tap_is_int(process_socket_connect(dir, "sock", getuid(), &fd, &err), 1, "no socket yet");
	tap_ok(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "a socket");
	tap_is_int(process_socket_connect(dir, "sock", getuid(), &fd, &err), 1, "nobody listens yet");
	tap_ok(listen(listener, 1) == 0, "now");
	tap_is_int(process_socket_connect(dir, "sock", getuid(), &fd, &err), 0, "it is reached");
	close(fd);
	tap_is_int(
		process_socket_connect(dir, "sock", getuid() + 1, &fd, &err), -1, "not of another uid");
	tap_ok(symlinkat("sock", dir, "link") == 0, "a link to it");
	tap_is_int(process_socket_connect(dir, "link", getuid(), &fd, &err), -1, "is not followed");
	close(openat(dir, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	tap_is_int(process_socket_connect(dir, "file", getuid(), &fd, &err), -1, "a file is none");
}

int main(void)
{
	char path[] = "/tmp/test-agent-XXXXXX";
	ss_error err = SS_ERROR_INIT;

	test_quantities();
	test_uids();
	test_spec();
	if (mkdtemp(path) == NULL)
	{
		printf("Bail out! mkdtemp\n");
		return 1;
	}
	int dir = open(path, O_DIRECTORY | O_CLOEXEC);
	test_record(dir);
	test_trees(dir, path);
	test_socket(dir, path);
	close(dir);
	tap_is_int(process_tree_remove(AT_FDCWD, path, &err), 0, "all is removed");
	return tap_done();
}
