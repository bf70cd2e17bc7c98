/// Names of the attributes and folders that a snapshot takes.
enum Attributes {
  /// Of a PCI function. `config` and `driver_override` have rules of their own.
  static let function: Set<String> = [
    "uevent", "vendor", "device", "subsystem_vendor", "subsystem_device", "class", "revision", "modalias",
    "numa_node", "enable", "irq", "resource", "power_state", "d3cold_allowed", "reset_method", "boot_vga", "msi_bus",
    "ari_enabled", "max_link_speed", "max_link_width", "current_link_speed", "current_link_width",
    "secondary_bus_number", "subordinate_bus_number", "sriov_totalvfs", "sriov_numvfs", "sriov_offset", "sriov_stride",
    "sriov_vf_device", "sriov_drivers_autoprobe", "aer_dev_correctable", "aer_dev_fatal", "aer_dev_nonfatal",
  ]

  /// Answered under the device lock by many kernels, which a write that is under way may hold for ever.
  static let locked: Set<String> = ["uevent", "driver_override", "sriov_numvfs"]

  /// Only written, never read: that they are there is what counts.
  static let writeOnly: Set<String> = [
    "reset", "remove", "rescan", "bind", "unbind", "new_id", "remove_id", "drivers_probe",
  ]

  /// Of whatever hangs off a function, and of the host's virtual devices.
  static let device: Set<String> = [
    "uevent", "dev", "name", "type", "state", "status",
    // Storage, with the folders dm, md, loop and queue.
    "size", "ro", "removable", "hidden", "partition", "start", "range", "model", "serial", "firmware_rev", "vendor",
    "rev", "transport", "address", "cntlid", "subsysnqn", "subsystype", "nsid", "wwid", "uuid", "nguid", "eui",
    "iopolicy", "suspended", "persistent_address", "targetname", "level", "array_state", "metadata_version",
    "raid_disks", "backing_file",
    "logical_block_size", "rotational", "zoned", "initstate",
    // Network, with the folders bonding and bridge.
    "operstate", "flags", "ifindex", "iflink", "mtu", "dev_id", "dev_port", "addr_assign_type", "addr_len",
    "bridge_id", "slaves", "mode", "active_slave", "tun_flags", "node_type",
    // Display, input, consoles.
    "enabled", "dpms", "bind", "active", "virtual_size", "phys", "uniq", "properties",
    "ev", "key", "rel", "abs", "led", "sw", "msc", "snd", "ff", "bustype", "product", "version",
    // USB.
    "idVendor", "idProduct", "manufacturer", "busnum", "devnum", "bDeviceClass", "bInterfaceClass",
    "bInterfaceSubClass", "bInterfaceProtocol", "authorized", "report_descriptor",
    // Watchdog, mediated devices, IOMMU.
    "identity", "timeout", "available_instances", "device_api", "description", "cap", "ecap",
    // Device links.
    "sync_state_only", "runtime_pm", "auto_remove_on",
  ]

  static let power: Set<String> = ["control", "runtime_status", "wakeup"]

  /// Folders of counters, interrupts and the like.
  static let dullFolders: Set<String> = [
    "msi_irqs", "statistics", "queues", "mq", "integrity", "link", "trace", "wakeup", "hwmon", "mdio_bus", "ptp",
    "firmware", "i2c-dev", "thermal", "cooling_device", "leds",
  ]

  /// Links into trees that are not copied.
  static let dullLinks: Set<String> = ["firmware_node", "of_node", "bdi", "port", "peer", "waiting_for_supplier"]

  /// Classes whose members tell what the host does with a function.
  static let classes = [
    "block", "devlink", "drm", "graphics", "infiniband", "input", "iommu", "ipmi", "iscsi_connection", "iscsi_session",
    "mdev_bus",
    "net", "nvme", "nvme-subsystem", "scsi_host", "sound", "tpm", "vfio", "vfio-dev", "vtconsole", "watchdog",
  ]
}

/// The kernel's folders for PCI.
enum Places {
  static let functions = "/sys/bus/pci/devices"
  static let drivers = "/sys/bus/pci/drivers"
  static let groups = "/sys/kernel/iommu_groups"
  static let modules = "/sys/module"
}
