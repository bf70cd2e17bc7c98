/* SPDX-License-Identifier: GPL-2.0-or-later
 * Names from libpci's table, without its ways out: it exits in its default error handler, crashes if a handler is
 * missing, and looks at ~/.pciids-cache, udev's hwdb and the network for what the table does not know. */
#ifndef HOSTDEV_CLIBPCI_H
#define HOSTDEV_CLIBPCI_H

#include <stddef.h>
#include <stdint.h>

struct hostdev_names;

enum hostdev_name_kind {
	HOSTDEV_NAME_VENDOR,    /* first: vendor */
	HOSTDEV_NAME_DEVICE,    /* first, second: vendor, device */
	HOSTDEV_NAME_SUBSYSTEM, /* vendor, device, subsystem vendor, subsystem device */
	HOSTDEV_NAME_CLASS,     /* first: base class and subclass */
};

/* The table of the library's own path. NULL if memory is short. Nothing is read before the first lookup. */
struct hostdev_names *hostdev_names_default(void);

/* The table in these bytes, of which a copy is taken. NULL if memory is short. */
struct hostdev_names *hostdev_names_from_bytes(const uint8_t *bytes, size_t count);

void hostdev_names_close(struct hostdev_names *names);

/* Length of the name that was put into `buffer`, without a NUL; 0 if the table has none or could not be read. */
size_t hostdev_names_lookup(struct hostdev_names *names, enum hostdev_name_kind kind, uint16_t first, uint16_t second,
                            uint16_t third, uint16_t fourth, char *buffer, size_t size);

#endif
