/* Keeps one file open, as any program that uses a device does.
 *
 *   keepopen PATH [SECONDS]
 *
 * Prints "held" once it has it, or the kernel's refusal.
 * Status: 0 after SECONDS, 1 refused, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3)
		return 2;
	if (open(argv[1], O_RDONLY | O_NONBLOCK) < 0) {
		printf("refused=%s errno=%d (%s)\n", argv[1], errno, strerror(errno));
		return 1;
	}
	printf("held\n");
	fflush(stdout);
	sleep(argc == 3 ? atoi(argv[2]) : 600);
	return 0;
}
