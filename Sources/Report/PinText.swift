import Checks
import Host
import Operations
import PCI
import PCINames
import Pins
import Planning

extension Rendering {
  /// What `pin` did, or would do.
  public init(_ result: PinResult, maker: InitramfsMaker?, in host: Host, names: Names, as format: Format) {
    self.init()
    if format.isJSON {
      json { result.write(to: &$0) }
    } else if result.isRefused {
      text(result.set.text(in: host, names: names, as: format))
    } else if result.isDryRun {
      text(result.shellLines)
      if let maker { text("\(maker.line)\n") }
    } else {
      text(result.declared(format) + result.moved(format) + nextBootText(result.nextBoot, format))
    }
    if let diagnostic = result.run?.diagnostic { progress(diagnostic) }
  }

  /// What `unpin` did, or would do.
  public init(_ result: UnpinResult, maker: InitramfsMaker?, isDryRun: Bool, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        write(result.summary, to: &json)
        json.key("unpinned")
        json.values(result.names)
        json.key("not_pinned")
        json.values(result.absent.map(\.name))
        json.key("held")
        json.values(result.held.map(\.description))
      }
      return
    }
    for absent in result.absent {
      let nearest = absent.suggestion.map { " The nearest name is \($0)." } ?? ""
      text("\(isDryRun ? "# " : "")\(absent.name) is not pinned.\(nearest) Unchanged.\n")
    }
    for name in result.names {
      text(
        isDryRun ? "rm \(PinFolder.file(name))\n" : "\(format.style.done) \(name) is no longer declared\n")
    }
    if isDryRun, let maker { text("\(maker.line)\n") }
    guard !result.held.isEmpty, !isDryRun else { return }
    let functions = result.held.map(\.description).joined(separator: " ")
    text("still held: \(functions)\n\(format.style.arrow) hostdev apply --prune, or: hostdev release \(functions)\n")
  }
}

/// What the next boot makes of the pins, and what is missing for that.
func nextBootText(_ findings: [Finding], _ format: Format) -> String {
  let open = findings.filter { $0.severity != .ok }
  if findings.isEmpty { return "" }
  if open.isEmpty { return "\(format.style.done) The next boot applies it.\n" }
  return "For the next boot:\n" + FindingsText(format: format).text(open)
}

extension Pin {
  /// Lines for `sh` that write it.
  var shellLines: String {
    let file = PinFolder.file(name)
    return "cat > \(file) <<'END'\n\(text)END\nchmod 644 \(file)\n"
  }
}

extension PinResult {
  fileprivate var shellLines: String {
    let written =
      isUnchanged
      ? "# pin \(pin.name) is declared so already. Unchanged.\n"
      : set.findingsComments + "set -e\nmkdir -p \(PinFolder.path)\n" + pin.shellLines
    return written + (isMovedNow ? Step.shellLines(set.plan).map { $0 + "\n" }.joined() : "")
  }

  fileprivate func declared(_ format: Format) -> String {
    if isUnchanged { return "Pin \(pin.name) is declared so already. Unchanged.\n" }
    if case .withdrawn = fate { return "" }
    var text = run == nil ? set.findingsText(format) : ""
    for function in pin.functions {
      let serial = function.serialNumber ?? function.vpdSerialNumber
      text +=
        "\(format.style.done) \(function.address) pinned as \(pin.name): \(function.id)"
        + (function.path.map { " at \($0)" } ?? "") + (serial.map { ", serial number \($0)" } ?? "") + "\n"
    }
    return text
  }

  /// How it was moved, or that it was not.
  func moved(_ format: Format) -> String {
    guard let run else { return set.plan.isEmpty ? "" : "\(format.style.arrow) hostdev apply \(pin.name)\n" }
    if run.status == .done { return run.text(format) }
    return run.text(format) + fateText
  }

  private var fateText: String {
    switch fate {
    case .stands: "Pin \(pin.name) stays declared: the next 'hostdev apply', or the next boot, tries again.\n"
    case .withdrawn where file?.prior == nil: "Pin \(pin.name) was withdrawn: nothing is declared.\n"
    case .withdrawn: "Pin \(pin.name) is again what it was before.\n"
    case .stuck(let error):
      "Pin \(pin.name) stays declared, since it could not be withdrawn: \(printable(Diagnostic(error).line)). Next: hostdev unpin \(pin.name)\n"
    }
  }

  fileprivate func write(to json: inout JSONWriter) {
    Report.write(summary, to: &json)
    writeSights(of: set, &json)
    writePinned(to: &json)
    json.key("next_boot")
    Report.write(nextBoot, to: &json, forceable: false)
    run?.diagnostic?.write(to: &json)
  }

  /// Whether the declaration stands after this run.
  func writePinned(to json: inout JSONWriter) {
    json.key("pinned")
    json.value(isPinned)
  }

  private var isPinned: Bool {
    if isUnchanged { return true }
    if isDryRun || isRefused { return false }
    if case .withdrawn = fate { return file?.prior != nil }
    return true
  }
}
