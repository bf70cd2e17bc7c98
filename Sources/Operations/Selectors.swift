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
    let resolver = Resolver(host: host, sysfs: sysfs)
    return try texts.map { text throws(Diagnostic) in
      let selector: Selector
      do throws(SelectorError) { selector = try Selector(parsing: text) } catch {
        throw Diagnostic(.usage, "selector '\(text)': \(error.reason)", next: "hostdev list shows what there is")
      }
      let named = try self.named(selector)
      do throws(NoSuchDevice) {
        return Resolved(text: text, selector: selector, functions: try resolver.functions(selector, named: named))
      } catch {
        throw Diagnostic(
          .notFound, "no \(error.lookedFor)", path: error.path,
          next: (error.suggestion.map { "the nearest is \($0); " } ?? "") + "hostdev list --all shows what there is")
      }
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
        .notFound, "read the XML", path: file, errno: error.errno.name,
        next: "name a domain's XML, or - for standard input")
    }
    let found: [Address]
    do { found = try readHostdevs(bytes, name: file) } catch {
      throw Diagnostic(.malformed, "read the XML: \(error)", path: file, next: "xmllint \(file) shows the place")
    }
    if found.isEmpty {
      throw Diagnostic(
        .notFound, "no PCI <hostdev> element", path: file, next: "virsh dumpxml DOMAIN shows what a domain has")
    }
    return found
  }

  /// One set out of several selectors, in the order of addresses.
  public static func set(_ resolved: [Resolved]) -> [Address] { Set(resolved.flatMap(\.functions)).sorted() }

  /// The set that selectors name, all of them without a doubt.
  public func set(_ selectors: [String]) throws(Diagnostic) -> [Address] { Self.set(try resolve(selectors)) }

  /// As `set`, for what is to be changed: ids that fit more than one device are refused, since it must be known which is
  /// meant.
  func unambiguousSet(_ selectors: [String]) throws(Diagnostic) -> [Address] {
    let found = try resolve(selectors)
    for resolved in found {
      guard case .id = resolved.selector else { continue }
      let slots = Set(resolved.functions.map(\.slot)).sorted()
      if slots.count > 1 {
        throw Diagnostic(
          .usage,
          "\(resolved.text) fits \(slots.count) devices: \(resolved.functions.map(\.description).joined(separator: ", "))",
          next: "name the one that is meant by its address, as in: \(slots[0])")
      }
    }
    return Self.set(found)
  }

  /// The one function that a selector names. `operation`: what takes only one, in words.
  func one(_ set: [Address], of selector: String, operation: String) throws(Diagnostic) -> Address {
    if let address = set.first, set.count == 1 { return address }
    throw Diagnostic(
      .usage, "\(selector) names \(set.count) functions: \(set.map(\.description).joined(separator: ", "))",
      next: "\(operation) at a time")
  }
}
