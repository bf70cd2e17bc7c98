/* SPDX-License-Identifier: GPL-2.0-or-later
 * PROCESSES processes with FILES open files each, every tenth a device, until standard input ends. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **words)
{
	int processes = count > 1 ? atoi(words[1]) : 2000, files = count > 2 ? atoi(words[2]) : 200;
	int ready[2];
	char byte;

	if (pipe(ready))
		return perror("pipe"), 1;
	for (int process = 0; process < processes; process++) {
		pid_t pid = fork();
		if (pid < 0)
			return perror("fork"), 1;
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Its own three and the pipe are there already. */
		for (int file = 5; file < files; file++)
			open(file % 10 ? "/etc/passwd" : "/dev/null", O_RDONLY);
		if (write(ready[1], "", 1) != 1)
			return 1;
		for (;;)
			pause();
	}
	for (int process = 0; process < processes; process++)
		if (read(ready[0], &byte, 1) != 1)
			return 1;
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
