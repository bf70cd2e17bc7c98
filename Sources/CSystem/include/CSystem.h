/* SPDX-License-Identifier: GPL-2.0-or-later
 * What Swift cannot import: variadic and new system calls, and a signal handler. */
#ifndef HOSTDEV_CSYSTEM_H
#define HOSTDEV_CSYSTEM_H

#include <stdint.h>
#include <sys/types.h>

/* openat2(2); RESOLVE_IN_ROOT, so that neither ".." nor a link leads out of `directory`.
 * Returns a descriptor (close-on-exec) or -errno. */
int hostdev_open_in_root(int directory, const char *path, int flags, mode_t mode);

/* O_PATH, which the C library shows only with _GNU_SOURCE. */
/* Opens what an O_PATH descriptor found, if that is a regular file or a folder; else -EINVAL. */
int hostdev_reopen_file(int found, int flags);

/* As hostdev_open_in_root, of a regular file or a folder alone: whatever else is there is not opened. `lookup`: O_NOFOLLOW or 0. */
int hostdev_open_file_in_root(int directory, const char *path, int flags, int lookup);

extern const int hostdev_o_path;

/* Whether the descriptor's file system is a kernel's sysfs (SYSFS_MAGIC of fstatfs(2)). */
int hostdev_is_sysfs(int descriptor);

/* Whether the descriptor's file system is a kernel's procfs (PROC_SUPER_MAGIC of fstatfs(2)). */
int hostdev_is_procfs(int descriptor);

/* Device numbers of what `name` in `directory` leads to, by statx(2), which is told to ask no server
 * and so cannot hang on a network file system. Returns 'b' or 'c'; 'a' for a file on a file system without a
 * device of its own, as sysfs is; 0 for anything else; -errno. */
int hostdev_device_number(int directory, const char *name, uint32_t *major, uint32_t *minor);

/* strerrorname_np(3) and strerrordesc_np(3): NULL for an unknown number. */
const char *hostdev_errno_name(int number);
const char *hostdev_errno_text(int number);

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are only remembered. Returns 0 or -errno. */
int hostdev_remember_signals(void);

/* The signal that was remembered last, or 0. */
int hostdev_remembered_signal(void);

/* One line to the system log, as `hostdev` with its pid: syslog(3) with LOG_AUTH and LOG_WARNING. If no log
 * daemon listens, the line is lost, and the caller is not told. */
void hostdev_log(const char *text);

/* One datagram to the journal's own socket, /run/systemd/journal/socket. Returns 0 or -errno: ENOENT if there is no
 * journal, as in an initramfs without systemd. Never waits. */
int hostdev_journal(const void *bytes, size_t count);

/* Columns of the terminal behind a descriptor (TIOCGWINSZ), or 0. */
int hostdev_columns(int descriptor);

/* What this program was started with, its own name first; NULL from the end on. The C library hands it to constructors
 * (glibc does), so that it is known without /proc. */
const char *hostdev_argument(int place);

/* pipe2(2) with O_CLOEXEC. Returns 0 or -errno. */
int hostdev_pipe(int ends[2]);

/* Starts `path` with these arguments in a session of its own, all signals that can be blocked
 * blocked if `block_signals`, descriptors 0, 1 and 2 as given and no others.
 * Returns 0 and the pid, or an errno. */
int hostdev_spawn(const char *path, char *const argv[], char *const envp[],
                  const int descriptors[3], int block_signals, pid_t *pid);

/* A process that reads files for us and can be left behind if a read does not return: see ReaderProcess. `area` is
 * what the two share: paths, each with its NUL, and answers. */
#define HOSTDEV_READER_PATHS (1 << 18)
#define HOSTDEV_READER_ANSWERS (1 << 22)
/* The longest file, and the room that one answer must have. */
#define HOSTDEV_READER_LONGEST (1 << 16)

void *hostdev_reader_map(void);
void hostdev_reader_unmap(void *area);
char *hostdev_reader_paths(void *area);

/* Forks the reader: `root` is the directory below which it opens, `channel` takes a byte to begin and gives one at the
 * end. It holds no other descriptor of ours. Returns 0 or -errno. */
int hostdev_reader_start(int root, void *area, int *channel, pid_t *pid);

/* Before the byte: how many paths there are. */
void hostdev_reader_begin(void *area, uint32_t count);
/* No further file after the one that is being read. */
void hostdev_reader_stop(void *area);
/* How many files are answered, and the number, from 1, of the one that was begun last. */
uint32_t hostdev_reader_done(void *area);
uint32_t hostdev_reader_current(void *area);
/* The answer at `place`, 0 for the first, which moves on to the next: an errno or 0, and the bytes. */
const char *hostdev_reader_answer(void *area, size_t *place, int32_t *error, uint32_t *length);

#endif
