import Host

/// What a line of modprobe.d says to the rules.
extension ModprobeLine {
  /// `install MODULE /bin/false`: nothing gets loaded.
  var isVoid: Bool {
    let command = arguments.split(separator: " ").first ?? ""
    return ["true", "false", ":"].contains(command.split(separator: "/").last ?? "")
  }

  /// `ids=10ee:5000,8086:1521:ffffffff:…` names this function, as far as its ids are known.
  func claims(_ function: Function) -> Bool { claimed.contains { $0.matches(function) != false } }

  /// The entries of its `ids=` options.
  var claimed: [ClaimedID] {
    arguments.split(separator: " ").filter { $0.hasPrefix("ids=") }.flatMap { ClaimedID.list($0.dropFirst(4)) }
  }
}
