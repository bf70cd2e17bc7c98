// SPDX-License-Identifier: GPL-2.0-or-later
/* A driver for what no emulated device does: a probe that fails, is deferred or takes its time, a removal that does,
 * and a device link between two functions. It knows no device, so it binds by driver_override alone.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static int probe_errno;
module_param(probe_errno, int, 0644);
MODULE_PARM_DESC(probe_errno, "what a probe answers, as a positive number; 517 defers it");

static unsigned int probe_ms;
module_param(probe_ms, uint, 0644);
MODULE_PARM_DESC(probe_ms, "how long a probe takes");

static unsigned int remove_ms;
module_param(remove_ms, uint, 0644);
MODULE_PARM_DESC(remove_ms, "how long an unbind takes");

/* Until so much time has passed, or the parameter says that it is enough. */
static void lab_wait(const unsigned int *milliseconds)
{
	unsigned int waited;

	for (waited = 0; waited < READ_ONCE(*milliseconds); waited += 20)
		msleep(20);
}

static int lab_probe(struct pci_dev *function, const struct pci_device_id *id)
{
	lab_wait(&probe_ms);
	return -probe_errno;
}

static void lab_remove(struct pci_dev *function)
{
	lab_wait(&remove_ms);
}

static const struct pci_device_id lab_ids[] = { { } };

static struct pci_driver lab_driver = {
	.name = "hostdev-lab",
	.id_table = lab_ids,
	.probe = lab_probe,
	.remove = lab_remove,
};

static struct pci_dev *lab_function(const char *text)
{
	unsigned int domain, bus, device, function;

	if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(device, function));
}

/* "CONSUMER SUPPLIER": the link goes when the consumer is unbound. */
static int lab_link(const char *text, const struct kernel_param *parameter)
{
	struct pci_dev *consumer, *supplier;
	char first[32], second[32];
	int result = -EINVAL;

	if (sscanf(text, "%31s %31s", first, second) != 2)
		return -EINVAL;
	consumer = lab_function(first);
	supplier = lab_function(second);
	if (consumer && supplier)
		result = device_link_add(&consumer->dev, &supplier->dev, DL_FLAG_AUTOREMOVE_CONSUMER) ? 0 : -EIO;
	pci_dev_put(consumer);
	pci_dev_put(supplier);
	return result;
}

static const struct kernel_param_ops lab_link_ops = { .set = lab_link };
module_param_cb(link, &lab_link_ops, NULL, 0200);
MODULE_PARM_DESC(link, "CONSUMER SUPPLIER: makes the first depend on the second");

module_pci_driver(lab_driver);
MODULE_DESCRIPTION("hostdev's lab: faults of drivers");
MODULE_LICENSE("GPL");
