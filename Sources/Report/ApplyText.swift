import Host
import Operations
import Pins

extension Rendering {
  /// What `apply` did. `isQuiet`: the journal has it in a better form already.
  public init(_ result: ApplyResult, isDryRun: Bool, isQuiet: Bool, as format: Format) {
    self.init()
    if isQuiet { return }
    // With JSON there is always an object.
    if !result.isMeant, !format.isJSON { return }
    let all = result.runs + result.pruned
    if format.isJSON { json { result.write(to: &$0) } } else { text(result.text(isDryRun: isDryRun, format)) }
    for run in all {
      if let diagnostic = run.diagnostic { progress("\(printable(run.name)): " + diagnostic.text.dropLast()) }
    }
  }
}

extension ApplyResult {
  fileprivate func text(isDryRun: Bool, _ format: Format) -> String {
    // What is printed is for sh.
    let mark = isDryRun ? "# " : ""
    var text = ""
    for run in runs + pruned {
      let lines = run.text(format)
      text +=
        !isDryRun || run.result == .planned
        ? lines : lines.split(separator: "\n").map { "# \($0)\n" }.joined()
    }
    if verification.functions > 0 {
      let count = counted(verification.functions, "serial number")
      text += "\(mark)\(count) verified for this boot in \(verification.milliseconds) ms\n"
    }
    return text + (runs.isEmpty && pruned.isEmpty ? "\(mark)nothing is pinned\n" : "")
  }

  fileprivate func write(to json: inout JSONWriter) {
    Report.write(summary, to: &json)
    json.key("pins")
    json.array { json in for run in runs { json.object { run.write(to: &$0) } } }
    json.key("pruned")
    json.array { json in for run in pruned { json.object { run.write(to: &$0) } } }
    json.key("verified")
    json.object { json in
      json.key("functions")
      json.value(verification.functions)
      json.key("ms")
      json.value(verification.milliseconds)
    }
    let worst = worst
    (runs + pruned).first { $0.status == worst }?.diagnostic?.write(to: &json)
  }
}
