import Host

/// What a line of modprobe.d says to the rules.
extension ModprobeLine {
  var evidence: Finding.Evidence {
    Finding.Evidence(path: "\(file):\(line)", value: "\(command.rawValue) \(module) \(arguments)")
  }

  /// `install MODULE /bin/false`: nothing gets loaded.
  var isVoid: Bool {
    let command = arguments.split(separator: " ").first ?? ""
    return ["true", "false", ":"].contains(command.split(separator: "/").last ?? "")
  }

  /// `ids=10ee:5000,8086:1521:ffffffff:…` names this function, as far as its ids are known.
  func claims(_ function: Function) -> Bool {
    arguments.split(separator: " ").filter { $0.hasPrefix("ids=") }.contains { option in
      ClaimedID.list(option.dropFirst(4)).contains { $0.matches(function) != false }
    }
  }
}
