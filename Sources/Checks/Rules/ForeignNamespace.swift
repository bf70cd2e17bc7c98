/// In a container the host's processes, mounts and interfaces cannot be seen.
struct ForeignNamespace: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard let doubt = situation.namespaceDoubt else { return [] }
    return [
      situation.unknown(
        .unknownNamespace, on: situation.set,
        message: "This is not the host's own namespace: what the host does with this set cannot be seen from here.",
        evidence: ["\(doubt)"], remedy: "Run it on the host itself: nsenter --target 1 --all hostdev …")
    ]
  }
}
