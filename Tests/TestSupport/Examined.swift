import Checks
import Host
import struct Host.Host
import PCI
import Settings

/// A host of a two-function card 01:00 and a single one 02:00, each function alone in its group, on host drivers.
public enum Examined {
  public static func address(_ text: String) -> Address { Address(text) ?? Address(domain: .max, routingID: 0) }
  public static let first = address("0000:01:00.0")
  public static let second = address("0000:01:00.1")
  public static let other = address("0000:02:00.0")

  public static func function(
    _ address: Address, _ device: UInt16, driver: String? = "xclmgmt", override: String? = nil
  ) -> Function {
    var function = Function(address: address)
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(device)
    function.subsystemVendorID = .known(0x10ee)
    function.subsystemDeviceID = .known(0x000e)
    function.classCode = .known(ClassCode(0x120000))
    function.driver = driver.map { .known($0) } ?? .absent
    function.driverOverride = override.map { .known($0) } ?? .absent
    function.physicalFunction = .absent
    function.iommuGroup = .known(Int(address.bus) * 10 + Int(address.function))
    return function
  }

  public static func host(_ functions: [Function]) -> Host {
    let groups = functions.compactMap { function in
      function.iommuGroup.value.map {
        ($0, Group(number: $0, functions: [function.address], others: [], reservedRegions: .unknown))
      }
    }
    return Host(
      functions: functions, groups: Dictionary(groups) { first, _ in first }, groupsReadable: true,
      rootBuses: .unknown)
  }

  /// `other`: the id of 02:00.0; 0x5000 makes it a twin of 01:00.0.
  public static func examination(
    driver: String? = "xclmgmt", other: UInt16 = 0x6000, cmdline: String = "quiet", _ files: [String: String] = [:],
    change: (inout Examination) -> Void = { _ in }
  ) -> Examination {
    let host = host([
      function(first, 0x5000, driver: driver), function(second, 0x5001, driver: driver),
      function(self.other, other, driver: driver),
    ])
    var around = Surroundings()
    around.commandLine = .known(cmdline.split(separator: " ").map(String.init))
    around.kernelRelease = .known("6.12.1")
    around.vfioPCI = .loadable
    around.interruptRemapping = .known(true)
    around.lockdown = .known("none")
    var found = Examination(
      host: host, surroundings: around,
      settings: HostSettings(reading: Written(files), functions: host.functions.map(\.address)), isCapture: false)
    change(&found)
    return found
  }
}

extension Examination {
  public func findings(_ code: FindingCode) -> [Finding] { Readiness(of: self).findings.filter { $0.code == code } }

  /// The only finding of this code.
  public func finding(_ code: FindingCode) -> Finding? {
    let found = findings(code)
    return found.count == 1 ? found[0] : nil
  }
}
