import Host
import Sysfs

/// What this very host has to change the arguments of its next boot.
public struct BootTools: Sendable, Equatable {
  /// Who keeps the arguments.
  public enum Editor: Sendable, Equatable {
    /// `rpm-ostree kargs`: entries are made by it alone.
    case ostree
    /// The system's configuration, of which entries are made.
    case nixos
    case guix
    /// Pop!_OS.
    case kernelstub
    /// `grubby`, which changes entries and what new ones are made of.
    case grubby
    /// Files, and the command that carries an edit of them on.
    case files
  }

  public var editor = Editor.files
  /// Brings an edit of GRUB's defaults into effect.
  public var grubUpdate = "update-grub"
  /// Brings an edit of `/etc/kernel/cmdline` into effect.
  public var entriesUpdate = Self.kernelInstall("/boot/vmlinuz-$(uname -r)")
  /// Makes the initramfs.
  public var initramfs = InitramfsTool.unknown
  /// Makes all images anew, and the entries that have them; nil if no tool is known.
  public var imageUpdate: String?

  public init() {}

  /// `menu`: grub.cfg, if there is one.
  init(for next: NextBoot, menu: String?, reading files: inout SettingFiles) {
    let sysfs = files.sysfs
    let distribution = Distribution(&files)
    func has(_ name: String) -> Bool {
      ["/usr/bin", "/usr/sbin", "/sbin", "/bin"].contains { sysfs.exists("\($0)/\(name)") }
    }
    let words = (KernelCommandLine.read(sysfs).value ?? []) + next.certain.map(\.word)
    let isOSTree = sysfs.exists("/run/ostree-booted") || words.contains { $0.hasPrefix("ostree=") }
    initramfs = InitramfsTool(sysfs, distribution, isOSTree: isOSTree, booted: next.entry?.initrd ?? "")
    let isBLS = next.loader == .grubEntries
    grubUpdate = grubUpdate(distribution, menu, has: has)
    if initramfs == .nixos {
      editor = .nixos
    } else if initramfs == .guix {
      editor = .guix
    } else if isOSTree {
      editor = .ostree
    } else if sysfs.exists("/etc/kernelstub") {
      editor = .kernelstub
    } else if isBLS {
      let script = files.text("/usr/sbin/grub2-mkconfig") ?? files.text("/usr/bin/grub2-mkconfig") ?? ""
      let carriesOn = script.contains("update-bls-cmdline")
      let isSUSE = has("sdbootutil") || distribution.isLike("suse", "opensuse")
      editor = isSUSE || carriesOn && !has("grubby") ? .files : .grubby
      if carriesOn { grubUpdate += " --update-bls-cmdline" }
    }
    entriesUpdate = entriesUpdate(next, distribution, has: has, on: sysfs)
    imageUpdate = initramfs.update
    // dracut alone makes files in /boot, and no image that a loader's entry has.
    let isUnified = next.entry?.place.file.hasSuffix(".efi") ?? false
    let isReinstalled = next.loader == .systemdBoot && entriesUpdate == "reinstall-kernels"
    if initramfs == .dracut, isUnified || isReinstalled { imageUpdate = entriesUpdate }
  }

  private static func kernelInstall(_ kernel: String) -> String { "kernel-install add \"$(uname -r)\" \"\(kernel)\"" }

  private func entriesUpdate(
    _ next: NextBoot, _ distribution: Distribution, has: (String) -> Bool, on sysfs: any Sysfs
  ) -> String {
    // Proxmox keeps the partitions that its own tool writes entries to in this list.
    if sysfs.exists("/etc/kernel/proxmox-boot-uuids") { return "proxmox-boot-tool refresh" }
    if let image = next.entry ?? next.entries.first, image.place.file.hasSuffix(".efi"),
      initramfs == .mkinitcpio, let update = initramfs.update
    {
      return update
    }
    if has("reinstall-kernels") || distribution.isLike("endeavouros") { return "reinstall-kernels" }
    if has("sdbootutil") || distribution.isLike("suse", "opensuse") { return "sdbootutil update-all-entries" }
    let modules = ((try? sysfs.entries("/lib/modules")) ?? []).contains { sysfs.exists("/lib/modules/\($0)/vmlinuz") }
    return Self.kernelInstall(modules ? "/lib/modules/$(uname -r)/vmlinuz" : "/boot/vmlinuz-$(uname -r)")
  }

  private func grubUpdate(_ distribution: Distribution, _ menu: String?, has: (String) -> Bool) -> String {
    let isSecond =
      menu.map { $0.contains("grub2") || $0.contains("/EFI/") }
      ?? (distribution.isLike("fedora", "rhel", "suse", "opensuse") || has("grub2-mkconfig"))
    if isSecond { return "grub2-mkconfig -o \(ShellWord.quoted(menu ?? "/boot/grub2/grub.cfg"))" }
    if has("update-grub") || distribution.isLike("debian", "ubuntu") { return "update-grub" }
    if has("grub-mkconfig") || !distribution.id.isEmpty || initramfs == .mkinitcpio {
      return "grub-mkconfig -o \(menu ?? "/boot/grub/grub.cfg")"
    }
    return "update-grub"
  }
}
