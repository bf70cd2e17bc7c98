extension FindingExplanation {
  static let guestRunning = Self(
    meaning: "A guest has the function's VFIO group or device node open.",
    harm: "An unbind blocks until the guest closes it, and cannot be cancelled.",
    remedyIdea: "Shut the guest down, or detach the device from it first.",
    source: "/proc/*/fd to /dev/vfio/N and /dev/vfio/devices/vfioN; vfio_unregister_group_dev() of drivers/vfio")

  static let guestData = Self(
    meaning: "Storage that a guest may have written goes back to the host.",
    harm: "The host may activate its LVM volumes or md arrays, or mix up file systems with the same UUID.",
    remedyIdea: "Release it without a driver, and inspect it first.", source: "The class code of the function",
    force: .always)

  static let hasMediatedDevices = Self(
    meaning: "Mediated devices exist below the function.", harm: "Guests that use them lose them.",
    remedyIdea: "Stop the mediated devices first.",
    source: "/sys/bus/pci/devices/ADDRESS/mdev_supported_types, /sys/bus/mdev/devices")

  static let confinedGuests = Self(
    meaning: "SELinux or AppArmor restricts which VFIO device files a guest can open.",
    harm: "A guest that the policy does not allow gets EACCES and does not start.",
    remedyIdea: "Remove the deny rule, or read the audit log if a guest is refused.",
    source: "/sys/fs/selinux/enforce, /sys/module/apparmor/parameters/enabled, /etc/apparmor.d")

  static let hasVFs = Self(
    meaning: "A physical function has virtual functions.",
    harm: "vfio-pci refuses it while they exist (EBUSY), and a reset of it resets them too.",
    remedyIdea: "Release the virtual functions, then set their number to 0.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_numvfs; vfio_pci_core_register_device() of drivers/vfio/pci")

  static let vfWithoutPF = Self(
    meaning: "A physical function goes to a guest while its virtual functions exist.",
    harm: "The virtual functions stop working.",
    remedyIdea: "Keep the physical function on the host, and give guests virtual ones.",
    source: "/sys/bus/pci/devices/ADDRESS/virtfn*", force: .always)

  static let vfToken = Self(
    meaning: "A virtual function's physical function is on a VFIO driver.",
    harm: "The kernel requires a VF token to open it, and libvirt's <hostdev> cannot pass one.",
    remedyIdea: "Release the physical function.",
    source: "/sys/bus/pci/devices/ADDRESS/physfn/driver; vfio_pci_validate_vf_token() of drivers/vfio/pci")

  static let noSRIOV = Self(
    meaning: "The function cannot have virtual functions.", harm: "The kernel has no sriov_numvfs for it (ENOENT).",
    remedyIdea: "Enable SR-IOV in the firmware setup and in the card's own setup, or name the physical function.",
    source: "The SR-IOV extended capability (0x10); /sys/bus/pci/devices/ADDRESS/sriov_totalvfs")

  static let tooManyVFs = Self(
    meaning: "More virtual functions are requested than the function can have.",
    harm: "The kernel refuses the number (ERANGE).", remedyIdea: "Request fewer.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_totalvfs; sriov_numvfs_store() of drivers/pci/iov.c")

  static let noSRIOVDriver = Self(
    meaning: "The function has no driver, or its driver cannot create virtual functions.",
    harm: "The kernel refuses the number (ENOENT).", remedyIdea: "Release the function to its own driver first.",
    source: "/sys/bus/pci/devices/ADDRESS/driver; sriov_numvfs_store() of drivers/pci/iov.c wants sriov_configure")

  static let unknownSRIOV = Self(
    meaning: "Whether the function can have virtual functions, or how many it has, could not be read.",
    harm: "The kernel may refuse the number, or the function while it has any.",
    remedyIdea: "Read it as root on the host itself, or take a fuller capture.",
    source: "/sys/bus/pci/devices/ADDRESS/sriov_totalvfs", force: .always)
}
