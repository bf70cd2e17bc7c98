import Host
import Links
import PCI
import Planning
import Sysfs
import System

/// Looks at one function: its state, its ids, and whether a guest can open it. Reads only: the writer has one, and a dry run.
public struct FunctionLook {
  private let sysfs: any Sysfs
  private let links: any VirtualLinks

  /// `links`: the network cards' side of virtual functions.
  public init(sysfs: any Sysfs, links: any VirtualLinks) {
    self.sysfs = sysfs
    self.links = links
  }

  /// The state now, with the attributes that the placement's state has.
  func reply(_ placement: Placement) -> WriterReply {
    reply(placement.function, placement.attributeNames, virtual: placement.virtual)
  }

  func reply(_ address: Address, _ attributes: [String], virtual: VirtualPlace?) -> WriterReply {
    let function = FunctionAttributes(sysfs, of: address)
    let folder = "/sys/bus/pci/devices/\(address)"
    if let virtual {
      guard sysfs.exists(folder) else { return WriterReply(state: .absent) }
      // Something else may have come to its place.
      guard let owner = try? sysfs.linkName(folder + "/physfn"), Address(owner) == virtual.physical else {
        return WriterReply(errno: Errno.noDevice.name, path: folder + "/physfn")
      }
    }
    let driver = function.driver
    let override = function.driverOverride
    // A capture may lack the attribute: then there is nothing that a write could have changed.
    let isReadable = !override.isUnknown || !sysfs.exists(folder + "/driver_override")
    guard !driver.isUnknown, isReadable else { return WriterReply(errno: Errno.noDevice.name, path: folder) }
    var state = State(driver: driver.value, override: override.value)
    let settings = attributes.compactMap { VirtualSetting(attribute: $0) }
    if !settings.isEmpty {
      guard let interface = virtual?.interface, let index = virtual?.index else {
        return WriterReply(errno: Errno.invalid.name, path: folder)
      }
      do {
        let found = try links.settings(on: interface)[index]
        for setting in settings { state.attributes[setting.attribute] = found?[setting].map { .known($0) } }
      } catch { return WriterReply(errno: error.errno.name, path: error.interface, detail: error.words) }
    }
    for name in attributes where VirtualSetting(attribute: name) == nil {
      do { state.attributes[name] = .known(try sysfs.text("\(folder)/\(name)")) } catch {
        return WriterReply(errno: error.errno.name, path: error.path)
      }
    }
    let node =
      !((try? sysfs.entries(folder + "/vfio-dev")) ?? []).isEmpty
      || ((try? sysfs.linkName(folder + "/iommu_group")).map { sysfs.exists("/dev/vfio/\($0)") } ?? false)
    return WriterReply(
      state: state, identity: function.exists ? Identity(function) : nil, hasVFIONode: node,
      blockers: blockers(in: folder + "/iommu_group/devices", besides: address))
  }

  /// Bound members of the group that keep VFIO from opening it. One that cannot be read does not block here; the checks
  /// before the run report it.
  private func blockers(in group: String, besides address: Address) -> [String] {
    ((try? sysfs.entries(group)) ?? []).compactMap { name in
      guard name != "\(address)", let driver = try? sysfs.linkName("\(group)/\(name)/driver"),
        VFIODriver.blocksGroup(driver),
        // A vendor's own VFIO driver does not, whatever its name.
        ((try? sysfs.entries("\(group)/\(name)/vfio-dev")) ?? []).isEmpty
      else { return nil }
      return "\(name) on \(driver)"
    }
  }
}

extension Placement {
  /// Beside driver and override, what a look at it has to read.
  var attributeNames: [String] { state.attributes.keys.sorted() }
}
