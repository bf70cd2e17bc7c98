import Host
import PCI
import Sysfs

extension Scanner {
  /// The path of every function under `/sys/devices`; one link each, and nothing of the function itself is read.
  public func locate(_ host: inout Host) {
    for function in host.functions where function.devicePath.isUnknown {
      host[function.address]?.devicePath = devicePath(Self.devices + "/\(function.address)")
    }
  }

  /// Configuration space alone of these functions, if it was not read yet; of those in D3cold only with `wake`.
  public func readConfiguration(_ addresses: some Sequence<Address>, of host: inout Host, wake: Bool = false) {
    for address in addresses {
      guard let function = host[address], function.configuration.isUnknown else { continue }
      let folder = sysfs.folder(Self.devices + "/\(address)")
      // Reading powers up a function in D3cold.
      if !wake, (try? folder.text("power_state")) == "D3cold" { continue }
      do { host[address]?.configuration = .known(ConfigurationSpace(try folder.read("config"))) } catch {
        if error.errno == .timedOut { host[address]?.note("config", .silent) }
      }
    }
  }
}
