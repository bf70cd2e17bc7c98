import FoundationEssentials
import PCI
import System

/// What the kernel knows and sysfs does not show: kept in `run/hostdev-simulator` of the capture, never in `sys/`.
///
/// | file | holds |
/// |---|---|
/// | `lock` | the lock that one write holds |
/// | `captured/A` | what the function was before its first change |
/// | `ids/D` | ids that `new_id` or a module's `ids=` gave the driver, one a line |
/// | `unfinished/A` | a write is changing this function; what hangs on its `driver` link may not be in place yet |
/// | `pending/A` | the driver that an unbind takes from it, waiting for the holder |
/// | `leaving/A` | the held function that a write waits for which takes A, or the VFs of A, off the bus |
/// | `probing/A` | made by tests: a driver's probe of the function is under way |
/// | `holders/A` | made by tests: a process holds the function through VFIO |
/// | `settings/A/N` | what the PF keeps of its VF N, by the names of `VirtualSetting` |
/// | `buses/A` | the root buses of a function whose driver is a host bridge, while that driver is not bound |
/// | `removed/A` | the folder of a function that was removed, for a rescan to find |
/// | `faults.json` | made by tests: see `Faults` |
struct Hidden: Sendable {
  static let folder = "/run/hostdev-simulator"
  let tree: Tree

  /// Before anything of a function changes for the first time.
  struct Captured: Codable {
    var driver: String?
    var override: String?
    /// `reset_method` word by word: what can be written back to it.
    var resetMethods: [String]?
  }

  func captured(_ device: SimulatedDevice) -> Captured {
    if let bytes = tree.bytes(Self.captured(device.address)),
      let record = try? JSONDecoder().decode(Captured.self, from: Data(bytes))
    {
      return record
    }
    return Captured(
      driver: device.driver, override: device.override,
      resetMethods: device.text("reset_method")?.split(separator: " ").map(String.init))
  }

  /// Keeps what it is now, unless that was kept before.
  func remember(_ device: SimulatedDevice) throws(Refusal) {
    let path = Self.captured(device.address)
    if tree.exists(path) { return }
    let encoder = JSONEncoder()
    // The same history leaves the same tree.
    encoder.outputFormatting = .sortedKeys
    guard let record = try? encoder.encode(captured(device)) else { return }
    try tree.makeFolder("\(Self.folder)/captured")
    try tree.put(path, String(decoding: record, as: UTF8.self))
  }

  /// A function that the simulator made itself, a VF, was captured on nothing.
  func rememberNothing(_ address: Address) throws(Refusal) {
    try tree.makeFolder("\(Self.folder)/captured")
    try tree.put(Self.captured(address), "{}")
  }

  private static func captured(_ address: Address) -> String { "\(folder)/captured/\(address)" }

  func isHeld(_ address: Address) -> Bool { tree.exists("\(Self.folder)/holders/\(address)") }

  /// The driver that a waiting unbind is taking from the function.
  func pending(_ address: Address) -> String? { tree.text("\(Self.folder)/pending/\(address)") }

  func setPending(_ address: Address, _ driver: String?) throws(Refusal) {
    try mark("pending", address, with: driver)
  }

  /// A driver's probe keeps the device lock; its `driver` link is there already (`really_probe` of drivers/base/dd.c).
  func isProbing(_ address: Address) -> Bool { tree.exists("\(Self.folder)/probing/\(address)") }

  /// A function's unbind, removal or probe has not ended, so writes may wait for it.
  var hasWaiting: Bool {
    ["pending", "leaving", "probing"].contains { !tree.names("\(Self.folder)/\($0)").isEmpty }
  }

  var allPending: [Address] { tree.names("\(Self.folder)/pending").compactMap { Address($0) } }

  /// The function that this one's removal waits for; nil once the unbind of that function has ended.
  func leaving(_ address: Address) -> Address? {
    tree.text("\(Self.folder)/leaving/\(address)").flatMap { Address($0) }.flatMap { pending($0) != nil ? $0 : nil }
  }

  func setLeaving(_ address: Address, waitsFor other: Address?) throws(Refusal) {
    if other == nil, !tree.exists("\(Self.folder)/leaving/\(address)") { return }
    try mark("leaving", address, with: other?.description)
  }

  var allLeaving: [Address] { tree.names("\(Self.folder)/leaving").compactMap { Address($0) } }

  var unfinished: [Address] { tree.names("\(Self.folder)/unfinished").compactMap { Address($0) } }

  func setUnfinished(_ address: Address, _ isUnfinished: Bool) throws(Refusal) {
    try mark("unfinished", address, with: isUnfinished ? "" : nil)
  }

  private func mark(_ kind: String, _ address: Address, with text: String?) throws(Refusal) {
    let folder = "\(Self.folder)/\(kind)"
    guard let text else { return try tree.remove("\(folder)/\(address)") }
    try tree.makeFolder(folder)
    try tree.put("\(folder)/\(address)", text)
  }

  func ids(_ driver: String) -> [DynamicID] {
    (tree.text("\(Self.folder)/ids/\(driver)") ?? "").split(separator: "\n").compactMap { DynamicID($0) }
  }

  func setIDs(_ driver: String, _ ids: [DynamicID]) throws(Refusal) {
    try tree.makeFolder("\(Self.folder)/ids")
    try tree.put("\(Self.folder)/ids/\(driver)", ids.map { "\($0)\n" }.joined())
  }
}
