import Checks
import Host
import Operations
import PCI
import PCINames
import Pins

extension Rendering {
  /// What `pin` did, or would do.
  public init(
    _ result: PinResult, maker: InitramfsMaker?, isDryRun: Bool, in host: Host, names: Names, as format: Format
  ) {
    self.init()
    if format.isJSON {
      json { result.write(isDryRun: isDryRun, to: &$0) }
    } else if result.isRefused {
      text(result.set.text(in: host, names: names, as: format))
    } else if isDryRun {
      text(result.set.findingsComments + "set -e\nmkdir -p \(PinFolder.path)\n" + result.pin.shellLines)
    } else {
      text(result.declared(format))
    }
    if isDryRun, !format.isJSON, !result.isRefused, let maker { text("\(maker.line)\n") }
  }

  /// What `unpin` did, or would do.
  public init(_ result: UnpinResult, maker: InitramfsMaker?, isDryRun: Bool, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        json.key("unpinned")
        json.values(result.names)
        json.key("held")
        json.values(result.held.map(\.description))
      }
      return
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

extension Pin {
  /// Lines for `sh` that write it.
  var shellLines: String {
    let file = PinFolder.file(name)
    return "cat > \(file) <<'END'\n\(text)END\nchmod 644 \(file)\n"
  }
}

extension PinResult {
  fileprivate func declared(_ format: Format) -> String {
    var text = set.findingsText(format)
    for function in pin.functions {
      let serial = function.serialNumber ?? function.vpdSerialNumber
      text +=
        "\(format.style.done) \(function.address) pinned as \(pin.name): \(function.id)"
        + (function.path.map { " at \($0)" } ?? "") + (serial.map { ", serial number \($0)" } ?? "") + "\n"
    }
    return text + "\(format.style.arrow) hostdev apply \(pin.name)\n"
  }

  fileprivate func write(isDryRun: Bool, to json: inout JSONWriter) {
    Report.write(set, to: &json, plan: false)
    json.key("plan")
    json.array { json in
      if isRefused { return }
      json.object { json in
        json.key("op")
        json.value("write")
        json.key("path")
        json.value(PinFolder.file(pin.name))
        json.key("value")
        json.value(pin.text)
        json.key("prior")
        json.null()
      }
    }
    if isDryRun { return }
    json.key("outcome")
    json.object { json in
      json.key("result")
      json.value(isRefused ? "refused" : "done")
      json.key("steps")
      json.array { _ in }
    }
  }
}
