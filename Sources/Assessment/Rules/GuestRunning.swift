import Host
import PCI

/// A guest has the function: unbinding would wait for it, and cannot be taken back.
struct GuestRunning: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    situation.functions.compactMap { function in
      let uses = situation.usage.uses(of: function.address).filter { $0.kind == .vfioOpen }
      guard !uses.isEmpty else { return nil }
      return Finding(
        .guestRunning, .error, on: [function.address],
        message:
          "A guest has \(function.address) open: \(uses.map { "\($0.subject) (\($0.detail))" }.joined(separator: ", ")).",
        evidence: uses.map(\.evidence), remedy: Self.remedy(uses))
    }
  }

  /// By the names of guests that libvirt knows, else by process.
  static func remedy(_ uses: [Use]) -> String {
    var commands: [String] = []
    for use in uses {
      let command = use.guest.map { "virsh shutdown \($0)" } ?? "kill \(use.subject.dropFirst("pid ".utf8.count))"
      if !commands.contains(command) { commands.append(command) }
    }
    return commands.joined(separator: "; ")
  }
}

extension Use {
  /// `win10` of `qemu-system-x86, guest win10`.
  var guest: String? {
    detail.split(separator: ", ").first { $0.hasPrefix("guest ") }.map { String($0.dropFirst("guest ".utf8.count)) }
  }
}
