import Settings
import TestSupport
import Testing

@testable import Checks

@Suite("How a kernel argument is taken back")
struct RemovalTests {
  @Test func theCommandAfterAnEditIsTheLoadersOwn() {
    let word = "vfio-pci.ids=10ee:5000"
    func removal(_ files: [String: String]) -> String {
      HostSettings(reading: Written(files), functions: []).boot.removal(of: word)
    }
    let grub = ["/etc/default/grub": "A=1\nGRUB_CMDLINE_LINUX=\"quiet \(word)\"\n"]
    let sed = #"sed -i '2s/ *\bvfio-pci\.ids=10ee:5000\(["\x27[:space:]]\|$\)/\1/' /etc/default/grub"#
    #expect(removal(grub) == sed + " && update-grub")
    #expect(
      removal(grub.merging(["/boot/grub2/grub.cfg": "linux /v x \(word)\n"]) { $1 })
        == sed + " && grub2-mkconfig -o /boot/grub2/grub.cfg")
    #expect(removal(["/etc/kernel/cmdline": word]).contains("kernel-install add"))
    #expect(
      removal(["/etc/kernel/cmdline": word, "/etc/kernel/proxmox-boot-uuids": "X\n"]).hasSuffix(
        "&& proxmox-boot-tool refresh"))
    #expect(removal(["/boot/loader/entries/a.conf": "options \(word)\n"]).hasSuffix(" /boot/loader/entries/a.conf"))
    #expect(removal(["/etc/default/grub": "A=1\n"]) == "")
  }

  /// What is printed was tried on the file: the shell still reads it, and everything else stays.
  @Test(arguments: [
    ("GRUB_CMDLINE_LINUX=\"quiet vfio-pci.ids='10ee:5000'\"\n", "sed -i"),
    ("GRUB_CMDLINE_LINUX=\"$(cat /x) vfio-pci.ids=10ee:5000\"\n", "sed -i"),
    ("MORE=\"vfio-pci.ids=10ee:5000 a\"\nGRUB_CMDLINE_LINUX=\"$MORE b\"\n", "sed -i '1s"),
    (
      "GRUB_CMDLINE_LINUX=\"$(echo vfio-pci.ids=10ee:5000)\"\n",
      "edit /etc/default/grub:1 by hand: $(echo vfio-pci.ids=10ee:5000) may set vfio-pci.ids=10ee:5000 in:"
    ),
    (
      "IDS=10ee:5000\nGRUB_CMDLINE_LINUX=\"quiet $(a) vfio-pci.ids=$IDS$IDS\"\n",
      "edit /etc/default/grub:2 by hand:"
    ),
  ])
  func anEditOfGRUBsDefaults(text: String, remedy: String) {
    let files = ["/etc/default/grub": text, "/boot/grub/grub.cfg": "linux /v x vfio-pci.ids=10ee:5000\n"]
    let boot = HostSettings(reading: Written(files), functions: []).boot
    let removal = boot.removal(of: "vfio-pci.ids=10ee:5000")
    #expect(removal.hasPrefix(remedy), "\(removal)")
    #expect(removal.hasSuffix("update-grub"), "\(removal)")
  }
}
