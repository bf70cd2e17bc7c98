import TestSupport
import Testing

@testable import Settings

@Suite("Which initramfs is whose")
struct InitramfsPlaceTests {
  @Test(arguments: [
    ("initrd.img-6.1.0-1-amd64", "6.1.0-1-amd64"), ("initramfs-6.12.fc40.img", "6.12.fc40"), ("initrd.img", nil),
    ("initrd.img-6.1.bak", nil), ("initramfs-0-rescue-1.img", nil), ("vmlinuz-6.1", nil), ("initramfs-.img", nil),
  ])
  func theNameSaysWhoseItIs(name: String, kernel: String?) { #expect(InitramfsPlace(boot: name)?.kernel == kernel) }

  @Test func entriesNameTheirImages() {
    let settings = HostSettings(
      reading: Written([
        "/boot/efi/loader/entries/a.conf": "version 6.12.1\ninitrd /m/ucode\ninitrd /m/6.12.1/initrd\noptions x\n",
        "/boot/initrd.img-6.1": "",
      ]), functions: [])
    #expect(
      settings.boot.images.map { "\($0.kernel) \($0.path)" } == [
        "6.12.1 /boot/efi/m/6.12.1/initrd", "6.1 /boot/initrd.img-6.1",
      ])
  }
}
