import Host
import PCI

/// Is a function that the host uses about to be taken from it, by whatever tool?
///
/// What `check` would refuse of the functions of a claim is told of the claim.
struct ClaimedUses: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    examination.doubtfulClaims.compactMap { doubt($0, examination) }
      + examination.claims.flatMap { claim in
        examination.losses(to: claim).map { finding in
          Finding(
            finding.code, .error, on: finding.functions,
            message: "\(claim.taking(finding.functions)) \(finding.message)"
              + ([.boot, .remade].contains(claim.strike) && !finding.isForceable ? " That boot may not find it." : ""),
            evidence: claim.sources.map { Finding.Evidence($0) } + finding.evidence,
            remedy: claim.stop(finding.functions), isForceable: finding.isForceable)
        }
      }
  }

  /// Of what may take functions, and cannot be read to its end: one finding, whatever it may take.
  private func doubt(_ claim: Claim, _ examination: Examination) -> Finding? {
    let losses = examination.losses(to: claim)
    guard let worst = losses.first else { return nil }
    let functions = Set(losses.flatMap(\.functions)).sorted()
    let place = claim.sources.first?.place ?? ""
    let names = functions.map(\.description).joined(separator: ", ")
    let uses = losses.map { loss in "\(loss.code) of \(loss.functions.map(\.description).joined(separator: ", "))" }
    let harm = losses.count == 1 ? worst.message : "The host uses them: \(uses.joined(separator: "; "))."
    return Finding(
      worst.code, .unknown, on: functions,
      message:
        "Whether \(place) (\(claim.agent ?? claim.tool.rawValue)) takes \(names) from the host could not be determined. \(harm)",
      evidence: claim.sources.map { Finding.Evidence($0) } + (losses.count == 1 ? worst.evidence : []),
      remedy: "Read what it does; to take it back: \(claim.withdrawal)")
  }
}

extension Examination {
  /// What `check` would refuse of the functions that a claim takes, because the host uses them.
  func losses(to claim: Claim) -> [Finding] {
    let taken = claim.taken(in: host)
    guard claim.tool != .hold, !taken.isEmpty, let usage = claimedUsage[taken] else { return [] }
    return Assessment(of: situation(taken, driver: claim.driver, usage: usage)).findings.filter { finding in
      finding.severity == .error && finding.code.isUseOfHost(after: claim.strike)
        && !(finding.isForceable && claim.overruled.contains(finding.code))
    }
  }
}

extension FindingCode {
  /// The host loses something that it uses. No process that runs now is there at the next boot.
  fileprivate func isUseOfHost(after strike: Claim.Strike) -> Bool {
    self == .heldOpen ? strike != .boot && strike != .remade : Self.usesOfHost.contains(self)
  }

  static let usesOfHost: Set<FindingCode> = [
    .rootStorage, .hostNetwork, .hostDisplay, .hostInput, .hostConsole, .hostMemory, .hostChipset,
  ]
}

extension Claim {
  /// The driver that it puts its functions on.
  var driver: String {
    if case .driver(let name) = manner { name } else { VFIODriver.generic }
  }

  /// Who takes them, and when.
  fileprivate func taking(_ functions: [Address]) -> String {
    let names = functions.map(\.description).joined(separator: ", ")
    switch strike {
    case .apply: return "A pin gives \(names) to guests, which 'hostdev apply' refuses."
    case .start(let guest, let isAutomatic):
      return switch tool {
      case .proxmox:
        "Proxmox takes \(names) as VM \(guest.shown) starts\(isAutomatic ? ", and starts it at boot (onboot)" : "")."
      default:
        "libvirt takes \(names) as domain \(guest.shown) starts\(isAutomatic ? ", and starts it at boot (autostart)" : "")."
      }
    case .remade:
      return
        "When the boot loader's configuration is made again, a kernel argument that waits in it gives \(names) to \(driver) at the boot after."
    case .anyGuest: return "As a guest starts, \(agent ?? tool.rawValue) \(deed(names))."
    case .boot:
      return switch tool {
      case .script: "At the next boot \(agent ?? tool.rawValue) \(deed(names))."
      case .driverctl: "At the next boot driverctl gives \(names) to \(driver)."
      case .udev: "At the next boot a udev rule \(deed(names))."
      case .modprobe: "At the next boot ids= of modprobe.d can give \(names) to \(driver)."
      default: "At the next boot a kernel argument can give \(names) to \(driver)."
      }
    }
  }

  private func deed(_ names: String) -> String {
    switch manner {
    case .driver, .duringGuest, .fromGuest: "gives \(names) to \(driver)"
    case .unbound: "takes \(names) from its driver"
    case .removed: "takes \(names) off the PCI bus"
    }
  }

  /// What keeps it from happening.
  fileprivate func stop(_ functions: [Address]) -> String {
    guard tool == .libvirt, let command = self.edit, case .start(let guest, let isAutomatic) = strike else {
      return withdrawal
    }
    let domain = guest.quoted
    let names = functions.map(\.description).joined(separator: ", ")
    let edit = "take \(names) out of the \(command.contains("net-edit") ? "network" : "domain"): \(command)"
    return isAutomatic
      ? "virsh autostart --disable \(domain); then \(edit)" : edit.prefix(1).uppercased() + edit.dropFirst()
  }
}
