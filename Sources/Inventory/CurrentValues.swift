import PCI
import Sysfs

extension Scanner {
  /// One attribute of a function as it is now, without the white space at its end.
  public func attribute(_ name: String, of address: Address) -> Fact<String> {
    sysfs.fact("\(Self.devices)/\(address)/\(name)")
  }

  /// A capture may have left out the registers of what slept.
  public func hasRegisters(_ address: Address) -> Bool { sysfs.exists("\(Self.devices)/\(address)/config") }

  /// PCI drivers that this kernel has now.
  public var drivers: [String] { sysfs.names(in: "/sys/bus/pci/drivers") }

  public func hasDriver(_ name: String) -> Bool { (try? sysfs.entries("/sys/bus/pci/drivers/\(name)")) != nil }
}
