/* The program of a pod's sandbox: holds its namespaces until it is told to end. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (;;)
	{
		int got = 0;
		if (sigwait(&signals, &got) == 0 && got != SIGCHLD)
			return 0;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			; /* orphans of a pod that shares its process namespace */
	}
}
