/* SPDX-License-Identifier: GPL-2.0-or-later
 * What `hostdev list --json` reads and prints, by the shortest way that C has: list DIR.
 *
 * The measure for hostdev's own code, so no work is left out here: the same files of every function, names by libpci, the same
 * verdict. It trusts the tree that the bench made; hostdev does not trust a host. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct function {
	char address[16];
	unsigned domain, bus, device, function;
	uint16_t vendor, product, subvendor, subproduct;
	uint32_t class;
	int group;
	bool has_reset_method;
	char driver[48];
	char reset[64];
};

static struct function *functions;
static size_t count;
/* By group number: where its members begin in `members`. */
static size_t *first, *members;
static size_t groups;
static char root_buses[4096];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static bool is_bridge(const struct function *function)
{
	unsigned subclass = function->class >> 8;

	return subclass == 0x604 || subclass == 0x607 || subclass == 0x609;
}

static bool is_endpoint(const struct function *function)
{
	return !is_bridge(function) && function->class >> 8 != 0x600;
}

static bool blocks(const struct function *function)
{
	static const char *const viable[] = {"vfio-pci", "mlx5-vfio-pci", "pci-stub"};

	if (!function->driver[0])
		return false;
	for (size_t i = 0; i < sizeof viable / sizeof *viable; i++)
		if (!strcmp(function->driver, viable[i]))
			return false;
	return true;
}

