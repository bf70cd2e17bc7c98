import Assessment
import Host
import Inventory
import PCI
import Pins
import Report
import System

extension Workspace {
  var pinFolder: PinFolder { PinFolder(root) }

  /// Who the functions of these pins are now. `wake`: those that sleep where one was pinned are asked for their serial
  /// number too, which powers them up.
  func resolve(_ pins: [Pin], wake: Bool = false) -> [Resolution] {
    scanner.locate(&host)
    // Equal serial numbers on twins are seen only where both are looked at.
    let kinds = Set(pins.flatMap(\.functions).filter { $0.serialNumber != nil }.map(\.id))
    let candidates = host.functions.filter { function in function.id.map { kinds.contains($0) } ?? false }
    scanner.readConfiguration(candidates.map(\.address), of: &host)
    if wake {
      let places = Set(pins.flatMap(\.functions).filter { $0.serialNumber != nil }.compactMap(\.path))
      let asleep = candidates.filter { function in function.topologyPath.value.map { places.contains($0) } ?? false }
      scanner.readConfiguration(asleep.map(\.address), of: &host, wake: true)
    }
    let vpdKinds = Set(pins.flatMap(\.functions).filter { $0.vpdSerialNumber != nil }.map(\.id))
    let answering = host.functions.filter { function in function.id.map { vpdKinds.contains($0) } ?? false }
    let vpd = vpdSerialNumbers(answering.map(\.address))
    let standing = Places(host)
    return pins.map { $0.resolve(in: host, places: standing, vpd: vpd) }
  }

  func pin(_ name: String) throws -> Pin {
    do { return try pinFolder.read(name) } catch { throw Diagnostic(error) }
  }

  /// The functions of a pin, for a selector; a pin that is in doubt names nothing.
  func functions(ofPin name: String) throws -> [Address] {
    let pin = try pin(name)
    let resolution = resolve([pin])[0]
    let doubt = resolution.finding(pin, isRehearsal: !isHost)
    if resolution.standing.isFound {
      if let doubt { identityDoubts.append(doubt) }
      return resolution.functions
    }
    guard let finding = doubt else {
      throw Diagnostic(
        .notFound, "pin \(name) resolves to nothing: \(resolution.reason)", path: PinFolder.file(name),
        next: "hostdev pins \(name) shows what is declared")
    }
    throw PinRefusal(finding: finding)
  }
}

/// A pin whose function is not the one that was pinned: the command is refused, as by any other check.
struct PinRefusal: Error {
  let finding: Finding

  func report(asJSON: Bool) -> Never {
    if asJSON {
      let set = AssessedSet(
        functions: [], assessment: Assessment(missing: [], findings: [finding]), forced: [], plan: [],
        descriptorsSeen: 0, processesUnseen: 0)
      Output.write(JSONWriter.document { write(set, to: &$0) })
    } else {
      Output.write(finding.text(Style(isColoured: false)))
      Output.write("refused: \(finding.code)\n")
    }
    Ending.exit(1)
  }
}

extension Diagnostic {
  init(_ error: PinError) {
    switch error {
    case .missing(let name, let nearest):
      self.init(
        .notFound, "no pin \(name)", path: PinFolder.file(name),
        next: (nearest.map { "the nearest is \($0); " } ?? "") + "hostdev pins shows what there is")
    case .malformed(let file, let line, let key, let reason):
      self.init(
        .malformed,
        "read a pin: " + [line.map { "line \($0)" }, key, reason].compactMap { $0 }.joined(separator: ": "),
        path: file, next: "correct the file; man hostdev has its form")
    case .untrusted(let path, let reason):
      self.init(
        .malformed, "read the pins: \(reason)", path: path,
        next: "look who wrote what is in it, then: chown root:root \(path) && chmod go-w \(path)")
    case .duplicate(let one, let other, let function):
      self.init(
        .malformed, "pins \(one) and \(other) both declare \(function)", path: PinFolder.file(other),
        state: "neither counts", next: "withdraw one of them: hostdev unpin \(one), or hostdev unpin \(other)")
    case .cannotRead(let cause):
      self.init(
        .malformed, "read the pins: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: "look what is there; as root it must be readable")
    case .cannotWrite(let cause):
      self.init(
        .rolledBack, "write the pin: \(cause.call)", path: cause.path, errno: cause.errno.name,
        next: cause.errno == .noSpace
          ? "make room: df -h /etc" : "make it writable for root, then try again")
    }
  }
}

extension Workspace {
  /// The driver that a pin asks for, for one function: `auto` is the best that this kernel has.
  func wantedDriver(_ driver: String, of function: Function) -> String {
    guard driver == "auto" else { return driver }
    let aliases = moduleAliases
    return aliases.variant(for: function).flatMap { aliases.driver(of: $0) } ?? VFIODriver.generic
  }
}
