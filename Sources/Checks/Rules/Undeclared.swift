import Settings
import Host
import PCI

/// Functions on a VFIO driver that no hold, pin, setting or guest accounts for.
struct Undeclared: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    let there = examination.host.functions.filter { function in
      function.isEndpoint && function.driver.value.map(VFIODriver.leavesGroupViable) ?? false
    }
    let explained = Set(examination.claims.filter(\.explainsVFIO).flatMap(\.functions))
    let open = Set(examination.usage.uses.filter { $0.kind == .vfioOpen }.map(\.function))
    let unseen = Set(examination.usage.unknown.filter { $0.area == .holders }.map(\.function))
    let lost = there.filter { function in
      !explained.contains(function.address) && !open.contains(function.address)
        && !isCaptured(function, in: examination.host)
    }
    // Of a function whose driver could not be read nothing is claimed.
    let unclear = examination.host.functions.filter { $0.isEndpoint && $0.driver.isUnknown && !$0.isPending }
    if lost.isEmpty, !unclear.isEmpty {
      return [
        Finding(
          .undeclared, .unknown, on: unclear.map(\.address),
          message:
            "The \(unclear.count == 1 ? "driver" : "drivers") of \(counted(unclear.count, "function")) could not be read, so whether \(unclear.count == 1 ? "it is" : "they are") on a VFIO driver is unknown.",
          evidence: unclear.prefix(4).map { "/sys/bus/pci/devices/\($0.address)/driver" })
      ]
    }
    if lost.isEmpty {
      return [
        Finding(
          .undeclared, .ok, on: there.map(\.address),
          message: there.isEmpty
            ? "Nothing is on a VFIO driver."
            : "Everything on a VFIO driver is held, pinned, claimed by a setting, or in use by a guest.")
      ]
    }
    return Dictionary(grouping: lost, by: \.address.slot).sorted { $0.key < $1.key }.map { slot, functions in
      let addresses = functions.map(\.address).sorted()
      let names = addresses.map(\.description).joined(separator: " ")
      let isUnseen = addresses.contains { unseen.contains($0) }
      let doubts = Doubts(addresses, examination)
      let wanting = examination.settings.domains.filter { addresses.contains($0.function) }
      let drivers = Set(functions.compactMap(\.driver.value)).sorted().joined(separator: ", ")
      let holders = isUnseen ? " Whether a guest has it open could not be determined." : ""
      let harm = isUnseen || doubts.exist ? "" : " After the next boot the host uses it again."
      var evidence = functions.map { "/sys/bus/pci/devices/\($0.address)/driver: \($0.driver.value ?? "?")" }
      evidence += doubts.evidence + wanting.map { "\($0.source) (domain \($0.domain.shown) wants it there)" }
      return Finding(
        .undeclared, isUnseen || doubts.exist ? .unknown : .warning, on: addresses,
        message: "\(names) \(functions.count == 1 ? "is" : "are") on \(drivers)\(doubts.statement)\(holders)\(harm)",
        evidence: .plain(evidence),
        remedy: "hostdev pin NAME \(names); or, to release it: hostdev release \(names)")
    }
  }

  /// A PF on VFIO captures its VFs: the kernel puts them there itself.
  private func isCaptured(_ function: Function, in host: Host) -> Bool {
    function.physicalFunction.value.flatMap { host[$0]?.driver.value }.map(VFIODriver.isVFIO) ?? false
  }
}

/// What could not be read and may explain that functions are on a VFIO driver.
private struct Doubts {
  /// Rules of udev's, of which it cannot be told what they do to these functions.
  let rules: [SourceLine]
  let unread: [String]

  init(_ functions: [Address], _ examination: Examination) {
    rules = Set(functions.flatMap { examination.udevDoubts(of: $0) }.map(\.rule.source)).sorted()
    unread = examination.settings.unread.map(\.description) + examination.settings.malformed
  }

  var exist: Bool { !rules.isEmpty || !unread.isEmpty }
  var evidence: [String] { rules.map(\.description) + unread }

  /// Continues the sentence.
  var statement: String {
    if let rule = rules.first { return ". Whether \(rule.place) explains it could not be determined." }
    return exist
      ? ". No hold, pin or setting that could be read explains it." : ", and no hold, pin or setting explains it."
  }
}
