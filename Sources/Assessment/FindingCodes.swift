/// The codes that a finding can have; stable once released.
public enum FindingCodes {
  static let known: Set<String> = [
    "iommu-off", "no-group", "group-blocked", "slot-incomplete", "not-endpoint", "reserved-region", "no-reset",
    "root-storage", "host-network", "host-display", "host-input", "host-console", "held-open", "guest-running",
    "has-vfs",
    "vf-without-pf", "vf-token", "has-mdevs", "split-companion", "denylisted", "driver-mismatch", "driver-bound",
    "dead",
    "d3cold", "stale-override", "guest-data", "identity-mismatch", "unsafe-interrupts", "acs-override",
    "module-missing", "module-options", "lockdown", "lsm", "aer-fatal",
    "no-sriov", "too-many-vfs", "no-sriov-driver",
    "interrupted", "has-data", "unknown-data", "unknown-group", "unknown-reset", "unknown-reserved-region",
    "unknown-driver", "unknown-namespace", "unknown-sriov", "unknown-storage", "unknown-network", "unknown-display",
    "unknown-input", "unknown-holders", "unknown-identity",
  ]

  public static func isCode(_ text: String) -> Bool { known.contains(text) }
}
