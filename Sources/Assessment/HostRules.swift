extension Assessment {
  /// What holds for the host as a whole, whatever the set, in the rules' own words: for a look at the host. The situation's
  /// set is every function that could go to a guest.
  public static func hostFindings(in situation: Situation) -> [Finding] {
    let rules: [any Rule] = [IOMMUOff(), Interrupts(), ACSOverride(), ModuleMissing(), Lockdown()]
    return rules.flatMap { $0.findings(in: situation) }
  }

  /// Overrides that keep the driver away from any of the set, as `check` finds them.
  public static func staleOverrides(in situation: Situation) -> [Finding] { StaleOverride().findings(in: situation) }
}
