import Host
import Inventory
import PCI

/// What a user may have meant. Only what is near, is there, and is not what the host runs from.
extension Workspace {
  /// For a selector that named nothing.
  func likelyText(for error: NoSuchDevice) -> String? {
    guard let candidate = error.suggestion, mayBeSuggested(candidate.functions) else { return nil }
    return candidate.text
  }

  /// What to type instead of a text that is not a selector.
  func correction(of error: SelectorError) -> String {
    if let words = error.meant?.split(separator: " ").map(String.init), !words.isEmpty {
      let candidates = words.compactMap { candidate($0) }
      if candidates.count == words.count {
        return didYouMean(candidates.map(\.text).joined(separator: " "), candidates.flatMap(\.functions))
      }
    } else if let candidate = likelyName(for: error.text) {
      return didYouMean(candidate.text, candidate.functions)
    }
    return "'hostdev list' shows what there is, 'hostdev --help' how to name it."
  }

  /// What the corrected text names, or what is near to that.
  private func candidate(_ text: String) -> Candidate? {
    guard let selector = try? Selector(parsing: text) else { return nil }
    do throws(NoSuchDevice) {
      let functions = try resolver.functions(selector)
      return mayBeSuggested(functions) ? Candidate(text: short(selector) ?? text, functions: functions) : nil
    } catch {
      guard let near = error.suggestion, mayBeSuggested(near.functions) else { return nil }
      return near
    }
  }

  /// Of interfaces, disks, controllers and displays, and pins.
  private func likelyName(for text: String) -> Candidate? {
    let devices = Resolver.namedClasses.flatMap { sysfs.names(in: "/sys/class/\($0)") }
      .filter { !resolver.devices(called: $0).isEmpty }
    if let name = suggestion(for: text, among: devices) {
      let functions = Set(resolver.devices(called: name).map(\.function)).sorted()
      return mayBeSuggested(functions) ? Candidate(text: name, functions: functions) : nil
    }
    let pins = (try? pinFolder.names()) ?? []
    return suggestion(for: text, among: pins).map { Candidate(text: "pin:\($0)", functions: []) }
  }

  private func didYouMean(_ text: String, _ functions: [Address]) -> String {
    var what = ""
    if let function = functions.first.flatMap({ host[$0] }), functions.count == 1, let id = function.id {
      let place = text.contains("\(function.address)".dropFirst(5)) ? "" : "\(function.address), "
      what = " (\(place)\(id)\(function.driver.value.map { ", \($0)" } ?? ""))"
    }
    return "Did you mean \(text)\(what)?"
  }

  /// As people write it.
  private func short(_ selector: Selector) -> String? {
    let text: String
    switch selector {
    case .function(let address): text = "\(address)"
    case .slot(let slot): text = "\(slot)"
    default: return nil
    }
    return text.hasPrefix("0000:") ? String(text.dropFirst(5)) : text
  }

  /// A mistyped name must not lead to a suggestion of the disk that the host runs from, nor of one that may be it.
  func mayBeSuggested(_ functions: [Address]) -> Bool {
    let usage = evidence.gather(functions, in: host)
    return !usage.uses.contains(where: \.isVital) && !usage.unknown.contains { $0.area == .storage }
  }
}
