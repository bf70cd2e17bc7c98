import Testing

@testable import Diagnosis

@Suite("Which pins the initramfs has")
struct ImageTests {
  private static let copy = "/var/lib/hostdev/initramfs/6.12.1/pins.d"
  private static let pins = "/etc/hostdev/pins.d"

  private func content(_ files: [String: String], barred: Set<String> = []) -> BootImage.Content? {
    BootImageReader.read(
      Written(files.merging(["/boot/initrd.img-6.12.1": "", "/boot/vmlinuz-6.12.1": ""]) { $1 }, barred: barred)
    ).first?.content
  }

  @Test func theSameFilesAreTheSamePins() {
    #expect(content(["\(Self.copy)/a.json": "1", "\(Self.pins)/a.json": "1"]) == .same)
  }

  @Test func anotherMissingOrLeftOverPinMakesItStale() {
    #expect(
      content(["\(Self.copy)/a.json": "1", "\(Self.pins)/a.json": "2"])
        == .stale(["\(Self.pins)/a.json: another one is in the image"]))
    #expect(
      content(["\(Self.copy)/a.json": "1", "\(Self.pins)/a.json": "1", "\(Self.pins)/b.json": "1"])
        == .stale(["\(Self.pins)/b.json: not in the image"]))
    #expect(content(["\(Self.copy)/a.json": "1"]) == .stale(["\(Self.copy)/a.json: no such pin now"]))
  }

  @Test func withoutTheHooksCopyItHasNone() {
    #expect(content(["\(Self.pins)/a.json": "1"]) == .withoutPins)
    #expect(
      content(["\(Self.copy)/a.json": "1", "\(Self.pins)/a.json": "1"], barred: [Self.copy])
        == .unknown("\(Self.copy): EACCES"))
  }

  @Test func theNameSaysWhoseItIs() {
    let images = BootImageReader.read(
      Written(["/boot/initrd.img-6.1.0-1-amd64": "", "/boot/initramfs-6.12.fc40.img": "", "/boot/initrd.img.old": ""]))
    #expect(images.map(\.kernel) == ["6.12.fc40", "6.1.0-1-amd64"])
  }

  @Test func doctorSaysHowToMakeItAnew() {
    let pin = DeclaredPin(
      name: "a", file: "/etc/hostdev/pins.d/a.json", functions: [Small.first], driver: "vfio-pci", standing: .inPlace)
    func check(_ content: BootImage.Content) -> ReadinessCheck? {
      Small.examination(["/etc/initramfs-tools/modules": ""]) {
        $0.pins = [pin]
        $0.images = [BootImage(kernel: "6.12.1", path: "/boot/initrd.img-6.12.1", content: content)]
      }.check(.initramfsStale)
    }
    #expect(check(.same)?.severity == .ok)
    #expect(check(.stale(["x"]))?.severity == .warning)
    #expect(check(.stale(["x"]))?.remedy == "update-initramfs -u -k 6.12.1")
    #expect(check(.stale(["x"]))?.message.contains("the kernel that runs") == true)
    #expect(check(.withoutPins)?.severity == .info)
    #expect(check(.unknown("x"))?.severity == .unknown)
  }
}
