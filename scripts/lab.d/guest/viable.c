/* Asks VFIO what a virtual machine monitor asks, and holds what it opened.
 *
 *   viable [-d ADDRESS]... [-w SECONDS] GROUP
 *
 * Opens the container and /dev/vfio/GROUP, prints viable=0 or viable=1, sets the type 1 IOMMU, opens the file of each
 * function named by -d, prints "held" and keeps everything open for SECONDS. Each step that the kernel refuses is
 * printed with its errno. Status: 0 all done, 1 refused, 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int refused(const char *step)
{
	printf("refused=%s errno=%d (%s)\n", step, errno, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	const char *functions[32];
	int count = 0, seconds = 0, option;

	while ((option = getopt(argc, argv, "d:w:")) != -1) {
		if (option == 'd' && count < 32)
			functions[count++] = optarg;
		else if (option == 'w')
			seconds = atoi(optarg);
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);

	int container = open("/dev/vfio/vfio", O_RDWR);
	if (container < 0)
		return refused("container");

	char path[64];
	snprintf(path, sizeof path, "/dev/vfio/%s", argv[optind]);
	int group = open(path, O_RDWR);
	if (group < 0)
		return refused("group");

	struct vfio_group_status status = { .argsz = sizeof status };
	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status))
		return refused("status");
	printf("viable=%d\n", !!(status.flags & VFIO_GROUP_FLAGS_VIABLE));

	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		return refused("set-container");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU))
		return refused("set-iommu");
	for (int i = 0; i < count; i++) {
		if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, functions[i]) < 0)
			return refused(functions[i]);
		printf("opened=%s\n", functions[i]);
	}
	printf("held\n");
	sleep(seconds);
	return 0;
}
