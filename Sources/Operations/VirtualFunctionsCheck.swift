import Checks
import Host
import Inventory
import PCI
import Transactions

/// What the rules say of a number of virtual functions: of their physical one, of those that go, and of those that are
/// there and are to move.
struct VirtualFunctionsCheck {
  let assessment: Assessment
  let usage: Usage

  init(
    _ workspace: Workspace, _ physical: Function, layout: VirtualLayout, request: VirtualFunctionsRequest,
    aliases: ModuleAliases?, isRenewal: Bool, held: [Hold]
  ) {
    let present = layout.present.sorted { $0.key < $1.key }
    let driver = request.driver.map { $0 == "auto" ? VFIODriver.generic : $0 }
    let going = isRenewal ? present.map(\.value) : []
    let moving =
      isRenewal || driver == nil
      ? []
      : present.filter { index, address in
        index < request.count
          && workspace.host[address]?.driver.value != request.driver(for: workspace.host[address], aliases)
      }.map(\.value)
    workspace.detail(going + moving)
    let usage =
      going.isEmpty && moving.isEmpty ? Usage() : workspace.evidence.gather(going + moving, in: workspace.host)
    let records = Set(held.map(\.function))
    var matches: [Address: DriverMatch] = [:]
    for index in 0..<request.count {
      guard
        let forecast = layout.present[index].flatMap({ workspace.host[$0] }) ?? layout.forecast(index, of: physical),
        let name = request.driver(for: forecast, aliases), name != VFIODriver.generic, name != "pci-stub"
      else { continue }
      matches[forecast.address] =
        VFIODriver.isVFIO(name)
        ? aliases?.knows(forecast, driver: name).map { $0 ? .matches : .doesNot } ?? .unknown : .doesNot
    }
    let of = Assessment(
      of: workspace.situation(
        [physical.address] + going,
        .virtualFunctions(of: physical.address, count: request.count, driver: isRenewal ? driver : nil), usage: usage,
        matches: isRenewal ? matches : [:], held: records))
    guard let driver, !moving.isEmpty else {
      assessment = of
      self.usage = usage
      return
    }
    let move = Assessment(
      of: workspace.situation(
        moving, .assign(driver: driver), usage: usage, matches: matches.filter { moving.contains($0.key) },
        held: records))
    assessment = Assessment(missing: move.missing, findings: of.findings + move.findings)
    self.usage = usage
  }
}

extension VirtualFunctionsRequest {
  /// The VFIO driver for one of them; nil where they are the host's.
  func driver(for function: Function?, _ aliases: ModuleAliases?) -> String? {
    guard let driver, driver == "auto" else { return driver }
    guard let function, let aliases, let module = aliases.variant(for: function) else { return VFIODriver.generic }
    return aliases.driver(of: module)
  }
}
