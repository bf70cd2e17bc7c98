import Host
import PCI
import Sysfs
import System

/// One function as far as it takes to see that it is the one that was seen before: a handful of reads, and no scan.
public struct FunctionSummary: Sendable {
  /// Ids, class, driver and place; nothing else.
  public let function: Function
  /// Tells a device from one that took its place since; nil if that cannot be told.
  public let number: UInt64?
  /// It is a virtual function.
  public let isVirtual: Bool
  private let directory: any Directory

  /// Device serial number, from `config`; unknown if the function sleeps in D3cold.
  public func serialNumber() -> Fact<String> {
    if let power = try? directory.read("power_state"), power.starts(with: "D3cold".utf8) { return .unknown }
    return (try? directory.read("config")).map { ConfigurationSpace($0).serialNumber } ?? .unknown
  }

  fileprivate init(_ function: Function, _ directory: any Directory) {
    self.function = function
    self.directory = directory
    number = directory.number
    isVirtual = (try? directory.linkTarget("physfn")) != nil
  }
}

extension Scanner {
  /// Nil if the function does not exist, is unbound or is being unbound. Its `uevent` is not read then, because the
  /// kernel may answer only after a guest has closed the function.
  public func summary(at address: Address) -> FunctionSummary? {
    let path = Self.devices + "/\(address)"
    guard let directory = sysfs.directory(path), let link = try? directory.linkTarget("driver"),
      let bytes = try? directory.read("uevent"), let event = Optional(UEvent(bytes)), event.isComplete,
      event.driver == lastName(link)
    else { return nil }
    var function = Function(address: address)
    function.driver = .known(lastName(link))
    function.vendorID = event.id.map { .known($0.vendor) } ?? .unknown
    function.deviceID = event.id.map { .known($0.device) } ?? .unknown
    function.subsystemVendorID = event.subsystem.map { .known($0.vendor) } ?? .unknown
    function.subsystemDeviceID = event.subsystem.map { .known($0.device) } ?? .unknown
    function.devicePath = devicePath(path)
    return FunctionSummary(function, directory)
  }
}
