import Checks
import Operations
import PCI
import Pins

extension Rendering {
  /// What `import` made, or would make.
  public init(_ result: ImportResult, as format: Format) {
    self.init()
    if format.isJSON { json { result.write(to: &$0) } } else { text(result.text(format)) }
    for pin in result.pins {
      if let diagnostic = pin.result.run?.diagnostic { progress(diagnostic) }
    }
  }
}

extension ImportResult {
  fileprivate func text(_ format: Format) -> String {
    var text = pins.isEmpty && left.isEmpty ? "# nothing to import\n" : ""
    if !isWritten, pins.contains(where: { !$0.isRefused }) { text += "set -e\nmkdir -p \(PinFolder.path)\n" }
    for pin in pins { text += pin.text(isWritten: isWritten, format) }
    for item in left {
      text += printable("# not imported: \(item.source): \(item.reason)") + "\n"
      if !item.remedy.isEmpty { text += printable("#     → \(item.remedy)") + "\n" }
    }
    var commands: [String] = []
    for command in pins.filter({ !$0.isRefused }).flatMap(\.proposal.afterwards) where !commands.contains(command) {
      commands.append(command)
    }
    text += nextBootText(nextBoot, format)
    if commands.isEmpty { return text }
    return text + "# once the pins are in place, remove the old settings:\n"
      + commands.map { printable("#     → \($0)") + "\n" }.joined()
  }

  fileprivate func write(to json: inout JSONWriter) {
    Report.write(summary, to: &json)
    json.key("pins")
    json.array { json in
      for pin in pins { json.object { pin.write(isWritten: isWritten, to: &$0) } }
    }
    json.key("left_alone")
    json.array { json in for item in left { json.object { item.write(to: &$0) } } }
    json.key("next_boot")
    Report.write(nextBoot, to: &json, forceable: false)
    let worst = status
    pins.first { $0.result.status == worst }?.result.run?.diagnostic?.write(to: &json)
  }
}

extension LeftAlone {
  fileprivate func write(to json: inout JSONWriter) {
    json.key("source")
    json.value(source.description)
    json.key("reason")
    json.value(reason)
    json.key("functions")
    json.values(functions.map(\.description))
    json.key("remedy")
    json.value(remedy)
    json.key("open")
    json.value(isOpen)
  }
}

extension ImportedPin {
  /// As lines for `sh`, or what was done.
  fileprivate func text(isWritten: Bool, _ format: Format) -> String {
    let names = set.functions.map(\.description).joined(separator: " ")
    var text = "# \(pin.name): \(names)\n"
    for source in proposal.sources { text += printable("#     from \(source)") + "\n" }
    if isRefused { return text + set.findingsText(format) + set.verdictText(format) }
    if isWritten {
      if result.run == nil { text += set.findingsText(format) }
      if case .withdrawn = result.fate { return text + result.moved(format) }
      for function in pin.functions { text += "\(format.style.done) \(function.address) pinned as \(pin.name)\n" }
      return text + result.moved(format)
    }
    return text + set.findingsComments + pin.shellLines
  }

  fileprivate func write(isWritten: Bool, to json: inout JSONWriter) {
    json.key("name")
    json.value(pin.name)
    json.key("file")
    json.value(PinFolder.file(pin.name))
    json.key("driver")
    json.value(pin.driver)
    json.key("sources")
    json.values(proposal.sources.map(\.description))
    json.key("result")
    json.value(isRefused ? "refused" : !isWritten ? "planned" : result.summary.outcome?.result.rawValue)
    json.key("content")
    json.value(isRefused ? nil : pin.text)
    json.key("afterwards")
    json.values(isRefused ? [] : proposal.afterwards)
    result.writePinned(to: &json)
    Report.write(result.summary, to: &json)
    writeSights(of: set, &json)
  }
}
