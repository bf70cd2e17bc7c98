extension FindingExplanation {
  static let guestRunning = Self(
    meaning: "A guest has the function's VFIO group or device node open.",
    harm: "The unbind asks the guest to give it up, waits for that, and cannot be taken back.",
    remedyIdea: "Shut the guest down, or take the device from it first.",
    source: "/proc/*/fd to /dev/vfio/N and /dev/vfio/devices/vfioN; vfio_unregister_group_dev() of drivers/vfio")

  static let guestData = Self(
    meaning: "Storage that a guest may have written goes back to the host.",
    harm: "The host may activate its LVM volumes, md arrays, or file systems with UUIDs that it has already.",
    remedyIdea: "Give it back without a driver, and look at it first.", source: "The class code of the function",
    force: .always)

  static let hasMediatedDevices = Self(
    meaning: "Mediated devices exist below the function.", harm: "The guests that have them lose them.",
    remedyIdea: "Stop the mediated devices first.",
    source: "/sys/bus/pci/devices/ADDRESS/mdev_supported_types, /sys/bus/mdev/devices")

  static let confinedGuests = Self(
    meaning: "SELinux or AppArmor is between libvirt's guests and the device files of VFIO.",
    harm: "A guest that the policy does not know gets EACCES and does not start.",
    remedyIdea: "Take the denial out of the policy, or read the audit log if a guest is refused.",
    source: "/sys/fs/selinux/enforce, /sys/module/apparmor/parameters/enabled, /etc/apparmor.d")

  static let hasVFs = Self(
    meaning: "A physical function has virtual functions.",
    harm: "The kernel does not give it to vfio-pci with them (EBUSY), and a reset of it resets them too.",
    remedyIdea: "Give the virtual functions back, then set their number to 0.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_numvfs; vfio_pci_core_register_device() of drivers/vfio/pci")

  static let vfWithoutPF = Self(
    meaning: "A physical function goes to a guest while virtual functions of it are there.",
    harm: "They stop working.", remedyIdea: "Keep the physical function on the host, and give guests the virtual ones.",
    source: "/sys/bus/pci/devices/ADDRESS/virtfn*", force: .always)

  static let vfToken = Self(
    meaning: "A virtual function's physical function is on a VFIO driver.",
    harm: "The kernel wants a VF token to open it, which libvirt's plain hostdev cannot give.",
    remedyIdea: "Give the physical function back to the host.",
    source: "/sys/bus/pci/devices/ADDRESS/physfn/driver; vfio_pci_validate_vf_token() of drivers/vfio/pci")

  static let noSRIOV = Self(
    meaning: "The function can have no virtual functions.", harm: "The kernel has no sriov_numvfs for it (ENOENT).",
    remedyIdea: "Switch SR-IOV on in the firmware setup and in the card's own, or name the physical function.",
    source: "The SR-IOV extended capability (0x10); /sys/bus/pci/devices/ADDRESS/sriov_totalvfs")

  static let tooManyVFs = Self(
    meaning: "More virtual functions are asked for than the function can have.",
    harm: "The kernel refuses the number (ERANGE).", remedyIdea: "Ask for fewer.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_totalvfs; sriov_numvfs_store() of drivers/pci/iov.c")

  static let noSRIOVDriver = Self(
    meaning: "The function's driver makes no virtual functions, or it has no driver.",
    harm: "The kernel refuses the number (ENOENT).", remedyIdea: "Give the function back to its own driver first.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; sriov_numvfs_store() of drivers/pci/iov.c wants sriov_configure")

  static let unknownSRIOV = Self(
    meaning: "Whether the function can have virtual functions could not be read.",
    harm: "The kernel may refuse the number.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_totalvfs", force: .always)
}
