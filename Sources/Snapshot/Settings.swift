import System

/// What boot loaders, modprobe and other tools were told about devices, as `doctor` and `import` read it.
///
/// Left out: libvirt's domains, which have passwords in them, and udev's rules, which name more than devices of ours.
func copySettings(_ copier: Copier) throws(SystemError) {
  for path in [
    "/etc/default/grub", "/etc/kernel/cmdline", "/etc/modules", "/etc/initramfs-tools/modules",
    "/etc/pve/mapping/pci.cfg",
  ] {
    try copier.file(path)
  }
  for folder in [
    "/etc/default/grub.d", "/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries",
    "/etc/driverctl.d",
  ] {
    try copier.files(in: folder)
  }
  // That there is a folder and nothing in it is an answer too.
  for folder in ["/etc/modprobe.d", "/etc/driverctl.d"] where copier.exists(folder) { try copier.folder(folder) }
  // A pin names its card by the serial number.
  if !copier.isRedacting { try copier.files(in: "/etc/hostdev/pins.d") }
}
