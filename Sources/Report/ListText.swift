import Checks
import Host
import Operations
import PCI
import PCINames

extension Rendering {
  /// What `list` says.
  public init(_ functions: [Function], in host: Host, names: Names, as format: Format) {
    self.init()
    guard format.isJSON else {
      var table = Table(header: ["ADDRESS", "CLASS", "NAME", "DRIVER", "GROUP", "RESET", "VERDICT"])
      for function in functions { table.row(row(function, in: host, names: names.names(of: function))) }
      if !table.isEmpty { text(table.text(format.style, columns: format.columns, elastic: 2)) }
      return
    }
    json { json in
      json.key("devices")
      json.array { json in
        for function in functions {
          writeListed(function, in: host, names: names.names(of: function), to: &json)
        }
      }
    }
  }
}

private func row(_ function: Function, in host: Host, names: FunctionNames) -> [String] {
  [
    "\(function.address)",
    names.classCode ?? function.classCode.text { "\($0)" },
    describe(function, names),
    function.driver.text { $0 } + (function.isPending ? " (does not answer)" : ""),
    function.iommuGroup.text { "\($0)" },
    listedMethods(function, in: host).map { $0.isEmpty ? "none" : $0.joined(separator: ",") } ?? "?",
    Verdict(of: function, in: host)?.rawValue ?? "?",
  ].map(printable)
}

private func listedMethods(_ function: Function, in host: Host) -> [String]? {
  switch function.kernelResetMethods {
  case .known(let words): ResetForecast.working(words, of: function, in: host)
  case .absent: []
  case .unknown: nil
  }
}
