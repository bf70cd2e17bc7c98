import Settings
import System

/// What boot loaders, modprobe and other tools were told about devices, as `doctor` and `import` read it.
///
/// Left out: libvirt's domains, which have passwords in them, and udev's rules, which name more than devices of ours.
func copySettings(_ copier: Copier) throws(SystemError) {
  for path in [
    "/etc/default/grub", "/etc/kernel/cmdline", "/etc/modules", "/etc/initramfs-tools/modules",
    "/etc/pve/mapping/pci.cfg", "/usr/lib/kernel/cmdline", "/etc/os-release", "/boot/grub/grubenv",
    "/boot/grub2/grubenv", "/boot/loader/loader.conf", "/boot/efi/loader/loader.conf", "/efi/loader/loader.conf",
    "/etc/kdump.conf",
    "/etc/sysfs.conf", "/etc/tuned/active_profile", "/etc/supergfxd.conf", "/etc/prime-discrete",
    "/etc/optimus-manager/optimus-manager.conf",
  ] {
    try copier.file(path)
  }
  for folder in [
    "/etc/default/grub.d", "/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries",
    "/etc/driverctl.d", "/etc/cmdline.d", "/etc/sysfs.d",
  ] {
    try copier.files(in: folder)
  }
  for path in ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"] where copier.exists(path) {
    if let text = copier.whole(path) { try copier.text(path, configurationWithoutSecrets(path, text)) }
  }
  try markTools(copier)
  // That there is a folder and nothing in it is an answer too.
  for folder in ["/etc/modprobe.d", "/etc/driverctl.d"] where copier.exists(folder) { try copier.folder(folder) }
  // A pin names its card by the serial number.
  if !copier.isRedacting { try copier.files(in: "/etc/hostdev/pins.d") }
}

/// Which tools change the next boot: that they are there is all that is asked.
private func markTools(_ copier: Copier) throws(SystemError) {
  let paths = [
    "/usr/sbin/update-grub", "/usr/bin/grub-mkconfig", "/usr/sbin/grub-mkconfig", "/usr/sbin/grubby", "/usr/bin/grubby",
    "/usr/sbin/update-initramfs", "/usr/bin/mkinitcpio", "/usr/bin/dracut", "/usr/bin/booster", "/etc/booster.yaml",
    "/etc/mkinitcpio.conf", "/usr/bin/reinstall-kernels", "/usr/bin/sdbootutil", "/etc/kernel/proxmox-boot-uuids",
    "/etc/kernelstub/configuration", "/etc/NIXOS", "/run/ostree-booted",
    "/etc/grub.d/41_hostdev", "/run/current-system/configuration.scm", "/usr/lib/systemd/systemd-modules-load",
    "/etc/alpine-release", "/etc/devuan_version", "/etc/inittab", "/sbin/openrc-run",
  ]
  for path in paths where copier.exists(path) { try copier.mark(path) }
}
