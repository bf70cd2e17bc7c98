import PCI

/// Functions that exist only as long as another function's driver runs: if that is unbound, the kernel removes them from
/// the bus.
///
/// Unbinding pcieport or shpchp removes none: `pciehp_remove` and `shpc_remove` end the hot-plug service and leave what is
/// in the slots.
public struct Removal: Sendable, Equatable {
  public enum Cause: Sendable, Equatable {
    /// The driver is the host bridge of a bus of its own, as VMD's is (`pci_remove_root_bus` in `vmd_remove`).
    case rootBus
    /// It is the CardBus bridge's, which shuts its socket down as it goes (`pcmcia_unregister_socket`).
    case socket
    /// They are its virtual functions: most drivers call `pci_disable_sriov` as they go.
    case virtual
    /// They are behind PCI Express tunnels of a Thunderbolt router. The driver leaves the tunnels as it goes (`tb_stop`);
    /// the next one, the guest's too, resets the router as it comes (`nhi_reset`).
    case tunnel
  }

  public let cause: Cause
  /// The function whose driver it is.
  public let remover: Address
  public let driver: String
  /// In the order of addresses; bridges among them.
  public var functions: [Address]
}

extension Host {
  /// What goes with this function's driver; empty if nothing does.
  public func removals(with function: Function) -> [Removal] {
    guard let driver = function.driver.value else { return [] }
    func removal(_ cause: Removal.Cause, _ functions: [Address]) -> [Removal] {
      functions.isEmpty
        ? [] : [Removal(cause: cause, remover: function.address, driver: driver, functions: functions.sorted())]
    }
    let virtual = function.virtualFunctions.filter { self[$0] != nil }
    return removal(.rootBus, functions(behindRootBusOf: function).map(\.address)) + removal(.virtual, virtual)
      + (driver == "yenta_cardbus" ? removal(.socket, functions(below: function.address).map(\.address)) : [])
      + (driver == "thunderbolt" ? removal(.tunnel, tunnelled(by: function)) : [])
  }

  /// What goes with the drivers of these functions.
  public func removed(with set: some Sequence<Address>) -> Set<Address> {
    Set(set.filter(mayRemove).compactMap { self[$0] }.flatMap { removals(with: $0) }.flatMap(\.functions))
  }

  /// Below the root bus of a function, which is the root of a domain of its own. A place that was not read tells nothing;
  /// VMD numbers its domains from 0x10000 (`vmd_find_free_domain`), and what is behind it is in its group.
  private func functions(behindRootBusOf function: Function) -> [Function] {
    let byPath = functions(onRootBusesOf: function.address)
    let group = function.driver.value == "vmd" ? function.iommuGroup.value : nil
    let byGroup = group.map(functions(inGroup:)) ?? []
    return byPath.filter { $0.address.domain != function.address.domain }
      + byGroup.filter { $0.address.domain >= 0x10000 && $0.devicePath.value == nil }
  }

  /// Behind the ports that are its consumers by device link (`tb_acpi_add_links`).
  private func tunnelled(by router: Function) -> [Address] {
    router.consumers.compactMap { self[$0] }.filter(\.isBusBridge).flatMap { functions(below: $0.address) }
      .map(\.address)
  }
}
