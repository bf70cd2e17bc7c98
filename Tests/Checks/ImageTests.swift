import TestSupport
import Testing

@testable import Checks

@Suite("Which pins the initramfs has")
struct ImageTests {
  private func content(_ pins: [String: [UInt8]], _ declared: [String: [UInt8]], hasProgram: Bool = true)
    -> Initramfs.Content
  {
    Initramfs.Content(hasProgram: hasProgram, pins: pins, declared: declared)
  }

  @Test func theSameBytesAreTheSamePins() {
    #expect(content(["a": [1]], ["a": [1]]) == .same)
    #expect(content([:], [:], hasProgram: false) == .same)
  }

  @Test func anotherMissingOrLeftOverPinMakesItStale() {
    #expect(content(["a": [1]], ["a": [2]]) == .lacking(["pin a: another one is in the image"]))
    #expect(content(["a": [1]], ["a": [1], "b": [1]]) == .lacking(["pin b: not in the image"]))
    #expect(content(["a": [1]], [:]) == .stale(["pin a: in the image, and no longer declared"]))
  }

  @Test func anImageWithoutHostdevHasNone() {
    #expect(content([:], ["a": [1]], hasProgram: false) == .withoutPins)
    // Files alone move nothing.
    #expect(content(["a": [1]], ["a": [1]], hasProgram: false) == .withoutPins)
    #expect(content(["a": [1]], [:], hasProgram: false) == .withoutPins)
  }

  @Test func doctorSaysHowToMakeItAnew() {
    let pin = DeclaredPin(
      name: "a", file: "/etc/hostdev/pins.d/a.json", functions: [Examined.first], driver: "vfio-pci", actual: .inPlace
    )
    func check(_ content: Initramfs.Content, kernel: String = "6.12.1") -> Finding? {
      Examined.examination(["/etc/initramfs-tools/modules": ""]) {
        $0.pins = [pin]
        $0.images = [Initramfs(kernel: kernel, path: "/boot/initrd.img-\(kernel)", content: content)]
      }.finding(.initramfsStale)
    }
    #expect(check(.same)?.severity == .ok)
    #expect(check(.stale(["x"]))?.severity == .warning)
    #expect(check(.stale(["x"]))?.remedy == "update-initramfs -u -k 6.12.1")
    #expect(check(.stale(["x"]))?.message.contains("(the running kernel)") == true)
    #expect(check(.stale(["x"]), kernel: "6.1")?.message.contains("(the running kernel)") == false)
    // The pin is not applied by the image that boots: an error. An older kernel's may never boot again.
    for content in [Initramfs.Content.lacking(["x"]), .withoutPins] {
      #expect(check(content)?.severity == .error && check(content, kernel: "6.13.0")?.severity == .error)
      #expect(check(content, kernel: "6.9.10")?.severity == .warning)
    }
    #expect(check(.unknown("x"))?.severity == .unknown)
  }
}
