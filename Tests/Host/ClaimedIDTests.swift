import PCI
import Testing

@testable import Host

@Suite("Entries of vfio-pci's ids=")
struct ClaimedIDTests {
  private static var function: Function {
    var function = Function(address: Address(domain: 0, routingID: 0x100))
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(0x5000)
    function.subsystemVendorID = .known(0x10ee)
    function.subsystemDeviceID = .known(0x000e)
    function.classCode = .known(ClassCode(0x120000))
    return function
  }

  @Test(arguments: [
    ("10ee:5000", true), ("10EE:5000", true), ("10ee:5001", false), ("10ee:ffffffff", true), ("10ee:5000:10ee", true),
    ("10ee:5000:10ee:f", false), ("10ee:5000:ffffffff:e", true), ("10ee:5000:10ee:e:120000:ffff00", true),
    ("10ee:5000:10ee:e:30000:ff0000", false), ("10ee:5000:10ee:e:30000", true),
  ])
  func itNamesAsTheKernelReadsIt(text: String, expected: Bool) {
    #expect(ClaimedID(text)?.matches(Self.function) == expected)
  }

  @Test(arguments: ["", "10ee", "10ee:", "x:y", "10ee:5000:1:2:3:4:5"])
  func anythingElseIsNoEntry(text: String) { #expect(ClaimedID(text) == nil) }

  @Test func whatCouldNotBeReadIsUnknown() {
    var function = Self.function
    function.subsystemVendorID = .unknown
    #expect(ClaimedID("10ee:5000:10ee")?.matches(function) == nil)
    #expect(ClaimedID("10ee:5000")?.matches(function) == true)
    #expect(ClaimedID("10ef:5000:10ee")?.matches(function) == false)
  }

  @Test func aListLeavesOutWhatIsNone() { #expect(ClaimedID.list("10ee:5000,,x,10ee:5001").count == 2) }
}
