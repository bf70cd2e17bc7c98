import System
import TestSupport
import Testing

@Suite("Whether we are in the namespaces of the host's init")
struct OwnNamespacesTests {
  private func host() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.link("/proc/self/ns/pid", to: "pid:[4026531836]")
    try scratch.link("/proc/self/ns/user", to: "user:[4026531837]")
    return scratch
  }

  private func doubt(_ scratch: Scratch) -> String? { OwnNamespaces(scratch.root).doubt }

  @Test("a kernel without network namespaces, and one with the same for both")
  func own() throws {
    let scratch = try host()
    #expect(doubt(scratch) == nil)
    try scratch.link("/proc/self/ns/net", to: "net:[4026531840]")
    #expect(doubt(scratch) == nil)
    try scratch.link("/proc/1/ns/net", to: "net:[4026531840]")
    try scratch.link("/proc/1/root", to: "../..")
    #expect(doubt(scratch) == nil)
  }

  @Test("each other namespace is named", arguments: ["pid", "user", "net"])
  func other(_ kind: String) throws {
    let scratch = try Scratch()
    for (name, number) in [("pid", 4_026_531_836), ("user", 4_026_531_837), ("net", 4_026_531_840)] {
      try scratch.link("/proc/self/ns/\(name)", to: "\(name):[\(name == kind ? 4_026_532_999 : number)]")
      try scratch.link("/proc/1/ns/\(name)", to: "\(name):[\(number)]")
    }
    #expect(doubt(scratch)?.hasPrefix("/proc/self/ns/\(kind): \(kind):[4026532999], the host's is ") == true)
  }

  @Test("another root directory than that of pid 1 is a container's")
  func root() throws {
    let scratch = try host()
    try scratch.file("/proc/1/container/etc/fstab")
    try scratch.link("/proc/1/root", to: "container")
    #expect(doubt(scratch) == "/: not the root directory of pid 1")
  }

  @Test("what cannot be read is not the host's")
  func unreadable() throws {
    #expect(doubt(try Scratch()) == "/proc/self/ns/pid: unreadable")
  }

  @Test("the kernel lists our own interfaces with their addresses")
  func addresses() throws {
    let found = try #require(InterfaceAddress.all())
    #expect(found.contains(InterfaceAddress(interface: "lo", bytes: [127, 0, 0, 1])))
  }
}
