import Host
import PCI
import Sysfs

extension Condition {
  /// Attributes that the kernel answers from memory: none of them wakes the function.
  init(of function: FunctionWithDevices, _ sysfs: any Sysfs) {
    self.init()
    allowsD3cold = sysfs.fact("\(function.path)/d3cold_allowed").value.map { $0 == "1" }
    runtimeStatus = sysfs.fact("\(function.path)/power/runtime_status").value
    for line in sysfs.lines("\(function.path)/aer_dev_fatal") where line.hasPrefix("TOTAL_ERR_FATAL ") {
      fatalErrors = words(line).last.flatMap { Int($0) }
    }
  }
}
