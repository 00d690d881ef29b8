/* driver_process_record: sessions/ID/record.json. Any thread; one at a time per session. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/driver_process.h"
#include "common/cleanup.h"
#include "common/json.h"

#define RECORD_MAX 8192

static const struct
{
	const char *name;
	const char *public;
} states[] = {
	[PROCESS_STARTING] = {"starting", "starting"},
	[PROCESS_RUNNING] = {"running", "running"},
	[PROCESS_HIBERNATING] = {"hibernating", "running"},
	[PROCESS_HIBERNATED] = {"hibernated", "hibernated"},
	[PROCESS_STOPPING] = {"stopping", "failed"},
	[PROCESS_STOPPED] = {"stopped", "failed"},
	[PROCESS_TERMINATING] = {"terminating", "failed"},
	[PROCESS_FAILED] = {"failed", "failed"},
};

const char *process_state_name(process_state state)
{
	return states[state].name;
}

const char *process_state_public(process_state state)
{
	return states[state].public;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0)
	{
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int process_record_save(int session_fd, const process_record *record, ss_error *err)
{
	auto_cjson cJSON *json = cJSON_CreateObject();
	char start_time[24];

	snprintf(start_time, sizeof start_time, "%llu", (unsigned long long)record->start_time);
	cJSON_AddNumberToObject(json, "version", 1);
	cJSON_AddStringToObject(json, "id", record->id);
	cJSON_AddStringToObject(json, "home", record->home);
	cJSON_AddNumberToObject(json, "revision", (double)record->revision);
	cJSON_AddStringToObject(json, "state", process_state_name(record->state));
	cJSON_AddStringToObject(json, "reason", record->reason);
	cJSON_AddStringToObject(json, "message", record->message);
	cJSON_AddStringToObject(json, "instance", record->instance);
	cJSON_AddStringToObject(json, "installation_id", record->installation_id);
	cJSON_AddNumberToObject(json, "uid", (double)record->uid);
	cJSON_AddNumberToObject(json, "pid", (double)record->pid);
	if (cJSON_AddStringToObject(json, "start_time", start_time) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a record");
	auto_free char *text = ss_json_print(json);
	if (text == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a record");

	auto_close int fd = openat(
		session_fd, "record.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write_all(fd, text, strlen(text)) < 0 || fsync(fd) < 0)
		return ss_fail_errno(err, errno, "write the record of %s", record->id);
	if (renameat(session_fd, "record.new", session_fd, "record.json") < 0 || fsync(session_fd) < 0)
		return ss_fail_errno(err, errno, "replace the record of %s", record->id);
	return 0;
}

static void copy_text(const cJSON *json, const char *name, char *ret, size_t size)
{
	const char *text = ss_json_string(json, name);

	snprintf(ret, size, "%s", text != NULL ? text : "");
}

static long long get_int(const cJSON *json, const char *name)
{
	long long value = 0;

	return ss_json_int(json, name, &value) == 0 ? value : 0;
}

static int find_state(const char *name, process_state *ret)
{
	for (size_t i = 0; name != NULL && i < sizeof states / sizeof *states; i++)
	{
		if (strcmp(states[i].name, name) == 0)
		{
			*ret = (process_state)i;
			return 0;
		}
	}
	return -1;
}

int process_record_load(int session_fd, process_record *ret, ss_error *err)
{
	char text[RECORD_MAX + 1];
	auto_cjson cJSON *json = NULL;
	process_record record = {0};

	auto_close int fd = openat(session_fd, "record.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 1;
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (len < 0)
		return ss_fail_errno(err, errno, "read a record");
	if (ss_json_parse(text, (size_t)len, RECORD_MAX, &json, NULL, 0, err) < 0)
	{
		char why[256];
		snprintf(why, sizeof why, "%s", err->message);
		return ss_fail(err, "record_unreadable", "the record is damaged: %s", why);
	}
	copy_text(json, "id", record.id, sizeof record.id);
	copy_text(json, "home", record.home, sizeof record.home);
	copy_text(json, "reason", record.reason, sizeof record.reason);
	copy_text(json, "message", record.message, sizeof record.message);
	copy_text(json, "instance", record.instance, sizeof record.instance);
	copy_text(json, "installation_id", record.installation_id, sizeof record.installation_id);
	record.revision = get_int(json, "revision");
	record.uid = (uid_t)get_int(json, "uid");
	record.pid = (pid_t)get_int(json, "pid");
	const char *start_time = ss_json_string(json, "start_time");
	record.start_time = start_time != NULL ? strtoull(start_time, NULL, 10) : 0;
	if (!process_id_valid(record.id) ||
		(record.home[0] != '\0' && !process_id_valid(record.home)) ||
		find_state(ss_json_string(json, "state"), &record.state) < 0)
		return ss_fail(err, "record_unreadable", "the record has no id or state");
	*ret = record;
	return 0;
}
