import Host
import Inventory
import PCI
import Pins
import Report

/// The virtual functions that a pin declares, against those that there are.
struct VirtualStanding {
  struct One {
    let index: Int
    /// Nil where it is not there.
    let function: Function?
    /// The VFIO driver; nil where the host has the choice.
    let wanted: String?
    let declared: [VirtualSetting: String]
    /// What the card keeps of it; nil where it could not be asked.
    let kept: [VirtualSetting: String]?

    /// What is not as declared; nil where all is.
    var trouble: String? {
      guard let function else { return "not there" }
      if let wanted, function.driver.value != wanted {
        return function.driver.isUnknown ? "its driver could not be read" : "not on \(wanted)"
      }
      guard !declared.isEmpty else { return nil }
      guard let kept else { return "what its card keeps of it could not be read" }
      let wrong = declared.filter { kept[$0.key] != $0.value }.sorted { $0.key.rawValue < $1.key.rawValue }
      return wrong.isEmpty
        ? nil : wrong.map { "\($0.key.rawValue) is \(kept[$0.key] ?? "?"), not \($0.value)" }.joined(separator: ", ")
    }
  }

  /// How many there are; nil where that could not be read.
  let present: Int?
  let declared: PinnedVirtuals
  let functions: [One]

  init(_ declared: PinnedVirtuals, of physical: Function, _ workspace: Workspace) {
    workspace.detail([physical.address])
    let function = workspace.host[physical.address] ?? physical
    let layout = VirtualLayout(workspace.sysfs, of: function)
    let kept = declared.settings.isEmpty ? nil : layout.interface.flatMap { try? workspace.links.settings(on: $0) }
    self.declared = declared
    present = function.virtualFunctionCount.value
    functions = (0..<declared.count).map { index in
      let virtual = layout.present[index].flatMap { workspace.host[$0] }
      let wanted = virtual.flatMap { virtual in declared.driver.map { workspace.wantedDriver($0, of: virtual) } }
      return One(
        index: index, function: virtual, wanted: wanted ?? declared.driver, declared: declared.settings[index] ?? [:],
        kept: kept?[index])
    }
  }

  var isInPlace: Bool { present == declared.count && functions.allSatisfy { $0.trouble == nil } }

  /// `2 VFs on vfio-pci`.
  static func words(_ declared: PinnedVirtuals) -> String {
    "\(declared.count) VFs" + (declared.driver.map { " on \($0)" } ?? "")
  }

  /// What is wrong with the number; nil where it is right.
  var trouble: String? {
    guard let present else { return "how many VFs it has could not be read" }
    return present == declared.count ? nil : "has \(present) VFs, not \(declared.count)"
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.key("count")
      json.value(declared.count)
      json.key("present")
      json.value(present)
      json.key("driver")
      json.value(declared.driver)
      json.key("functions")
      json.array { json in
        for one in functions {
          json.object { json in
            json.key("index")
            json.value(one.index)
            json.key("address")
            json.value(one.function.map { "\($0.address)" })
            json.key("driver")
            json.value(one.function?.driver.value)
            json.key("wanted_driver")
            json.value(one.wanted)
            json.key("mac")
            json.value(one.declared[.mac])
            json.key("vlan")
            json.value(one.declared[.vlan])
            json.key("spoof_check")
            json.value(one.declared[.spoofCheck])
            json.key("trust")
            json.value(one.declared[.trust])
            json.key("in_place")
            json.value(one.trouble == nil)
          }
        }
      }
    }
  }
}

extension PinnedVirtuals {
  var request: VirtualRequest { VirtualRequest(count: count, driver: driver, settings: settings) }
}
