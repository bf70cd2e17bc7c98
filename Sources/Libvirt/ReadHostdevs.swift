import PCI

/// The host's functions that the elements of a file give away, each once, in the file's order.
///
/// The file is a domain, or a piece of one: a `<devices>`, one `<hostdev>`, or several in a row. That is not an
/// XML document, but people keep it for `virsh attach-device`. `<interface type='hostdev'>` and `<disk type='nvme'>`
/// count: libvirt detaches their functions as it does those of a `<hostdev>` (`virHostdevPrepareOneNVMeDevice`), of the disks
/// behind a disk, too. So does an argument of `<qemu:commandline>`, which has QEMU open the function.
///
/// - Parameter name: the file's, for errors.
public func readHostdevs(_ bytes: [UInt8], name: String) throws(XMLError) -> [Address] {
  var seen: Set<Address> = []
  return try readGivenFunctions(bytes, name: name).map(\.function).filter { seen.insert($0).inserted }
}

/// A function that a domain is given, and what libvirt must do with it.
public struct GivenFunction: Sendable, Equatable {
  public let function: Address
  public let way: GuestWay
  /// `managed='yes'`: libvirt detaches it from the host as the domain starts, and gives it back as it stops.
  public let isManaged: Bool
  /// Of the `<hostdev>`, `<interface>` or `<disk>`, from 1.
  public let line: Int
}

/// Through which element or setting a guest has a function. `commandLine`: an argument for QEMU, of which libvirt knows
/// nothing.
public enum GuestWay: String, Sendable { case hostdev, interface, disk, pool, commandLine }

/// An interface that a domain has from a network, which may hand out functions.
public struct GivenInterface: Sendable, Equatable {
  public let network: String
  /// Of the `<interface>`, from 1.
  public let line: Int
}

/// Every function that a file gives away, as `readHostdevs` finds them, with what else it says of them.
public func readGivenFunctions(_ bytes: [UInt8], name: String) throws(XMLError) -> [GivenFunction] {
  try readDomain(bytes, name: name).functions
}

/// What a domain is given: functions, and interfaces of networks.
public func readDomain(
  _ bytes: [UInt8], name: String
) throws(XMLError) -> (functions: [GivenFunction], interfaces: [GivenInterface]) {
  // A domain is some kilobytes.
  if bytes.count > 10_000_000 { throw XMLError(file: name, line: 1, column: 1, reason: "longer than 10 MB") }
  let reader = HostdevReader()
  do throws(ParseFailure) { try parse(bytes, reader) } catch {
    throw XMLError(file: name, line: error.line, column: error.column, reason: error.reason)
  }
  return (reader.found, reader.interfaces)
}

/// Finds the source addresses while the elements go by.
final class HostdevReader: ElementHandler {
  private(set) var found: [GivenFunction] = []
  private(set) var interfaces: [GivenInterface] = []
  /// The elements that are open, from the outermost.
  private var open: [Element] = []

  private struct Element {
    let name: String
    /// A `<hostdev>` has told its function.
    var hasAddress = false
    /// Gives a PCI function away, if so.
    let way: GuestWay?
    var isManaged: Bool
    let line: Int
  }

  private var line = 1

  func at(line: Int) { self.line = line }

  func start(_ name: String, _ attributes: [String: String]) throws(ElementError) {
    // Deeper than any domain: not memory without end for brackets.
    if open.count == 64 { throw ElementError("elements are nested more than 64 deep") }
    if name == "address" { try address(attributes) }
    if name == "source" { source(attributes) }
    if name.hasSuffix(":arg"), open.last?.name.hasSuffix(":commandline") == true { argument(attributes["value"] ?? "") }
    // What is inside <metadata> belongs to other programs.
    let isForeign = open.contains { $0.name == "metadata" }
    // libvirt takes an element that does not say so for one that it shall leave alone.
    open.append(
      Element(
        name: name, way: isForeign ? nil : Self.way(name, attributes), isManaged: attributes["managed"] == "yes",
        line: line))
  }

  private static func way(_ name: String, _ attributes: [String: String]) -> GuestWay? {
    switch (name, attributes["type"]) {
    case ("hostdev", "pci"): attributes["mode", default: "subsystem"] == "subsystem" ? .hostdev : nil
    case ("interface", "hostdev"): .interface
    // libvirt walks the whole chain (`virDomainDiskDefHasNVMeChain`).
    case ("disk", "nvme"), ("backingStore", "nvme"), ("mirror", "nvme"), ("dataStore", "nvme"): .disk
    default: nil
    }
  }

  /// That of a disk says whether it is managed; that of an interface, which network it is of.
  private func source(_ attributes: [String: String]) {
    guard let owner = open.last else { return }
    if owner.way == .disk { open[open.count - 1].isManaged = attributes["managed"] == "yes" }
    if owner.name == "interface", let network = attributes["network"], !open.contains(where: { $0.name == "metadata" })
    {
      interfaces.append(GivenInterface(network: network, line: owner.line))
    }
  }

  /// `-device vfio-pci,host=0000:01:00.0`, or the same as JSON.
  private func argument(_ value: String) {
    guard value.contains("vfio-pci") else { return }
    let parts = value.split { ",{}\"' ".contains($0) }.flatMap { $0.split(maxSplits: 1) { $0 == "=" } }.map(String.init)
    let named = parts.compactMap { part in
      let name = part.hasPrefix("/sys/") ? part.split(separator: "/").last.map(String.init) ?? part : part
      return Address(name) ?? Address("0000:\(name)")
    }
    found += named.map { GivenFunction(function: $0, way: .commandLine, isManaged: false, line: line) }
  }

  func end() throws(ElementError) {
    guard let element = open.popLast(), element.way == .hostdev else { return }
    if element.hasAddress { return }
    throw ElementError("a PCI <hostdev> without <source><address …/></source>")
  }

  /// An `<address>` directly in the `<source>` of an element; one directly in the element is the guest's place for it.
  private func address(_ attributes: [String: String]) throws(ElementError) {
    guard open.count >= 2, open[open.count - 1].name == "source", let way = open[open.count - 2].way else { return }
    // An interface may be USB; a hostdev's source says no type.
    guard attributes["type", default: "pci"] == "pci" else { return }
    open[open.count - 2].hasAddress = true
    let owner = open[open.count - 2]
    found.append(
      GivenFunction(
        function: try libvirtAddress(attributes),
        way: way, isManaged: owner.isManaged, line: owner.line))
  }
}
