import Host
import PCI
import Sysfs

extension FunctionEffect {
  /// What one assignment does, but for the programs that it runs.
  static func all(_ token: UdevToken) -> [FunctionEffect] {
    switch token.key {
    case "ATTR": written(DriverCommand.marked(token.value), to: token.attribute).map { [$0] } ?? []
    case "ENV" where token.attribute.hasSuffix("SYSTEMD_WANTS") && DriverCommand.mentionsDrivers(token.value):
      [FunctionEffect(.unclear(names: true), on: .device)]
    default: []
    }
  }
}

extension UdevToken {
  /// The command line that it runs; nil of any other.
  var program: String? {
    switch key {
    case "RUN" where attribute != "builtin" && sign != .remove, "PROGRAM": value
    case "IMPORT" where attribute == "program": value
    default: nil
    }
  }
}
