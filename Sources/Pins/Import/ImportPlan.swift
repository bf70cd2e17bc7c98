import Checks
import Host
import PCI

/// What other tools' settings come to as pins, and what of them cannot become one.
public struct ImportPlan: Sendable, Equatable {
  public var proposals: [PinProposal] = []
  public var left: [LeftAlone] = []
}

/// A pin that would do what a setting does.
public struct PinProposal: Sendable, Equatable {
  public let name: String
  /// Of one device.
  public let functions: [Address]
  public let driver: String
  public let sources: [SourceLine]
  /// What takes the settings back once the pin is there, as commands.
  public let afterwards: [String]
}

/// A setting, or a part of one, that no pin is made of, and why.
public struct LeftAlone: Sendable, Equatable {
  public let source: SourceLine
  public let reason: String
  /// What it may mean.
  public let functions: [Address]
  /// Empty while the line still has something to say.
  public fileprivate(set) var remedy: String
  /// An administrator must decide. False: there is nothing to do.
  public let isOpen: Bool
}

extension Examination {
  /// Reads the settings of driverctl, the kernel's command line and modprobe as pins: one per device and driver.
  ///
  /// If several devices have an id, the id selects none of them: it is unknown which one is meant.
  public func importPlan() -> ImportPlan {
    var plan = ImportPlan()
    var gathered: [Key: Gathered] = [:]
    for setting in importable {
      let left = read(setting, into: &gathered)
      plan.left += left
    }
    // A line goes only when all that it names is pinned.
    let unfinished = Set(plan.left.filter(\.isOpen).map(\.source))
    var taken = Set(pins.map(\.name))
    for (key, found) in gathered.sorted(by: { $0.key < $1.key }) {
      var name =
        "pci_\(hexText(key.slot.domain, digits: 4))_\(hexText(key.slot.bus, digits: 2))_\(hexText(key.slot.device, digits: 2))"
      if taken.contains(name) { name = (2...).lazy.map { "\(name)-\($0)" }.first { !taken.contains($0) } ?? name }
      taken.insert(name)
      var afterwards: [String] = []
      for setting in found.settings where !setting.withdrawal.isEmpty && unfinished.isDisjoint(with: setting.sources) {
        if !afterwards.contains(setting.withdrawal) { afterwards.append(setting.withdrawal) }
      }
      plan.proposals.append(
        PinProposal(
          name: name, functions: found.functions.sorted(), driver: key.driver,
          sources: found.settings.flatMap(\.sources), afterwards: afterwards))
    }
    let busy = unfinished.union(plan.proposals.flatMap(\.sources))
    for place in plan.left.indices where !plan.left[place].isOpen && busy.contains(plan.left[place].source) {
      plan.left[place].remedy = ""
    }
    return plan
  }

  private struct Key: Hashable, Comparable {
    let slot: Slot
    let driver: String

    static func < (left: Self, right: Self) -> Bool { (left.slot, left.driver) < (right.slot, right.driver) }
  }

  private struct Gathered {
    var functions: Set<Address> = []
    var settings: [ImportedSetting] = []
  }

  /// What of one setting is left alone; the rest is gathered by device.
  private func read(_ setting: ImportedSetting, into gathered: inout [Key: Gathered]) -> [LeftAlone] {
    guard let source = setting.sources.first else { return [] }
    func left(_ reason: String, _ functions: [Address], remedy: String, isOpen: Bool) -> LeftAlone {
      LeftAlone(source: source, reason: reason, functions: functions, remedy: remedy, isOpen: isOpen)
    }
    guard VFIODriver.leavesGroupViable(setting.driver) else {
      return [
        left("\(setting.driver) is not a driver for guests", setting.named, remedy: "", isOpen: false)
      ]
    }
    // pci-stub only ever kept host drivers away until something moved the function on: with a pin it is there already.
    let driver = VFIODriver.isVFIO(setting.driver) ? setting.driver : VFIODriver.generic
    var found: [LeftAlone] = []
    var done: [Address] = []
    for entry in setting.entries {
      let functions = self.functions(entry)
      let slots = Set(functions.map(\.slot)).sorted()
      if slots.isEmpty, let coming = coming(entry, setting) {
        found.append(
          left(coming.reason, [], remedy: coming.remedy, isOpen: coming.isOpen))
        continue
      }
      if slots.isEmpty {
        found.append(
          left("\(entry) matches no device of this host", [], remedy: setting.withdrawal, isOpen: false))
        continue
      }
      let open = functions.filter { function in !pins.contains { $0.functions.contains(function) } }
      if open.isEmpty {
        done += functions
        continue
      }
      if slots.count > 1 {
        found.append(
          left(
            "\(entry) matches \(slots.count) devices; hostdev cannot tell which one you mean", functions,
            remedy: "Pin the one that you mean, or each: "
              + slots.map { "hostdev pin NAME \($0)" }.joined(separator: "; "), isOpen: true))
        continue
      }
      let key = Key(slot: slots[0], driver: driver)
      gathered[key, default: Gathered()].functions.formUnion(open)
      if gathered[key]?.settings.contains(setting) == false { gathered[key]?.settings.append(setting) }
    }
    if !done.isEmpty {
      let names = Set(pins.filter { !Set($0.functions).isDisjoint(with: done) }.map(\.name)).sorted()
      found.append(
        left(
          "already pinned (\(names.joined(separator: ", ")))", done.sorted(), remedy: setting.withdrawal, isOpen: false)
      )
    }
    return found
  }

  private func functions(_ entry: ImportedSetting.Entry) -> [Address] {
    switch entry {
    case .address(let address): host[address].map { [$0.address] } ?? []
    case .id(let id): functions([id])
    }
  }
}
