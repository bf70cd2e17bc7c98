/* SPDX-License-Identifier: GPL-2.0-or-later
 * The measure for hostdev's evidence: looks at every open file of every process below DIR/proc, and counts those that
 * are devices. On a procfs by statx(2), in a capture by the link's text, as hostdev does. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int main(int count, char **words)
{
	char path[PATH_MAX], text[PATH_MAX];
	long seen = 0, devices = 0;
	struct dirent *process, *entry;

	snprintf(path, sizeof path, "%s/proc", count > 1 ? words[1] : "");
	DIR *proc = opendir(path);
	if (!proc)
		return perror(path), 1;
	struct statfs status;
	int is_kernel = fstatfs(dirfd(proc), &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
	while ((process = readdir(proc))) {
		if (!isdigit(process->d_name[0]))
			continue;
		snprintf(path, sizeof path, "%s/fd", process->d_name);
		int folder = openat(dirfd(proc), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		DIR *open_files = folder < 0 ? NULL : fdopendir(folder);
		if (!open_files)
			continue;
		while ((entry = readdir(open_files))) {
			if (entry->d_name[0] == '.')
				continue;
			seen++;
			if (is_kernel) {
				struct statx file;
				if (statx(folder, entry->d_name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &file))
					continue;
				if (!S_ISCHR(file.stx_mode) && !S_ISBLK(file.stx_mode))
					continue;
			}
			ssize_t length = readlinkat(folder, entry->d_name, text, sizeof text - 1);
			if (length < 0)
				continue;
			text[length] = 0;
			devices += is_kernel || !strncmp(text, "/dev/", 5) || !strncmp(text, "/sys/devices/", 13);
		}
		closedir(open_files);
	}
	closedir(proc);
	printf("%ld %ld\n", seen, devices);
	return 0;
}
