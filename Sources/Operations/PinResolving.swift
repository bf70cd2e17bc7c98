import Checks
import Host
import Inventory
import PCI
import Pins
import System

extension Workspace {
  public var pinFolder: PinFolder { PinFolder(root, user: invocation.user) }

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
    let places = Places(host)
    return pins.map { $0.resolve(in: host, places: places, vpd: vpd) }
  }

  func pin(_ name: String) throws(Diagnostic) -> Pin {
    do { return try pinFolder.read(name) } catch { throw Diagnostic(error) }
  }

  /// The functions of a pin, for a selector; a pin that is in doubt names nothing.
  func functions(ofPin name: String) throws(Diagnostic) -> [Address] {
    let pin = try pin(name)
    let resolution = resolve([pin])[0]
    let doubt = resolution.finding(pin, isRehearsal: !isHost)
    if resolution.status.isFound {
      if let doubt { identityDoubts.append(doubt) }
      return resolution.functions
    }
    guard let finding = doubt else {
      throw Diagnostic(
        .notFound, "the device of pin \(name) was not found: \(resolution.reason)", path: PinFolder.file(name),
        next: absence(of: pin).map { "\($0.advice). " }.joined() + "To see what is declared: hostdev pins \(name)")
    }
    throw Diagnostic(refusedBy: finding)
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

extension PinFolder {
  /// The pins of these names, or all; what cannot be used is in the listing's errors. Throws where a named one is not there.
  func listing(_ names: [String]) throws(Diagnostic) -> PinListing {
    var listing = all()
    if names.isEmpty || !listing.isFolderUsable { return listing }
    for name in names where !listing.names.contains(name) {
      do { _ = try read(name) } catch { throw Diagnostic(error) }
    }
    let wanted = Set(names)
    listing.pins.removeAll { !wanted.contains($0.name) }
    listing.errors.removeAll { wanted.isDisjoint(with: $0.names) }
    return listing
  }
}
