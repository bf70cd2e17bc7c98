import Host
import Inventory
import PCI
import Pins

/// The virtual functions that a pin declares, against those that there are.
public struct VirtualFunctionsStatus {
  public struct One {
    public let index: Int
    /// Nil where it is not there.
    public let function: Function?
    /// The VFIO driver; nil where the host has the choice.
    public let wanted: String?
    public let declared: [VirtualSetting: String]
    /// What the card keeps of it; nil where it could not be asked.
    let kept: [VirtualSetting: String]?

    /// What is not as declared; nil where all is.
    public var trouble: String? {
      guard let function else { return "it does not exist" }
      if let wanted, function.driver.value != wanted {
        return function.driver.isUnknown ? "its driver could not be read" : "not on \(wanted)"
      }
      guard !declared.isEmpty else { return nil }
      guard let kept else { return "its settings could not be read from the card" }
      let wrong = declared.filter { kept[$0.key] != $0.value }.sorted { $0.key.rawValue < $1.key.rawValue }
      return wrong.isEmpty
        ? nil : wrong.map { "\($0.key.rawValue) is \(kept[$0.key] ?? "?"), not \($0.value)" }.joined(separator: ", ")
    }
  }

  /// How many there are; nil where that could not be read.
  public let present: Int?
  public let declared: PinnedVirtuals
  public let functions: [One]

  init(_ declared: PinnedVirtuals, of physical: Function, on workspace: Workspace) {
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
        index: index, function: virtual, wanted: wanted ?? declared.driver, declared: declared.settings[index],
        kept: kept?[index])
    }
  }

  var isInPlace: Bool { present == declared.count && functions.allSatisfy { $0.trouble == nil } }

  /// `2 VFs on vfio-pci`.
  public static func words(_ declared: PinnedVirtuals) -> String {
    counted(declared.count, "VF") + (declared.driver.map { " on \($0)" } ?? "")
  }

  /// What is wrong with the number; nil where it is right.
  public var trouble: String? {
    guard let present else { return "its number of VFs could not be read" }
    return present == declared.count ? nil : "has \(counted(present, "VF")), not \(declared.count)"
  }
}

extension PinnedVirtuals {
  var request: VirtualFunctionsRequest { VirtualFunctionsRequest(driver: driver, settings: settings) }
}
