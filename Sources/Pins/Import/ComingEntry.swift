import Checks
import Host
import PCI

/// An entry of another tool's setting that names virtual functions which do not exist yet.
struct ComingEntry {
  let reason: String
  let remedy: String
  /// No pin declares them yet.
  let isOpen: Bool
}

extension Examination {
  /// Nil if the entry means no virtual function that a card of this host can have.
  func coming(_ entry: ImportedSetting.Entry, _ setting: ImportedSetting) -> ComingEntry? {
    switch entry {
    case .address(let address):
      for physical in virtualsToCome {
        guard let index = physical.indices[address] else { continue }
        return coming(
          "\(address) will be virtual function \(index) of \(physical.physical)", setting, of: physical, index: index)
      }
    case .id(let id):
      // The number is the administrator's to say: the id means all of them.
      for physical in virtualsToCome where physical.present == 0 {
        guard let own = physical.id, id.matchesVirtual(own) else { continue }
        return coming(
          "\(id) means the virtual functions of \(physical.physical)", setting, of: physical, index: nil)
      }
    }
    return nil
  }

  private func coming(
    _ what: String, _ setting: ImportedSetting, of physical: VirtualsToCome, index: Int?
  ) -> ComingEntry {
    let pin = pins.first { $0.virtuals?.physical == physical.physical && $0.virtuals?.isBound == true }
    if let pin, let count = pin.virtuals?.count, count > index ?? 0 {
      return ComingEntry(
        reason: "\(what), which pin \(pin.name) makes (\(counted(count, "virtual function")))",
        remedy: setting.withdrawal, isOpen: false)
    }
    let now = physical.present == 0 ? "none" : "only \(physical.present)"
    let driver = setting.driver == VFIODriver.generic ? "" : " --driver \(ShellWord.quoted(setting.driver))"
    // Several files may name virtual functions of one card: the number has to reach the last of them.
    let last = importable.flatMap(\.named).compactMap { physical.indices[$0] }.max()
    let least = (last ?? index).map { " (N: \($0 + 1) or more)" } ?? ""
    let name = pin.map { ShellWord.quoted($0.name) } ?? "NAME"
    return ComingEntry(
      reason: "\(what), which has \(now) now",
      remedy:
        "hostdev pin \(name) \(physical.physical) --vfs N --bind\(driver)\(pin == nil ? "" : " --replace")\(least)",
      isOpen: true)
  }
}
