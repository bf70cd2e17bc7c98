import Host
import PCI

/// Physical functions and their VFs: a PF with VFs cannot go, and a VF is worth nothing without its PF.
struct PFsAndVFs: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.candidates.flatMap { function in
      hasVFs(function, in: situation) + token(function, in: situation)
    } + released(situation)
  }

  /// A PF that is given back loses its driver first, and with that its VFs.
  private func released(_ situation: Situation) -> [Finding] {
    guard case .release = situation.intent else { return [] }
    let byPF = Dictionary(grouping: situation.disappearing) { $0.physicalFunction.value ?? $0.address }
    return byPF.sorted { $0.key < $1.key }.map { physical, virtual in
      let driver = situation.host[physical]?.driver.value ?? "its driver"
      return Finding(
        .hasVFs, .warning, on: [physical],
        message:
          "\(physical) has \(counted(virtual.count, "virtual function")). \(virtual.count == 1 ? "It disappears" : "They disappear") as \(driver) is unbound from it.",
        evidence: virtual.map { "\($0.address): \($0.driver.value.map { "on \($0)" } ?? "unbound")" },
        remedy: "Move what uses them elsewhere first.")
    }
  }

  private func hasVFs(_ function: Function, in situation: Situation) -> [Finding] {
    let count = max(function.virtualFunctions.count, function.virtualFunctionCount.value ?? 0)
    guard count > 0 else { return uncounted(function, in: situation) }
    let used = function.virtualFunctions.compactMap { situation.host[$0] }.filter { $0.driver.value != nil }
    let names = used.map { virtual in
      let holders = situation.usage.uses(of: virtual.address).filter { $0.kind == .vfioOpen }
      return "\(virtual.address) on \(virtual.driver.value ?? "")"
        + (holders.isEmpty ? "" : ", open in " + holders.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", "))
    }
    var found = [
      Finding(
        .hasVFs, .error, on: [function.address],
        message:
          "\(function.address) has \(counted(count, "virtual function")). vfio-pci refuses it while \(count == 1 ? "it exists" : "they exist")."
          + (names.isEmpty ? "" : " In use: \(names.joined(separator: ", "))."),
        evidence: [Self.count(count, of: function)],
        remedy: Self.remedy(function, used))
    ]
    if function.virtualFunctions.isEmpty { return found }
    found.append(
      Finding(
        .vfWithoutPF, used.isEmpty ? .warning : .error, on: function.virtualFunctions,
        message: "Without \(function.address) its VFs stop working.",
        evidence: names.isEmpty
          ? function.virtualFunctions.map { "\($0): unbound" } : names.map { Finding.Evidence(value: $0) },
        remedy:
          "Keep the PF on the host, and give VFs to guests: hostdev list \(function.virtualFunctions.map(\.description).joined(separator: " "))"
      ))
    return found
  }

  /// A capture may show neither the attribute nor the links: then the register has told.
  private static func count(_ count: Int, of function: Function) -> Finding.Evidence {
    let register = function.configuration.flatMap(\.enabledVFs).value
    return function.virtualFunctions.isEmpty && register.map { Int($0) } == count
      ? "SR-IOV capability of \(function.address): VF Enable is set, NumVFs \(count)"
      : "/sys/bus/pci/devices/\(function.address)/sriov_numvfs: \(count)"
  }

  /// It can have VFs, and how many it has nothing tells.
  private func uncounted(_ function: Function, in situation: Situation) -> [Finding] {
    let most = function.configuration.flatMap(\.totalVFs).map { Int($0) }.or(function.virtualFunctionLimit).value ?? 0
    guard most > 0, function.virtualFunctionCount.isUnknown, !function.isPending else { return [] }
    return [
      situation.unknown(
        .unknownSRIOV, on: [function.address],
        message:
          "How many of its \(counted(most, "virtual function")) \(function.address) has now could not be read. vfio-pci refuses it while it has any.",
        evidence: ["/sys/bus/pci/devices/\(function.address)/sriov_numvfs: unreadable or not captured"],
        remedy: "cat /sys/bus/pci/devices/\(function.address)/sriov_numvfs")
    ]
  }

  /// VFs that guests may have go home first: never write 0 while one is held.
  private static func remedy(_ function: Function, _ used: [Function]) -> String {
    let given = used.filter { VFIODriver.isVFIO($0.driver.value ?? "") }.map { "\($0.address)" }
    let none = "hostdev sriov \(function.address) --vfs 0"
    return given.isEmpty ? none : "hostdev release \(given.joined(separator: " ")) && \(none)"
  }

  /// vfio-pci asks for a token before a VF of a PF that it drives can be opened; libvirt's hostdev cannot give one.
  private func token(_ function: Function, in situation: Situation) -> [Finding] {
    guard let physical = function.physicalFunction.value, let driver = situation.host[physical]?.driver.value,
      VFIODriver.isVFIO(driver)
    else { return [] }
    return [
      Finding(
        .vfToken, .error, on: [function.address],
        message:
          "The PF of \(function.address) is on \(driver). The kernel then requires a VF token to open the VF, and libvirt's <hostdev> cannot pass one.",
        evidence: ["/sys/bus/pci/devices/\(physical)/driver: \(driver)"], remedy: "hostdev release \(physical)")
    ]
  }
}