static ssize_t slurp(int directory, const char *address, const char *attribute, char *buffer, size_t size)
{
	char path[64];
	int descriptor;
	ssize_t got;

	snprintf(path, sizeof path, "%s/%s", address, attribute);
	descriptor = openat(directory, path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return -1;
	got = read(descriptor, buffer, size - 1);
	close(descriptor);
	if (got >= 0)
		buffer[got] = 0;
	return got;
}

static void read_function(int devices, struct function *function)
{
	char buffer[4096], target[256], path[64];
	ssize_t length;

	if (slurp(devices, function->address, "uevent", buffer, sizeof buffer) < 0)
		die(function->address);
	for (char *line = buffer, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		if (!strncmp(line, "DRIVER=", 7)) {
			snprintf(function->driver, sizeof function->driver, "%s", line + 7);
		} else if (!strncmp(line, "PCI_CLASS=", 10)) {
			function->class = strtoul(line + 10, NULL, 16);
		} else if (!strncmp(line, "PCI_ID=", 7)) {
			char *colon;
			function->vendor = strtoul(line + 7, &colon, 16);
			function->product = strtoul(colon + 1, NULL, 16);
		} else if (!strncmp(line, "PCI_SUBSYS_ID=", 14)) {
			char *colon;
			function->subvendor = strtoul(line + 14, &colon, 16);
			function->subproduct = strtoul(colon + 1, NULL, 16);
		}
	}
	snprintf(path, sizeof path, "%s/iommu_group", function->address);
	length = readlinkat(devices, path, target, sizeof target - 1);
	function->group = -1;
	if (length > 0) {
		target[length] = 0;
		function->group = atoi(strrchr(target, '/') + 1);
	}
	length = slurp(devices, function->address, "reset_method", function->reset, sizeof function->reset);
	function->has_reset_method = length >= 0;
	if (function->class >> 16 == 3)
		slurp(devices, function->address, "boot_vga", buffer, sizeof buffer);
}

static int by_address(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	return (int)(a->bus << 8 | a->device << 3 | a->function) - (int)(b->bus << 8 | b->device << 3 | b->function);
}

static void scan(int top)
{
	int devices = openat(top, "sys/bus/pci/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = devices < 0 ? NULL : fdopendir(devices);
	size_t room = 0;

	if (!stream)
		die("sys/bus/pci/devices");
	for (struct dirent *entry; (entry = readdir(stream));) {
		struct function *function;

		if (entry->d_name[0] == '.')
			continue;
		if (count == room) {
			room = room ? room * 2 : 256;
			functions = realloc(functions, room * sizeof *functions);
			if (!functions)
				die("realloc");
		}
		function = memset(&functions[count], 0, sizeof *functions);
		snprintf(function->address, sizeof function->address, "%.15s", entry->d_name);
		if (sscanf(entry->d_name, "%x:%x:%x.%u", &function->domain, &function->bus, &function->device,
			   &function->function) == 4)
			count++;
	}
	for (size_t i = 0; i < count; i++)
		read_function(devices, &functions[i]);
	closedir(stream);
	qsort(functions, count, sizeof *functions, by_address);
}

/* The groups that there are, and who is in which. */
static void sort_into_groups(int top)
{
	int folder = openat(top, "sys/kernel/iommu_groups", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = folder < 0 ? NULL : fdopendir(folder);

	if (stream) {
		for (struct dirent *entry; (entry = readdir(stream));)
			if (entry->d_name[0] != '.' && (size_t)atoi(entry->d_name) >= groups)
				groups = atoi(entry->d_name) + 1;
		closedir(stream);
	}
	first = calloc(groups + 2, sizeof *first);
	members = calloc(count + 1, sizeof *members);
	for (size_t i = 0; i < count; i++)
		if (functions[i].group >= 0)
			first[functions[i].group + 2]++;
	for (size_t group = 0; group < groups; group++)
		first[group + 2] += first[group + 1];
	for (size_t i = 0; i < count; i++)
		if (functions[i].group >= 0)
			members[first[functions[i].group + 1]++] = i;
}

static void read_root_buses(int top)
{
	int folder = openat(top, "sys/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = folder < 0 ? NULL : fdopendir(folder);

	if (!stream)
		return;
	for (struct dirent *entry; (entry = readdir(stream));)
		if (!strncmp(entry->d_name, "pci", 3) && strlen(root_buses) + 32 < sizeof root_buses)
			sprintf(root_buses + strlen(root_buses), "%s ", entry->d_name + 3);
	closedir(stream);
}

static bool on_root_bus(const struct function *function)
{
	char bus[16];

	snprintf(bus, sizeof bus, "%04x:%02x ", function->domain, function->bus);
	return strstr(root_buses, bus) != NULL;
}

/* First and last function of the bus that `place` is on. */
static void bus_of(size_t place, size_t *from, size_t *to)
{
	*from = place;
	*to = place;
	while (*from && functions[*from - 1].domain == functions[place].domain &&
	       functions[*from - 1].bus == functions[place].bus)
		--*from;
	while (*to + 1 < count && functions[*to + 1].domain == functions[place].domain &&
	       functions[*to + 1].bus == functions[place].bus)
		++*to;
}

/* The words of reset_method; `bus` works only for a function that is alone on its bus. */
static int working(const struct function *function, bool alone, char words[8][24])
{
	char text[64], *rest = text;
	int number = 0;

	memcpy(text, function->reset, sizeof text);
	for (char *word; (word = strsep(&rest, " \n")) && number < 8;)
		if (*word && (alone || (strcmp(word, "bus") && strcmp(word, "cxl_bus"))))
			snprintf(words[number++], sizeof words[0], "%s", word);
	return number;
}

static const char *verdict(size_t place, size_t from, size_t to, int methods)
{
	const struct function *function = &functions[place];
	bool neighbours = false;

	if (!is_endpoint(function) || function->group < 0)
		return "refused";
	for (size_t i = first[function->group]; i < first[function->group + 1]; i++) {
		const struct function *other = &functions[members[i]];
		if (other != function && is_endpoint(other) && blocks(other))
			return "with-others";
	}
	for (size_t i = from; i <= to && !neighbours; i++)
		neighbours = i != place && is_endpoint(&functions[i]);
	return !neighbours || methods || on_root_bus(function) ? "candidate" : "with-others";
}

static void text(const char *key, const char *value)
{
	printf(",\"%s\":", key);
	if (!value) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putchar('\\');
		putchar(*value);
	}
	putchar('"');
}

static void names(struct pci_access *access, const struct function *function)
{
	char buffer[1024];

	text("vendor_name", pci_lookup_name(access, buffer, sizeof buffer, PCI_LOOKUP_VENDOR, function->vendor));
	text("device_name", pci_lookup_name(access, buffer, sizeof buffer, PCI_LOOKUP_DEVICE, function->vendor,
					    function->product));
	text("subsystem_name",
	     pci_lookup_name(access, buffer, sizeof buffer, PCI_LOOKUP_SUBSYSTEM | PCI_LOOKUP_DEVICE, function->vendor,
			     function->product, function->subvendor, function->subproduct));
	text("class_name", pci_lookup_name(access, buffer, sizeof buffer, PCI_LOOKUP_CLASS, function->class >> 8));
}

static void print(struct pci_access *access, size_t place)
{
	const struct function *function = &functions[place];
	char words[8][24];
	size_t from, to;
	int methods;

	bus_of(place, &from, &to);
	methods = working(function, from == to, words);
	printf("{\"address\":\"%s\",\"vendor_id\":\"0x%04x\",\"device_id\":\"0x%04x\",\"subsystem_vendor_id\":\"0x%04x\","
	       "\"subsystem_device_id\":\"0x%04x\",\"class\":\"0x%06x\"",
	       function->address, function->vendor, function->product, function->subvendor, function->subproduct,
	       function->class);
	names(access, function);
	text("driver", function->driver[0] ? function->driver : NULL);
	if (function->group >= 0)
		printf(",\"iommu_group\":%d", function->group);
	else
		fputs(",\"iommu_group\":null", stdout);
	fputs(",\"reset_methods\":[", stdout);
	for (int i = 0; i < methods; i++)
		printf("%s\"%s\"", i ? "," : "", words[i]);
	putchar(']');
	text("verdict", verdict(place, from, to, methods));
	fputs(",\"unknown\":[]}", stdout);
}

int main(int argc, char **argv)
{
	struct pci_access *access = pci_alloc();
	bool comma = false;
	int top = open(argc > 1 ? argv[1] : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (top < 0)
		die("open");
	access->id_lookup_mode = PCI_LOOKUP_NO_HWDB | PCI_LOOKUP_NO_NUMBERS;
	scan(top);
	sort_into_groups(top);
	read_root_buses(top);
	fputs("{\"schema\":\"hostdev/1\",\"devices\":[", stdout);
	for (size_t i = 0; i < count; i++) {
		if (!is_endpoint(&functions[i]))
			continue;
		if (comma)
			putchar(',');
		comma = true;
		print(access, i);
	}
	puts("]}");
	pci_cleanup(access);
	return 0;
}
