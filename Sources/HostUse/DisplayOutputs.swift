import Host
import PCI
import Sysfs

/// Whether a screen can be on a display: not on a headless accelerator (3D controller), nor on a virtual function.
struct DisplayOutputs {
  let sysfs: any Sysfs

  func canShow(_ function: Function) -> Bool {
    guard let code = function.classCode.value, code.isDisplay else { return false }
    if function.bootVGA.value == true { return true }
    let folder = function.devicePath.value ?? "/sys/bus/pci/devices/\(function.address)"
    if function.physicalFunction.value != nil || (try? sysfs.linkTarget("\(folder)/physfn")) != nil { return false }
    // A driver with a card shows its connectors. Without one only a VGA controller is known to have some.
    return connectors(in: "\(folder)/drm").map { !$0.isEmpty } ?? (code.subclass == 0x0300)
  }

  /// `card0-HDMI-A-1`, `card0-Virtual-1`; nil if no card is shown. A writeback connector leads to memory.
  private func connectors(in folder: String) -> [String]? {
    let cards = sysfs.names(in: folder).filter { $0.hasPrefix("card") }
    guard !cards.isEmpty else { return nil }
    return cards.flatMap { card in
      sysfs.names(in: "\(folder)/\(card)").filter { $0.hasPrefix("\(card)-") && !$0.contains("-Writeback-") }
    }
  }
}
