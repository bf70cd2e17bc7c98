/// The function at a pin's place may not be the one that was pinned; what is in doubt was found as the pin was resolved.
struct PinnedIdentity: SetRule {
  func findings(in situation: Situation) -> [Finding] { situation.identity }
}
