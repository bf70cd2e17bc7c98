import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("What this very host has to change its next boot")
struct BootRemedyTests {
  private func boot(_ files: [String: String]) -> BootConfiguration {
    HostSettings(reading: Written(files), functions: []).boot
  }

  private static let word = "vfio-pci.ids=10ee:5000"
  private static let arch = ["/etc/os-release": "ID=arch\n"]
  private static let defaults = ["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"quiet \(word)\"\n"]
  private static let files = [
    "/boot/grub2/grub.cfg": "insmod blscfg\nblscfg\n",
    "/boot/loader/entries/a-6.conf": "linux /k\noptions ro \(word)\n",
  ]

  private func joined(_ files: [String: String]...) -> BootConfiguration {
    boot(files.reduce(into: [:]) { $0.merge($1) { $1 } })
  }

  @Test func grubHasItsOwnCommandOnEachDistribution() {
    func update(_ files: [String: String]...) -> String? {
      boot(files.reduce(into: Self.defaults) { $0.merge($1) { $1 } }).update
    }
    #expect(update(Self.arch) == "grub-mkconfig -o /boot/grub/grub.cfg")
    #expect(update(["/etc/os-release": "ID=ubuntu\nID_LIKE=debian\n"]) == "update-grub")
    #expect(
      update(["/etc/os-release": "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"])
        == "grub2-mkconfig -o /boot/grub2/grub.cfg")
    #expect(update(["/boot/grub2/grub.cfg": "linux /k x\n"]) == "grub2-mkconfig -o /boot/grub2/grub.cfg")
    #expect(update(Self.arch, ["/usr/bin/update-grub": ""]) == "update-grub")
    #expect(update(["/etc/mkinitcpio.d/linux.preset": ""]) == "grub-mkconfig -o /boot/grub/grub.cfg")
  }

  @Test func withEntriesInFilesItIsGrubby() {
    let fedora = joined(Self.files, ["/etc/default/grub": "GRUB_ENABLE_BLSCFG=true\n"])
    #expect(fedora.addition(of: "intel_iommu=on") == "grubby --update-kernel=ALL --args=intel_iommu=on")
    #expect(fedora.removal(of: Self.word) == "grubby --update-kernel=ALL --remove-args=\(Self.word)")
    // Without it, the program that can carry the defaults on.
    let script = ["/usr/sbin/grub2-mkconfig": "#!/bin/sh\n# --update-bls-cmdline\n"]
    let other = joined(
      Self.files, ["/etc/default/grub": "GRUB_ENABLE_BLSCFG=true\nGRUB_CMDLINE_LINUX=\"ro\"\n"], script)
    #expect(
      other.addition(of: "x=y")?.hasSuffix("&& grub2-mkconfig -o /boot/grub2/grub.cfg --update-bls-cmdline") == true)
    #expect(joined(Self.files, script, ["/usr/sbin/grubby": ""]).addition(of: "x=y")?.hasPrefix("grubby ") == true)
    // SUSE makes its entries of the kernel's file.
    let suse = joined(
      Self.files,
      ["/etc/os-release": "ID=opensuse-tumbleweed\nID_LIKE=\"opensuse suse\"\n", "/etc/kernel/cmdline": "ro\n"])
    #expect(suse.addition(of: "x=y") == "sed -i '1s/$/ x=y/' /etc/kernel/cmdline && sdbootutil update-all-entries")
  }

  @Test func entriesOfASystemsOwnToolAreLeftToIt() {
    let ostree = joined(Self.files, ["/run/ostree-booted": ""])
    #expect(ostree.addition(of: "x=y") == "rpm-ostree kargs --append-if-missing=x=y")
    #expect(ostree.removal(of: Self.word) == "rpm-ostree kargs --delete-if-present=\(Self.word)")
    #expect(joined(Self.files, ["/proc/cmdline": "ostree=/ostree/boot.1/x\n"]).tools.editor == .ostree)
    let entry = ["/boot/loader/entries/nixos-generation-1.conf": "linux /k\noptions ro \(Self.word)\n"]
    let nixos = joined(entry, ["/etc/os-release": "ID=nixos\n"])
    #expect(
      nixos.removal(of: Self.word).hasSuffix(
        "boot.kernelParams of the NixOS configuration (/etc/nixos), then: nixos-rebuild boot"))
    #expect(nixos.addition(of: "x=y")?.contains("nixos-rebuild boot") == true)
    let guix = joined(entry, ["/etc/os-release": "ID=guix\n"])
    #expect(guix.removal(of: Self.word).hasSuffix("of /etc/config.scm, then: guix system reconfigure /etc/config.scm"))
    #expect(
      joined(entry, ["/etc/kernelstub/configuration": "{}"]).removal(of: Self.word)
        == "kernelstub --delete-options \(Self.word)")
  }

  @Test func theKernelsFileIsCarriedOnByWhatThereIs() {
    let kernel = ["/etc/kernel/cmdline": "root=x \(Self.word)\n"]
    func update(_ files: [String: String]) -> String? { joined(kernel, files).update }
    #expect(update(["/etc/kernel/proxmox-boot-uuids": "X\n"]) == "proxmox-boot-tool refresh")
    #expect(update(["/usr/bin/reinstall-kernels": ""]) == "reinstall-kernels")
    #expect(update(["/etc/os-release": "ID=endeavouros\nID_LIKE=arch\n"]) == "reinstall-kernels")
    #expect(
      update(["/lib/modules/6.12.1/vmlinuz": ""])
        == "kernel-install add \"$(uname -r)\" \"/lib/modules/$(uname -r)/vmlinuz\"")
    #expect(update([:]) == "kernel-install add \"$(uname -r)\" \"/boot/vmlinuz-$(uname -r)\"")
  }

  @Test func anEntryThatNothingMakesIsEditedItself() {
    let arch = joined(
      Self.arch,
      [
        "/boot/loader/entries/arch.conf": "title Arch\nlinux /k\noptions root=x \(Self.word) rw\n",
        "/boot/loader/entries/old.conf": "title Old\noptions root=x \(Self.word) rw\n",
        "/boot/loader/loader.conf": "default arch.conf\n",
      ])
    #expect(arch.addition(of: "x=y") == "sed -i '3s/$/ x=y/' /boot/loader/entries/arch.conf")
    // The other entry is left as it is.
    #expect(arch.removal(of: Self.word).hasSuffix(" /boot/loader/entries/arch.conf"))
    #expect(!arch.removal(of: Self.word).contains("old.conf"))
  }

  @Test func anAdditionIsTriedOnTheFile() {
    func addition(_ files: [String: String]) -> String? { boot(files).addition(of: "x=y") }
    let line = "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX x=y\""
    #expect(addition(["/etc/default/grub": "A=1\n"]) == "echo '\(line)' >> /etc/default/grub && update-grub")
    // The last line has no end.
    #expect(
      addition(["/etc/default/grub": "A=1"])?.hasPrefix("printf '\\n%s\\n' '\(line)' >> /etc/default/grub") == true)
    // A later file sets it anew.
    #expect(
      addition(["/etc/default/grub": "A=1\n", "/etc/default/grub.d/50-cloud.cfg": "GRUB_CMDLINE_LINUX=\"ro\"\n"])?
        .contains(">> /etc/default/grub.d/50-cloud.cfg") == true)
    #expect(addition(["/etc/kernel/cmdline": "# a comment\nroot=x\n"])?.hasPrefix("sed -i '2s/$/ x=y/'") == true)
    // It is there already, and was not carried on.
    #expect(
      addition(["/etc/default/grub": "GRUB_CMDLINE_LINUX=x=y\n", "/boot/grub/grub.cfg": "linux /k ro\n"])
        == "update-grub")
  }

  @Test func whatHasNoLineOfTheDefaultsIsMadeElsewhere() {
    let menu = "### BEGIN /etc/grub.d/40_custom ###\nmenuentry 'mine' {\nlinux /k ro \(Self.word)\n}\n"
    let custom = joined(["/etc/default/grub": "GRUB_CMDLINE_LINUX=\"ro\"\n", "/boot/grub/grub.cfg": menu])
    #expect(custom.removal(of: Self.word).hasPrefix("remove \(Self.word) from /etc/grub.d/40_custom; then: "))
    // What is added to the defaults does not reach it either.
    #expect(custom.addition(of: "x=y") == "add x=y in /etc/grub.d/40_custom to the line of mine, then: update-grub")
    let made = joined([
      "/etc/default/grub": "GRUB_CMDLINE_LINUX=\"ro\"\n",
      "/boot/grub/grub.cfg": menu.replacing("40_custom", with: "10_linux"),
    ])
    #expect(made.removal(of: Self.word) == "update-grub")
  }

  @Test(
    arguments: [
      (["/etc/mkinitcpio.conf": ""], "mkinitcpio -P"),
      (["/etc/booster.yaml": ""], "/usr/lib/booster/regenerate_images"),
      (["/etc/dracut.conf": ""], "dracut --regenerate-all --force"),
      (["/etc/initramfs-tools/modules": ""], "update-initramfs -u -k all"),
      (["/etc/os-release": "ID=nixos\n"], "nixos-rebuild boot"), (["/etc/os-release": "ID=alpine\n"], "mkinitfs"),
      (["/etc/os-release": "ID=debian\n"], "update-initramfs -u -k all"),
      (["/etc/os-release": "ID=fedora\n"], "dracut --regenerate-all --force"),
      // Debian's files stay where dracut has taken over, and Arch may have several: the image that boots tells.
      (
        [
          "/etc/mkinitcpio.conf": "",
          "/boot/loader/entries/a.conf": "linux /k\ninitrd /booster-linux.img\noptions ro\n",
        ], "/usr/lib/booster/regenerate_images"
      ),
      // What dracut makes alone is in no entry of these.
      (
        [
          "/etc/os-release": "ID=endeavouros\nID_LIKE=arch\n", "/etc/dracut.conf.d/a.conf": "",
          "/etc/kernel/cmdline": "x",
        ],
        "reinstall-kernels"
      ),
      ([:], nil),
    ] as [([String: String], String?)])
  func afterAnEditOfModprobesFilesTheInitramfsIsMadeAnew(files: [String: String], update: String?) {
    let settings = HostSettings(reading: Written(files), functions: [])
    #expect(settings.boot.tools.imageUpdate == update)
    #expect(
      settings.boot.tools.after(["sed x"]) == (update.map { "sed x && \($0)" } ?? "sed x; then rebuild the initramfs"))
  }
}
