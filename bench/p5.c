/*
 * p5: how long from a commit to the frame on an agent's WebSocket, beside a bare NOTIFY round trip.
 *
 *   p5 PORT AGENT KEY_FILE SAMPLES WARM_UP HOST
 *
 * HOST is that of the database for the writer and the listener, 127.0.0.1 for TCP as the agent has
 * it; all else of the database comes from the libpq environment.
 *
 * One thread plays all parts, so that each sample ends in the same poll() and costs the same
 * wake-up: the writer, a listener, and one connected agent. Samples of the three kinds take turns.
 * Prints one line of micro-seconds a sample, counted from sending the statement:
 * kind, notification read, statement answered, command frame read (or 0).
 *
 *   notify   NOTIFY under autocommit
 *   durable  COMMIT of one inserted row and a NOTIFY
 *   command  COMMIT of streamspace.create_session and a NOTIFY: the listener and the dispatcher are
 *            told by the same commit, so the frame less the notification is what dispatching costs
 *
 * The agent acknowledges and completes each command before the next sample begins.
 */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 20)
#define PAUSE_MS 4 /* between samples, so that the writes of one do not meet the next */
#define PATIENCE_MS 10000
#define HEARTBEAT_US 10e6

static unsigned char buffer[BUFFER];
static size_t filled;
static int agent_fd;
static PGconn *writer; /* superuser: makes a table and notifies */
static PGconn *dba;
static PGconn *listener;

