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

  @Test(arguments: ["", "10ee", "10ee:", "x:y", "'10ee:5000", "10ee :5000", "10ee\"5000", ":10ee:5000", "-10ee:5000"])
  func withoutTwoNumbersItIsSkipped(text: String) { #expect(ClaimedID(text) == nil) }

  /// The kernel reads as far as the form goes, and passes over the rest.
  @Test(arguments: [
    ("10ee:5000", "10ee:5000", ""), ("  10ee: 5000", "10ee: 5000", ""), ("0x10ee:0X5000", "0x10ee:0X5000", ""),
    ("10ee:5000;8086:1521", "10ee:5000", ";8086:1521"), ("10ee:5000'", "10ee:5000", "'"),
    ("10ee:5000:10ee:e:0:0:5", "10ee:5000:10ee:e:0:0", ":5"), ("01:00.0", "01:00", ".0"),
  ])
  func whatFollowsIsPassedOver(text: String, read: String, unread: String) {
    let id = ClaimedID(text)
    #expect(id?.description == read && id?.unread == unread)
  }

  @Test func aListThatIsTooLongIsRefusedAsAWhole() {
    let list = ClaimedIDs(String(repeating: "10ee:5000,", count: 102) + "abc")
    #expect(!list.isTooLong && list.ids.count == 102 && list.skipped == ["abc"])
    let longer = ClaimedIDs(String(repeating: "10ee:5000,", count: 102) + "abcd")
    #expect(longer.isTooLong && longer.ids.isEmpty)
  }

  @Test func whatCouldNotBeReadIsUnknown() {
    var function = Self.function
    function.subsystemVendorID = .unknown
    #expect(ClaimedID("10ee:5000:10ee")?.matches(function) == nil)
    #expect(ClaimedID("10ee:5000")?.matches(function) == true)
    #expect(ClaimedID("10ef:5000:10ee")?.matches(function) == false)
  }

  @Test func aListLeavesOutWhatIsNone() { #expect(ClaimedID.list("10ee:5000,,x,10ee:5001").count == 2) }
}
