/*
 * desktop: the far end of viewer streams, for measurements: an RFB server that shows nothing.
 *
 *   desktop PATH             listens in the place of the Unix socket PATH, as its owner, until
 * stdin ends
 *
 * After the handshake (RFB 3.8, security None) each FramebufferUpdateRequest is an order: x and y
 * are the size of an answer (x * 65536 + y), w the number of answers, 0 for as many as fit until
 * the viewer leaves. The bytes of an answer mean nothing. A thread a connection.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)1 << 20)
#define THREAD_STACK ((size_t)64 << 10)

static unsigned char noise[ANSWER_MAX];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "desktop: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool take(int fd, void *buf, size_t len)
{
	return recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len;
}

static bool give(int fd, const void *buf, size_t len)
{
	for (size_t done = 0; done < len;)
	{
		ssize_t n = send(fd, (const char *)buf + done, len - done, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool greet(int fd)
{
	/* 64 x 48 pixels, 32 bits each, and a name of no letters */
	static const unsigned char screen[24] = {
		0, 64, 0, 48, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8};
	unsigned char in[12];

	return give(fd, "RFB 003.008\n", 12) && take(fd, in, 12) && give(fd, "\1\1", 2) &&
		   take(fd, in, 1) && give(fd, "\0\0\0", 4) && take(fd, in, 1) &&
		   give(fd, screen, sizeof screen);
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	unsigned char order[10];

	if (greet(fd))
		while (take(fd, order, sizeof order) && order[0] == 3)
		{
			size_t size =
				(size_t)order[2] << 24 | (size_t)order[3] << 16 | (size_t)order[4] << 8 | order[5];
			unsigned times = (unsigned)order[6] << 8 | order[7];
			bool going = size > 0 && size <= ANSWER_MAX;

			for (unsigned n = 0; going && (times == 0 || n < times); n++)
				going = give(fd, noise, size);
			if (!going)
				break;
		}
	close(fd);
	return NULL;
}

static void *accept_all(void *arg)
{
	int listener = (int)(intptr_t)arg;
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	for (;;)
	{
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 || pthread_create(&thread, &attributes, serve, (void *)(intptr_t)fd) != 0)
			die("accept");
	}
}

/* Takes the place of the socket that is there, and its owner's: who connects may look at both. */
static int take_place(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat place;

	errno = ENAMETOOLONG;
	if (strlen(path) >= sizeof address.sun_path || lstat(path, &place) != 0 || unlink(path) != 0)
		die(path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
		lchown(path, place.st_uid, place.st_gid) != 0 || chmod(path, 0600) != 0 ||
		(place.st_uid != geteuid() && setuid(place.st_uid) != 0) || listen(listener, 128) != 0)
		die(path);
	return listener;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
	{
		fprintf(stderr, "usage: desktop PATH\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)(i * 2654435761u >> 13);
	int listener = take_place(argv[1]);

	if (pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener) != 0)
		die("thread");
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
