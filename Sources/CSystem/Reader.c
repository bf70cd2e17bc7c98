/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the two processes share. The reader alone writes `current`, `done` and the answers, and each answer before the
 * `done` that counts it. */
struct shared {
	uint32_t count;
	uint32_t current;
	uint32_t done;
	uint32_t stop;
	char paths[HOSTDEV_READER_PATHS];
	char answers[HOSTDEV_READER_ANSWERS];
};

struct answer {
	int32_t error;
	uint32_t length;
};


void *hostdev_reader_map(void)
{
	void *area = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return area == MAP_FAILED ? NULL : area;
}

void hostdev_reader_unmap(void *area)
{
	munmap(area, sizeof(struct shared));
}

char *hostdev_reader_paths(void *area)
{
	return ((struct shared *)area)->paths;
}

void hostdev_reader_begin(void *area, uint32_t count)
{
	struct shared *shared = area;

	shared->count = count;
	shared->current = 0;
	shared->stop = 0;
	__atomic_store_n(&shared->done, 0, __ATOMIC_RELEASE);
}

void hostdev_reader_stop(void *area)
{
	__atomic_store_n(&((struct shared *)area)->stop, 1, __ATOMIC_RELEASE);
}

uint32_t hostdev_reader_done(void *area)
{
	return __atomic_load_n(&((struct shared *)area)->done, __ATOMIC_ACQUIRE);
}

uint32_t hostdev_reader_current(void *area)
{
	return __atomic_load_n(&((struct shared *)area)->current, __ATOMIC_ACQUIRE);
}

const char *hostdev_reader_answer(void *area, size_t *place, int32_t *error, uint32_t *length)
{
	struct shared *shared = area;
	struct answer answer;
	const char *bytes = shared->answers + *place + sizeof answer;

	memcpy(&answer, shared->answers + *place, sizeof answer);
	*error = answer.error;
	*length = answer.length;
	*place += sizeof answer + answer.length;
	return bytes;
}

/* One file into `room` bytes. Returns its length or -errno. */
static int32_t read_one(int root, const char *path, char *room)
{
	uint32_t length = 0;
	int descriptor = hostdev_open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	if (descriptor < 0)
		return descriptor;
	while (length < HOSTDEV_READER_LONGEST) {
		ssize_t got = read(descriptor, room + length, HOSTDEV_READER_LONGEST - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int failure = -errno;

			close(descriptor);
			return failure;
		}
		length += (uint32_t)got;
		/* A sysfs attribute comes whole in one read. */
		if (got == 0 || got < 4096)
			break;
	}
	close(descriptor);
	return length < HOSTDEV_READER_LONGEST ? (int32_t)length : -EFBIG;
}

static void serve(int root, struct shared *shared)
{
	const char *path = shared->paths;
	size_t place = 0;

	for (uint32_t index = 0; index < shared->count; index++) {
		struct answer answer = { 0, 0 };
		int32_t got;

		if (place + sizeof answer + HOSTDEV_READER_LONGEST > sizeof shared->answers)
			return;
		if (__atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE))
			return;
		__atomic_store_n(&shared->current, index + 1, __ATOMIC_RELEASE);
		got = read_one(root, path, shared->answers + place + sizeof answer);
		if (got < 0)
			answer.error = -got;
		else
			answer.length = (uint32_t)got;
		memcpy(shared->answers + place, &answer, sizeof answer);
		place += sizeof answer + answer.length;
		path += strlen(path) + 1;
		__atomic_store_n(&shared->done, index + 1, __ATOMIC_RELEASE);
	}
}

/* The reader. Between fork and here only system calls are made: another thread of the parent may have held any lock. */
static void reader(int root, int channel, struct shared *shared)
{
	int null = open("/dev/null", O_RDWR);
	char byte;

	/* Who waits for the end of our standard output, or for the lock of our parent, must not wait for a reader. */
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	/* Both are 10 and higher. */
	if (dup2(channel, 3) < 0 || dup2(root, 4) < 0)
		_exit(1);
	closefrom(5);
	setsid();
	if (chdir("/"))
		_exit(1);
	prctl(PR_SET_NAME, "hostdev-reader");
	while (read(3, &byte, 1) == 1) {
		serve(4, shared);
		if (write(3, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

int hostdev_reader_start(int root, void *area, int *channel, pid_t *pid)
{
	int ends[2];
	sigset_t all, before;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	/* dup2 below must not land on one of them. */
	for (int end = 0; end < 2; end++) {
		int higher = fcntl(ends[end], F_DUPFD_CLOEXEC, 10);

		if (higher < 0) {
			int failure = -errno;

			close(ends[0]);
			close(ends[1]);
			return failure;
		}
		close(ends[end]);
		ends[end] = higher;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (*pid == 0) {
		int higher = fcntl(root, F_DUPFD_CLOEXEC, 10);

		if (higher < 0)
			_exit(1);
		reader(higher, ends[1], area);
	}
	int failure = *pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (failure)
		close(ends[0]);
	else
		*channel = ends[0];
	return failure;
}