static void die(const char *what)
{
	fprintf(stderr, "p5: %s: %s\n", what, errno ? strerror(errno) : "failed");
	exit(1);
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static PGconn *open_database(const char *info)
{
	PGconn *conn = PQconnectdb(info);

	if (PQstatus(conn) != CONNECTION_OK)
	{
		fprintf(stderr, "p5: %s", PQerrorMessage(conn));
		exit(1);
	}
	return conn;
}

static void execute(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
	{
		fprintf(stderr, "p5: %s: %s", sql, PQerrorMessage(conn));
		exit(1);
	}
	PQclear(result);
}

/* One masked frame; the mask is zero, which the protocol allows a load generator. */
static void send_frame(int opcode, const char *data, size_t len)
{
	unsigned char frame[8192] = {(unsigned char)(0x80 | opcode)};
	size_t at = 2;

	if (len > sizeof frame - 8)
		die("frame too long");
	if (len < 126)
		frame[1] = (unsigned char)(0x80 | len);
	else
	{
		frame[1] = 0x80 | 126;
		frame[2] = (unsigned char)(len >> 8);
		frame[3] = (unsigned char)len;
		at = 4;
	}
	memset(frame + at, 0, 4);
	at += 4;
	memcpy(frame + at, data, len);
	if (send(agent_fd, frame, at + len, MSG_NOSIGNAL) != (ssize_t)(at + len))
		die("send to the server");
}

static void send_message(const char *type, const char *payload)
{
	char text[4096];
	char stamp[32];
	time_t seconds = time(NULL);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
	int len = snprintf(text, sizeof text, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"payload\":%s}",
		type, stamp, payload);
	if (len < 0 || (size_t)len >= sizeof text)
		die("message too long");
	send_frame(1, text, (size_t)len);
}

static void connect_agent(const char *port, const char *agent, const char *key)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)strtol(port, NULL, 10))};
	char head[2048];
	char answer[8192];
	size_t have = 0;
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	agent_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (agent_fd < 0 || connect(agent_fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(agent_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	int len = snprintf(head, sizeof head,
		"GET /api/v1/agents/connect?agent_id=%s&instance_id=p5-%d HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
		"X-Agent-API-Key: %s\r\n\r\n",
		agent, (int)getpid(), key);
	if (send(agent_fd, head, (size_t)len, MSG_NOSIGNAL) != len)
		die("send the request");
	while (have < sizeof answer - 1)
	{
		ssize_t got = recv(agent_fd, answer + have, 1, 0);
		if (got <= 0)
			die("read the answer to the handshake");
		answer[++have] = '\0';
		if (have >= 4 && memcmp(answer + have - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
	{
		fprintf(stderr, "p5: the server refused the agent:\n%s\n", answer);
		exit(1);
	}
	send_message("inventory", "{\"objects\":[],\"complete\":true,\"chunk\":0}");
}

/* Takes one whole frame out of the buffer: its opcode, -1 when there is none yet. */
static int take_frame(char **ret_data, size_t *ret_len)
{
	static char data[BUFFER];
	size_t len;
	size_t at = 2;

	if (filled < 2)
		return -1;
	len = buffer[1] & 0x7f;
	if (len == 126)
	{
		if (filled < 4)
			return -1;
		len = (size_t)buffer[2] << 8 | buffer[3];
		at = 4;
	}
	else if (len == 127)
	{
		if (filled < 10)
			return -1;
		len = 0;
		for (int i = 2; i < 10; i++)
			len = len << 8 | buffer[i];
		at = 10;
	}
	if (len > BUFFER - 16)
		die("a frame is too long");
	if (filled < at + len)
		return -1;
	int opcode = buffer[0] & 0x0f;
	memcpy(data, buffer + at, len);
	data[len] = '\0';
	filled -= at + len;
	memmove(buffer, buffer + at + len, filled);
	*ret_data = data;
	*ret_len = len;
	return opcode;
}

/* Reads what is there; true when a command frame for a session was among it (answered then). */
static bool read_agent(double *ret_when)
{
	char *data;
	size_t len;
	int opcode;
	bool found = false;

	ssize_t got = recv(agent_fd, buffer + filled, sizeof buffer - filled, MSG_DONTWAIT);
	double when = now_us();
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		die("the server closed the agent's connection");
	filled += got > 0 ? (size_t)got : 0;
	while ((opcode = take_frame(&data, &len)) >= 0)
	{
		if (opcode == 9)
			send_frame(10, data, len);
		if (opcode == 8)
			die("the server closed the agent's connection with a frame");
		if (opcode != 1)
			continue;
		cJSON *message = cJSON_ParseWithLength(data, len);
		const cJSON *payload = cJSON_GetObjectItemCaseSensitive(message, "payload");
		const cJSON *command = cJSON_GetObjectItemCaseSensitive(payload, "commandId");
		if (cJSON_IsString(command))
		{
			const cJSON *revision = cJSON_GetObjectItemCaseSensitive(payload, "revision");
			const cJSON *action = cJSON_GetObjectItemCaseSensitive(payload, "action");
			char text[512];

			snprintf(text, sizeof text, "{\"commandId\":\"%s\"}", command->valuestring);
			send_message("ack", text);
			snprintf(text, sizeof text,
				"{\"commandId\":\"%s\",\"result\":{\"state\":\"running\",\"revision\":%.0f}}",
				command->valuestring, cJSON_IsNumber(revision) ? revision->valuedouble : 0.0);
			send_message("complete", text);
			if (cJSON_IsString(action) && strcmp(action->valuestring, "start_session") == 0)
			{
				*ret_when = when;
				found = true;
			}
		}
		cJSON_Delete(message);
	}
	return found;
}

/* Waits ms without a sample, answering pings and commands. */
static void pause_ms(int ms)
{
	static double last_heartbeat;
	double end = now_us() + ms * 1e3;
	double when;

	while (now_us() < end)
	{
		struct pollfd one = {.fd = agent_fd, .events = POLLIN};
		if (poll(&one, 1, 1) > 0)
			(void)read_agent(&when);
	}
	if (now_us() - last_heartbeat > HEARTBEAT_US)
	{
		last_heartbeat = now_us();
		send_message("heartbeat",
			"{\"status\":\"online\",\"activeSessions\":0,\"capacity\":{\"maxSessions\":1000000}}");
	}
}

/* What is waiting at the listener; when the last notification was read, or `before`. */
static double read_listener(double before)
{
	PGnotify *note;

	if (!PQconsumeInput(listener))
		die(PQerrorMessage(listener));
	while ((note = PQnotifies(listener)) != NULL)
	{
		before = now_us();
		PQfreemem(note);
	}
	return before;
}

/* The time of the answer to a statement that was sent, or 0 when it has not come whole. */
static double read_answer(PGconn *conn)
{
	if (!PQconsumeInput(conn))
		die(PQerrorMessage(conn));
	while (!PQisBusy(conn))
	{
		PGresult *result = PQgetResult(conn);
		if (result == NULL)
			return now_us();
		if (PQresultStatus(result) == PGRES_FATAL_ERROR)
			die(PQerrorMessage(conn));
		PQclear(result);
	}
	return 0;
}

/*
 * Sends one statement whose commit notifies the listener, and waits for its answer, for the
 * notification and, with `frame`, for the command at the agent; prints one line.
 */
static void sample(PGconn *conn, const char *kind, const char *sql, bool frame, bool print)
{
	double start = now_us();
	double notified = 0;
	double framed = 0;
	double answered = 0;

	if (!PQsendQuery(conn, sql))
		die(PQerrorMessage(conn));
	while (notified == 0 || answered == 0 || (frame && framed == 0))
	{
		struct pollfd fds[] = {
			{.fd = agent_fd, .events = POLLIN},
			{.fd = PQsocket(listener), .events = POLLIN},
			{.fd = PQsocket(conn), .events = POLLIN},
		};
		if (poll(fds, 3, PATIENCE_MS) <= 0)
			die("nothing came");
		double when;
		if (fds[0].revents != 0 && read_agent(&when) && framed == 0)
			framed = when;
		if (fds[1].revents != 0)
			notified = read_listener(notified);
		if (fds[2].revents != 0 && answered == 0)
			answered = read_answer(conn);
	}
	if (print)
		printf("%s %.1f %.1f %.1f\n", kind, notified - start, answered - start,
			frame ? framed - start : 0);
}

int main(int argc, char **argv)
{
	char key[256] = "";

	if (argc != 7)
	{
		fprintf(stderr, "usage: p5 PORT AGENT KEY_FILE SAMPLES WARM_UP HOST\n");
		return 2;
	}
	FILE *file = fopen(argv[3], "r");
	if (file == NULL || fgets(key, sizeof key, file) == NULL)
		die(argv[3]);
	fclose(file);
	key[strcspn(key, "\r\n")] = '\0';
	long samples = strtol(argv[4], NULL, 10);
	long warm_up = strtol(argv[5], NULL, 10);

	char info[300];
	snprintf(info, sizeof info, "host=%s", argv[6]);
	writer = open_database(info);
	listener = open_database(info);
	dba = open_database("user=dba");
	execute(listener, "LISTEN p5");
	execute(writer, "CREATE TABLE IF NOT EXISTS public.p5 (n bigint)");
	connect_agent(argv[1], argv[2], key);
	pause_ms(500);
	for (long i = -warm_up; i < samples; i++)
	{
		bool print = i >= 0;

		sample(writer, "notify", "NOTIFY p5", false, print);
		pause_ms(PAUSE_MS);
		execute(writer, "BEGIN");
		execute(writer, "INSERT INTO public.p5 VALUES (1)");
		execute(writer, "NOTIFY p5");
		sample(writer, "durable", "COMMIT", false, print);
		pause_ms(PAUSE_MS);
		execute(dba, "BEGIN");
		execute(dba, "SELECT streamspace.create_session(p_template => 'bench', p_owner => 'bench', "
					 "p_org => 'default')");
		execute(dba, "NOTIFY p5");
		sample(dba, "command", "COMMIT", true, print);
		pause_ms(PAUSE_MS);
	}
	PQfinish(writer);
	PQfinish(listener);
	PQfinish(dba);
	close(agent_fd);
	return 0;
}
