import Host
import PCI
import Settings

/// Rules of udev's beside hostdev's own word on a function, of which it cannot be told what they do to it.
enum UdevDoubts {
  static func findings(on examination: Examination) -> [Finding] {
    let own = Set(examination.pins.flatMap(\.functions) + examination.held.map(\.function))
    var functions: [UdevRule: [Address]] = [:]
    for function in own.sorted() {
      for doubt in examination.udevDoubts(of: function, named: true) {
        functions[doubt.rule, default: []].append(function)
      }
    }
    return functions.sorted { $0.key.source < $1.key.source }.map { rule, functions in
      let names = functions.map(\.description).joined(separator: ", ")
      return Finding(
        .rivalTools, .unknown, on: functions,
        message: "Whether \(rule.source.place) also moves \(names) to a driver could not be determined.",
        evidence: [Finding.Evidence(rule.source)],
        remedy: "Read what it does; to take it back: \(rule.withdrawal)")
    }
  }
}
