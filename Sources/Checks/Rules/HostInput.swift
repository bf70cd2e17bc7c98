import Host
import PCI

/// The last keyboard; and what else is plugged in goes along, which is good to know.
struct HostInput: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.leaving.compactMap { function in
      let all = situation.usage.uses(of: function.address)
      let uses = all.filter { $0.kind == .keyboard }
      guard !uses.isEmpty else { return plugged(function, all.filter { $0.kind == .usb }) }
      return Finding(
        .hostInput, .error, on: [function.address],
        message:
          "The host's last keyboard is on \(function.address). Without it you cannot type at the host's console.",
        evidence: uses.map(\.evidence),
        remedy: "Plug a keyboard into another controller", forceIf: "you can reach the host without one")
    }
  }

  private func plugged(_ function: Function, _ uses: [Use]) -> Finding? {
    guard !uses.isEmpty else { return nil }
    return Finding(
      .hostInput, .info, on: [function.address],
      message:
        "The host also loses what is plugged into \(function.address): \(uses.map { $0.detail.isEmpty ? $0.subject : $0.detail }.joined(separator: ", ")).",
      evidence: uses.map(\.evidence), remedy: "Plug what the host must keep into another controller.")
  }
}
