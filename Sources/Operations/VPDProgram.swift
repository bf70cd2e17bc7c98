import Inventory
import PCI
import Sysfs
import System

/// The process that reads vital product data, started by ourselves only: some cards take seconds, and some never answer,
/// so it is one that can be left behind.
public enum VPDProgram {
  public static let name = "__vpd"

  /// `arguments`: the function, and the capture unless it is this host. Prints hex in a line, or `!` and the
  /// errno. False where the arguments are none of its.
  public static func run(_ arguments: [String]) -> Bool {
    guard let address = arguments.first.flatMap({ Address($0) }), arguments.count <= 2,
      let root = try? Root(arguments.count == 2 ? arguments[1] : "/")
    else { return false }
    let line: String
    do {
      let bytes = try TreeSysfs(root, isWritable: false).read("/sys/bus/pci/devices/\(address)/vpd")
      line = bytes.map { hexText($0, digits: 2) }.joined()
    } catch { line = "!\(error.errno)" }
    try? StandardOutput.write(Array((line + "\n").utf8))
    return true
  }
}

extension Workspace {
  /// Serial numbers of vital product data. A card that does not answer in ten seconds is left alone, and unknown.
  func vpdSerialNumbers(_ addresses: [Address]) -> [Address: Fact<String>] {
    Dictionary(addresses.map { ($0, vpdSerialNumber($0)) }, uniquingKeysWith: { first, _ in first })
  }

  private func vpdSerialNumber(_ address: Address) -> Fact<String> {
    let path = "/sys/bus/pci/devices/\(address)"
    if !sysfs.exists("\(path)/vpd") { return sysfs.exists(path) ? .absent : .unknown }
    guard case .processes(let program) = invocation.isolation else {
      return (try? sysfs.read("\(path)/vpd")).map { VitalProductData($0).serialNumber } ?? .unknown
    }
    let clock = invocation.runtime.clock
    let arguments = ["hostdev", VPDProgram.name, "\(address)"] + (isHost ? [] : [root.pathForChildren])
    guard let child = try? Child(program, arguments, ignoringSignals: true, clock: clock) else { return .unknown }
    child.closeInput()
    guard let line = try? child.line(until: clock.now + .seconds(10)) else { return .unknown }
    child.wait()
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: line.count - 1, by: 2) {
      guard let high = hexDigit(line[place]), let low = hexDigit(line[place + 1]) else { return .unknown }
      bytes.append(high << 4 | low)
    }
    return VitalProductData(bytes).serialNumber
  }
}
