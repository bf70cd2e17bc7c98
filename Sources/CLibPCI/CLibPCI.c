/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "CLibPCI.h"

#include <pci/pci.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct hostdev_names {
	struct pci_access *access;
	/* The bytes as a file, since libpci reads from a path only; -1 for the library's own file. */
	int table;
	char path[32];
};

/* The library's error handler must not return. If it calls it from a lookup (a table that it cannot parse, no
 * memory) it has closed the table, so that jumping out leaves nothing behind; what it had parsed stays usable. */
static _Thread_local jmp_buf *out;

__attribute__((noreturn)) static void failed(char *message, ...)
{
	(void)message;
	if (out)
		longjmp(*out, 1);
	abort();
}

static void quiet(char *message, ...)
{
	(void)message;
}

static struct hostdev_names *open_names(int table)
{
	struct hostdev_names *names = calloc(1, sizeof *names);

	if (!names)
		return NULL;
	names->table = table;
	names->access = pci_alloc();
	names->access->error = failed;
	names->access->warning = quiet;
	names->access->debug = quiet;
	/* Instead of PCI_LOOKUP_CACHE, which is ~/.pciids-cache. */
	names->access->id_lookup_mode = PCI_LOOKUP_NO_HWDB | PCI_LOOKUP_NO_NUMBERS;
	if (table >= 0) {
		snprintf(names->path, sizeof names->path, "/proc/self/fd/%d", table);
		pci_set_name_list_path(names->access, names->path, 0);
	}
	return names;
}

struct hostdev_names *hostdev_names_default(void)
{
	return open_names(-1);
}

struct hostdev_names *hostdev_names_from_bytes(const uint8_t *bytes, size_t count)
{
	struct hostdev_names *names;
	size_t written = 0;
	int table = memfd_create("pci.ids", MFD_CLOEXEC);

	if (table < 0)
		return NULL;
	while (written < count) {
		ssize_t now = write(table, bytes + written, count - written);
		if (now <= 0)
			break;
		written += (size_t)now;
	}
	names = written == count ? open_names(table) : NULL;
	if (!names)
		close(table);
	return names;
}

void hostdev_names_close(struct hostdev_names *names)
{
	if (!names)
		return;
	pci_cleanup(names->access);
	if (names->table >= 0)
		close(names->table);
	free(names);
}

static char *look_up(struct pci_access *access, enum hostdev_name_kind kind, uint16_t first, uint16_t second,
                     uint16_t third, uint16_t fourth, char *buffer, int size)
{
	switch (kind) {
	case HOSTDEV_NAME_VENDOR:
		return pci_lookup_name(access, buffer, size, PCI_LOOKUP_VENDOR, first);
	case HOSTDEV_NAME_DEVICE:
		return pci_lookup_name(access, buffer, size, PCI_LOOKUP_DEVICE, first, second);
	case HOSTDEV_NAME_SUBSYSTEM:
		return pci_lookup_name(access, buffer, size, PCI_LOOKUP_SUBSYSTEM | PCI_LOOKUP_DEVICE, first, second,
		                       third, fourth);
	case HOSTDEV_NAME_CLASS:
		return pci_lookup_name(access, buffer, size, PCI_LOOKUP_CLASS, first);
	}
	return NULL;
}

size_t hostdev_names_lookup(struct hostdev_names *names, enum hostdev_name_kind kind, uint16_t first, uint16_t second,
                            uint16_t third, uint16_t fourth, char *buffer, size_t size)
{
	jmp_buf here;
	volatile int failures = 0;
	char *name;

	if (!names)
		return 0;
	/* Once more after a failure: the library does not load a broken table again, and has what came before the break. */
	if (setjmp(here) && ++failures > 1) {
		out = NULL;
		return 0;
	}
	out = &here;
	name = look_up(names->access, kind, first, second, third, fourth, buffer, (int)size);
	out = NULL;
	/* Not in the buffer: the library's own `<pci_lookup_name: buffer too small>`. */
	return name == buffer ? strnlen(buffer, size) : 0;
}
