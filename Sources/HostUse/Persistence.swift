import Host
import PCI
import Sysfs

/// NVIDIA's persistence: the driver keeps a card started though no process has its node open.
struct Persistence {
  let sysfs: any Sysfs
  let host: Host

  /// The daemon's request holds every card, by `/run/nvidia-persistenced`. `told`: functions of which a holder is known.
  func uses(of functions: [FunctionWithDevices], processes: [String], told: Set<Address>) -> [Use] {
    let concerned = functions.filter { $0.function.driver.value == "nvidia" && !told.contains($0.address) }
    // The kernel cuts a command's name to 15 bytes.
    guard !concerned.isEmpty,
      let daemon = processes.first(where: { sysfs.fact("/proc/\($0)/comm").value == "nvidia-persiste" }),
      let process = Use.Process(sysfs, daemon)
    else { return [] }
    return concerned.map {
      Use(
        .open(process, Use.Node("persistence mode")), of: $0.address,
        chain: ["\($0.address)", "nvidia-persistenced"])
    }
  }

  /// `nvidia-smi -pm 1` leaves no process: only the module's count tells. With several cards it does not tell which.
  func doubts(_ functions: [FunctionWithDevices], told: Set<Address>) -> [UnknownUse] {
    let cards = host.functions.filter { $0.driver.value == "nvidia" }
    guard cards.count == 1, let card = functions.first(where: { $0.address == cards[0].address }),
      !told.contains(card.address), let count = sysfs.fact("/sys/module/nvidia/refcnt").value.flatMap({ Int($0) }),
      count > sysfs.names(in: "/sys/module/nvidia/holders").count
    else { return [] }
    return [
      UnknownUse(
        function: card.address, area: .holders,
        reason:
          "/sys/module/nvidia/refcnt: \(count): the driver is in use, and no process has the card open. Persistence mode does that; to end it: nvidia-smi -pm 0"
      )
    ]
  }
}
