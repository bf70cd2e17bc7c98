import Checks
import Host
import Inventory
import PCI

extension Workspace {
  /// Of every physical function the virtual ones that it can have and does not have now.
  ///
  /// None of these attributes takes the device lock, as `sriov_numvfs` does.
  func virtualsToCome() -> [VirtualsToCome] {
    host.functions.compactMap { function in
      let path = "/sys/bus/pci/devices/\(function.address)/sriov_totalvfs"
      guard let total = sysfs.fact(path).value.flatMap({ Int($0) }), total > 0 else { return nil }
      let layout = VirtualLayout(sysfs, of: function)
      var indices: [Address: Int] = [:]
      for index in 0..<total where layout.present[index] == nil {
        guard let address = layout.address(index), host[address] == nil else { continue }
        indices[address] = index
      }
      let id = layout.forecast(0, of: function)?.id
      return VirtualsToCome(
        of: function.address, total: total, id: id, indices: indices, present: layout.present.count)
    }
  }
}
