import Host
import Inventory
import Libvirt
import PCI

extension Workspace {
  /// What one selector named.
  public struct Resolved {
    let text: String
    let selector: Selector
    public let functions: [Address]
  }

  public func resolve(_ texts: [String]) throws(Diagnostic) -> [Resolved] {
    try texts.map { text throws(Diagnostic) in
      let selector: Selector
      do throws(SelectorError) { selector = try Selector(parsing: text) } catch {
        return try resolve(name: text, error)
      }
      return Resolved(text: text, selector: selector, functions: try functions(of: selector))
    }
  }

  /// A word that is none of the forms, and may be the name of a device, or a list with such names.
  private func resolve(name text: String, _ error: SelectorError) throws(Diagnostic) -> Resolved {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if parts.count > 1, !parts.contains("") {
      let found = try resolve(parts)
      return Resolved(text: text, selector: .several(found.map(\.selector)), functions: Self.set(found))
    }
    let devices = resolver.devices(called: text)
    if let device = devices.first, Set(devices.map(\.function)).count == 1 || devices.allSatisfy({ $0.kind == "block" })
    {
      return Resolved(text: text, selector: device.selector, functions: try functions(of: device.selector))
    }
    if !devices.isEmpty {
      throw Diagnostic(
        .usage, "'\(text)' is the name of several devices",
        next: "Name the one that you mean: "
          + devices.map { "/sys/class/\($0.kind)/\(text) (\($0.function))" }.joined(separator: ", "))
    }
    throw Diagnostic(.usage, "'\(text)' \(error.reason)", next: correction(of: error))
  }

  var resolver: Resolver { Resolver(host: host, sysfs: sysfs) }

  func functions(of selector: Selector) throws(Diagnostic) -> [Address] {
    if case .several(let selectors) = selector {
      var found: Set<Address> = []
      for selector in selectors { found.formUnion(try functions(of: selector)) }
      return found.sorted()
    }
    let named = try named(selector)
    do throws(NoSuchDevice) { return try resolver.functions(selector, named: named) } catch {
      throw Diagnostic(
        .notFound, "no \(error.lookedFor)", path: error.path,
        next: absence(of: selector) + (likelyText(for: error).map { "The nearest is \($0). " } ?? "")
          + "'hostdev list --all' shows what there is."
      )
    }
  }

  /// Addresses that a file names.
  private func named(_ selector: Selector) throws(Diagnostic) -> [Address] {
    switch selector {
    case .xml(let file): return try functions(inXML: file)
    case .pin(let name): return try functions(ofPin: name)
    default: return []
    }
  }

  private func functions(inXML file: String) throws(Diagnostic) -> [Address] {
    let bytes: [UInt8]
    do { bytes = try invocation.readFile(file) } catch {
      throw Diagnostic(
        .notFound, "cannot read the XML", path: file, errno: error.errno.name,
        next: "name a file with a domain's XML, or - for standard input")
    }
    let found: [Address]
    do { found = try readHostdevs(bytes, name: file) } catch {
      throw Diagnostic(
        .malformed, "cannot read the XML: \(error)", path: file, next: "to see the place: xmllint \(file)")
    }
    if found.isEmpty {
      throw Diagnostic(
        .notFound, "the file names no PCI function: no PCI <hostdev>, <interface type='hostdev'> or <disk type='nvme'>",
        path: file,
        next: "to see what a domain has: virsh dumpxml DOMAIN")
    }
    return found
  }

  /// One set out of several selectors, in the order of addresses.
  public static func set(_ resolved: [Resolved]) -> [Address] { Set(resolved.flatMap(\.functions)).sorted() }

  /// The set that selectors name, all of them without a doubt.
  public func set(_ selectors: [String]) throws(Diagnostic) -> [Address] { Self.set(try resolve(selectors)) }

  /// As `set`, for what is to be changed: a form that fits more than one device is refused, since it must be known which
  /// is meant.
  func unambiguousSet(_ selectors: [String]) throws(Diagnostic) -> [Address] {
    let found = try resolve(selectors)
    for resolved in found where resolved.selector.isForOneDevice {
      let slots = Set(resolved.functions.map(\.slot)).sorted()
      if slots.count > 1 {
        let example = slots.first { slot in mayBeSuggested(resolved.functions.filter { $0.slot == slot }) }
        throw Diagnostic(
          .usage,
          "\(resolved.text) matches \(slots.count) devices: \(resolved.functions.map(\.description).joined(separator: ", "))",
          next: "name the one that you mean by its address" + (example.map { ", as in: \($0)" } ?? ""))
      }
    }
    return Self.set(found)
  }

  /// The one function that a selector names. `operation`: what takes only one, in words.
  func one(_ set: [Address], of selector: String, operation: String) throws(Diagnostic) -> Address {
    if let address = set.first, set.count == 1 { return address }
    throw Diagnostic(
      .usage, "\(selector) names \(counted(set.count, "function")): \(set.map(\.description).joined(separator: ", "))",
      next: "\(operation) at a time")
  }
}
