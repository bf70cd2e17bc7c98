/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <syslog.h>
#include <unistd.h>

/* Whether the descriptor is this process's own root directory. */
static int is_top(int descriptor)
{
	struct stat here, top;

	return fstat(descriptor, &here) == 0 && stat("/", &top) == 0 && here.st_dev == top.st_dev && here.st_ino == top.st_ino;
}

int hostdev_open_in_root(int directory, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT,
	};
	for (int tries = 0;; tries++) {
		long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
		if (result >= 0)
			return (int)result;
		/* EAGAIN: a rename raced with the walk, so the kernel cannot prove that it stays inside; or
		 * another process has a lease on the file, and may keep it for a long time. */
		if (errno != EINTR && (errno != EAGAIN || tries >= 16))
			break;
	}
	if (errno == ENOSYS && is_top(directory)) {
		/* RestrictSUIDSGID= of systemd, which udev's own unit has, hides openat2: its filter cannot look into `how`.
		 * Below `/` itself there is nothing to be kept in. */
		int result;
		do
			result = openat(directory, path, flags | O_CLOEXEC, mode);
		while (result < 0 && errno == EINTR);
		if (result >= 0)
			return result;
	}
	return -errno;
}

/* Opening is an act: a watchdog starts, a tape rewinds, a FIFO lets its writer go on. So a file is looked at before it is
 * opened, and what is opened is the file that was looked at. EINVAL for anything but a regular file or a folder. */
int hostdev_reopen_file(int found, int flags)
{
	struct stat here, now;
	char path[sizeof "/proc/self/fd/" + 12];

	if (fstat(found, &here))
		return -errno;
	if (S_ISLNK(here.st_mode))
		return -ELOOP;
	if (!S_ISREG(here.st_mode) && !S_ISDIR(here.st_mode))
		return -EINVAL;
	snprintf(path, sizeof path, "/proc/self/fd/%d", found);
	int result = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (result < 0)
		return -errno;
	/* Without a /proc of this machine's own that path may be a file of a capture. */
	if (fstat(result, &now) == 0 && now.st_dev == here.st_dev && now.st_ino == here.st_ino)
		return result;
	close(result);
	return -ENOENT;
}

int hostdev_open_file_in_root(int directory, const char *path, int flags, int lookup)
{
	int found = hostdev_open_in_root(directory, path, O_PATH | lookup, 0);

	if (found < 0)
		return found;
	int result = hostdev_reopen_file(found, flags);
	struct stat here, now;
	if (result == -ENOENT && fstat(found, &here) == 0) {
		/* No /proc: the name once more, of what was a regular file a moment ago. */
		result = hostdev_open_in_root(directory, path, flags | lookup | O_NONBLOCK | O_NOCTTY, 0);
		if (result >= 0 && (fstat(result, &now) || now.st_dev != here.st_dev || now.st_ino != here.st_ino)) {
			close(result);
			result = -EAGAIN;
		}
	}
	close(found);
	return result;
}

const int hostdev_o_path = O_PATH;

int hostdev_is_sysfs(int descriptor)
{
	struct statfs status;

	return fstatfs(descriptor, &status) == 0 && status.f_type == SYSFS_MAGIC;
}

int hostdev_is_procfs(int descriptor)
{
	struct statfs status;

	return fstatfs(descriptor, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int hostdev_device_number(int directory, const char *name, uint32_t *major, uint32_t *minor)
{
	struct statx status;

	if (statx(directory, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &status))
		return -errno;
	if (S_ISREG(status.stx_mode) && status.stx_dev_major == 0)
		return 'a';
	if (!S_ISBLK(status.stx_mode) && !S_ISCHR(status.stx_mode))
		return 0;
	*major = status.stx_rdev_major;
	*minor = status.stx_rdev_minor;
	return S_ISBLK(status.stx_mode) ? 'b' : 'c';
}

const char *hostdev_errno_name(int number)
{
	return strerrorname_np(number);
}

const char *hostdev_errno_text(int number)
{
	return strerrordesc_np(number);
}

static char **arguments;

__attribute__((constructor)) static void keep_arguments(int count, char **words)
{
	if (count > 0)
		arguments = words;
}

const char *hostdev_argument(int place)
{
	return arguments ? arguments[place] : NULL;
}

static volatile sig_atomic_t remembered;

static void remember(int number)
{
	remembered = number;
}

int hostdev_remember_signals(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = remember;
	sigemptyset(&action.sa_mask);
	/* No SA_RESTART: a wait for the writer wakes up and is taken up again by its caller. */
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (sigaction(ending[i], &action, NULL))
			return -errno;
	return 0;
}

int hostdev_remembered_signal(void)
{
	return remembered;
}

void hostdev_log(const char *text)
{
	openlog("hostdev", LOG_PID, LOG_AUTH);
	syslog(LOG_WARNING, "%s", text);
	closelog();
}

int hostdev_journal(const void *bytes, size_t count)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
	int result = 0;
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return -errno;
	if (sendto(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address) < 0)
		result = -errno;
	close(descriptor);
	return result;
}

int hostdev_columns(int descriptor)
{
	struct winsize size;

	return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int hostdev_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) ? -errno : 0;
}

int hostdev_spawn(const char *path, char *const argv[], char *const envp[],
                  const int descriptors[3], int block_signals, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int result = posix_spawn_file_actions_init(&actions);
	if (result)
		return result;
	result = posix_spawnattr_init(&attributes);
	if (result) {
		posix_spawn_file_actions_destroy(&actions);
		return result;
	}
	for (int target = 0; target < 3 && !result; target++)
		result = posix_spawn_file_actions_adddup2(&actions, descriptors[target], target);
	if (!result)
		result = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	if (block_signals)
		sigfillset(&set);
	else
		sigemptyset(&set);
	if (!result)
		result = posix_spawnattr_setsigmask(&attributes, &set);
	if (!result) {
		sigfillset(&set);
		result = posix_spawnattr_setsigdefault(&attributes, &set);
	}
	if (!result)
		result = posix_spawnattr_setflags(
			&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!result)
		result = posix_spawn(pid, path, &actions, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}
