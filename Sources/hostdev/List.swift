import ArgumentParser
import Assessment
import Host
import PCI
import Report
import System

/// `hostdev list`: one line a function.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One line a function: address, class, name, driver, group, reset, verdict.",
    discussion: "Without selectors endpoints only. A filter that nothing passes prints nothing and is no error.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Bridges too.")
  var all = false

  @Option(help: "Only functions on this driver; 'none' for unbound ones.")
  var driver: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Only this class: 0x0108, or the first digits of it.", valueName: "code"))
  var classCode: String?

  @Flag(help: "Only candidates for a guest, as far as this command can see.")
  var candidate = false

  @Argument(help: ArgumentHelp("Functions to list, whatever they are.", valueName: "selector"))
  var selectors: [String] = []

  func validate() throws {
    if let classCode, classPrefix == nil {
      throw ValidationError("--class wants one to six hex digits, not '\(classCode)'")
    }
  }

  private var classPrefix: String? {
    guard let classCode else { return nil }
    let digits = (classCode.hasPrefix("0x") ? String(classCode.dropFirst(2)) : classCode).lowercased()
    return (1...6).contains(digits.utf8.count) && digits.utf8.allSatisfy { hexDigit($0) != nil } ? digits : nil
  }

  func run() throws {
    let workspace = try Workspace(common)
    let functions = try chosen(workspace)
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("devices")
          json.array { json in
            for function in functions where passes(function, in: workspace.host) {
              writeListed(function, in: workspace.host, names: workspace.names(of: function), to: &json)
            }
          }
        })
    } else {
      var table = Table(header: ["ADDRESS", "CLASS", "NAME", "DRIVER", "GROUP", "RESET", "VERDICT"])
      for function in functions where passes(function, in: workspace.host) { table.row(row(function, workspace)) }
      if !table.isEmpty { Output.write(table.text(common.style, columns: Environment.outputColumns, elastic: 2)) }
    }
  }

  private func chosen(_ workspace: Workspace) throws -> [Function] {
    if selectors.isEmpty { return workspace.host.functions }
    return Workspace.set(try workspace.resolve(selectors)).compactMap { workspace.host[$0] }
  }

  private func passes(_ function: Function, in host: Host) -> Bool {
    if selectors.isEmpty, !all, !function.isEndpoint { return false }
    if let driver, driver == "none" ? !function.driver.isAbsent : function.driver.value != driver { return false }
    if let classPrefix, function.classCode.value.map({ hexText($0.value, digits: 6).hasPrefix(classPrefix) }) != true {
      return false
    }
    return !candidate || Verdict(of: function, in: host) == .candidate
  }

  private func row(_ function: Function, _ workspace: Workspace) -> [String] {
    let names = workspace.names(of: function)
    let methods = listedMethods(function, in: workspace.host)
    return [
      "\(function.address)",
      names.classCode ?? function.classCode.text { "\($0)" },
      describe(function, names),
      function.driver.text { $0 } + (function.isPending ? " (does not answer)" : ""),
      function.iommuGroup.text { "\($0)" },
      methods.map { $0.isEmpty ? "none" : $0.joined(separator: ",") } ?? "?",
      Verdict(of: function, in: workspace.host)?.rawValue ?? "?",
    ].map(printable)
  }

  private func listedMethods(_ function: Function, in host: Host) -> [String]? {
    switch function.kernelResetMethods {
    case .known(let words): ResetForecast.working(words, of: function, in: host)
    case .absent: []
    case .unknown: nil
    }
  }
}

/// Vendor and device by name, and the ids as lspci -nn puts them.
func describe(_ function: Function, _ names: FunctionNames) -> String {
  let ids =
    "[\(function.vendorID.text { hexText($0, digits: 4) }):\(function.deviceID.text { hexText($0, digits: 4) })]"
  return [names.vendor, names.device, ids].compactMap { $0 }.joined(separator: " ")
}

extension Fact {
  /// For a person: the value, `-` where there is none, `?` where nobody knows.
  func text(_ format: (Value) -> String) -> String {
    switch self {
    case .known(let value): format(value)
    case .absent: "-"
    case .unknown: "?"
    }
  }
}
