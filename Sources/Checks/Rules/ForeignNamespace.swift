/// In a container the host's processes, mounts and interfaces cannot be seen.
struct ForeignNamespace: SetRule {
  func findings(in situation: Situation) -> [Finding] {
    guard let doubt = situation.namespaceDoubt else { return [] }
    return [
      situation.unknown(
        .unknownNamespace, on: situation.set,
        message:
          "hostdev does not run in the host's own namespaces: from here it cannot see how the host uses this set.",
        evidence: ["\(doubt)"], remedy: "Run it in the host's namespaces: nsenter --target 1 --all hostdev …")
    ]
  }
}
