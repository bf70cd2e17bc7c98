/// Does something take functions off the bus before hostdev sees them?
struct BusRemovals: HostRule {
  func findings(on examination: Examination) -> [Finding] {
    // What takes a function that the host uses is an error of its own.
    let harmful = Set(examination.claims.filter { !examination.losses(to: $0).isEmpty }.flatMap(\.sources))
    return AbsenceCauses(examination.settings).all.filter { !harmful.contains($0.source) }.map { cause in
      Finding(
        .busRemoval, .warning,
        message:
          "\(cause.tool) takes functions off the PCI bus, or their power, as the host starts. hostdev cannot find them then.",
        evidence: [Finding.Evidence(cause.source)], remedy: "If a guest is to have them: \(cause.wayBack)")
    }
  }
}

extension FindingExplanation {
  static let busRemoval = Self(
    meaning: "A setting of another tool takes functions off the PCI bus, or turns their power off.",
    harm: "hostdev cannot find the function, and a pin for it has no effect.",
    remedyIdea: "Take the setting back, then rescan the bus or reboot.",
    source:
      "udev's rules that write remove; /etc/supergfxd.conf, /etc/prime-discrete and the files of other programs for two graphics cards",
    subject: .host)
}
