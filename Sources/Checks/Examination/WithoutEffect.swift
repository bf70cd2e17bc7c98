import Host
import PCI
import Settings

/// Functions that ids= in force on this boot name, and that a host driver has all the same.
struct WithoutEffect: Equatable {
  enum Reason: Equatable {
    case notInstalled
    /// A list of modules has it; the image may be older.
    case listed(SourceLine)
    /// Nothing has it loaded before these, or before any.
    case notLoaded(before: [String])
    /// The host's driver is part of the kernel: it binds before any module is loaded.
    case builtIn([String])
    /// Nothing makes the host's driver wait for vfio-pci.
    case noSoftdep([String])
    /// A softdep does; the image may be older.
    case softdep(SourceLine)
    case unknown
  }

  /// Those that it missed, each with the driver that it is on; nil for none.
  let missed: [(function: Address, driver: String?)]
  let driver: String
  let reason: Reason

  static func == (left: Self, right: Self) -> Bool {
    left.reason == right.reason && left.driver == right.driver
      && left.missed.map(\.function) == right.missed.map(\.function)
  }

  /// What is so, and why.
  var statement: String {
    let places = missed.map { "\($0.function) is \($0.driver.map { "on \($0)" } ?? "unbound")" }.joined(separator: ", ")
    return "without effect: \(places). \(why)"
  }

  /// The links that show it.
  var evidence: [Finding.Evidence] {
    missed.map { Finding.Evidence(path: "/sys/bus/pci/devices/\($0.function)/driver", value: $0.driver ?? "not there") }
  }

  /// `other`: takes the setting back. Or the commands after which it counts at the next boot, unless `losses` has what
  /// the host cannot do without.
  func remedy(_ other: String, against losses: [Finding], in examination: Examination) -> String {
    guard losses.allSatisfy(\.isForceable), let effect = examination.effect(of: self) else { return other }
    return "\(other); or, for it to count at the next boot: \(effect)"
  }

  private var why: String {
    switch reason {
    case .notInstalled: "This kernel does not have \(driver)."
    case .notLoaded(let modules):
      "\(driver) is not loaded, and nothing loads it before \(modules.isEmpty ? "the host's drivers" : modules.joined(separator: ", "))."
    case .listed(let list): "\(driver) is not loaded, although \(list.place) lists it: the initramfs may be older."
    case .builtIn(let modules):
      "\(modules.joined(separator: ", ")) \(modules.count == 1 ? "is" : "are") built into this kernel, and \(modules.count == 1 ? "binds" : "bind") before any module is loaded."
    case .noSoftdep(let modules):
      "\(driver) was loaded later than \(modules.joined(separator: ", ")): no softdep makes \(modules.count == 1 ? "it" : "them") wait."
    case .softdep(let line):
      "\(line.place) makes the host's driver wait for \(driver), but this boot did not: the initramfs may be older."
    case .unknown: "hostdev cannot tell why."
    }
  }
}
