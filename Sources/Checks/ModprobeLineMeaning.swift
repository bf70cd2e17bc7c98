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

  /// The entries of its `ids=` that the kernel reads.
  var claimed: [ClaimedID] { ids?.ids ?? [] }

  /// Its `ids=`: modprobe hands the options on as they stand, and of a parameter that comes twice the kernel takes the
  /// last value.
  var ids: ClaimedIDs? {
    guard command == .options, claimedDriver != nil else { return nil }
    return KernelParameter.all(arguments).last { $0.name == "ids" }?.value.map { ClaimedIDs($0) }
  }

  /// The driver whose `ids=` these options are.
  var claimedDriver: String? { Self.drivers[module] }

  private static let drivers = ["vfio_pci": VFIODriver.generic, "pci_stub": "pci-stub"]
}

extension [ModprobeLine] {
  /// Modprobe hands all `options` lines of a module on in one, so a later `ids=` takes the place of this line's.
  func replacement(of line: ModprobeLine) -> ModprobeLine? {
    guard line.ids != nil, let place = firstIndex(of: line) else { return nil }
    return self[(place + 1)...].last { $0.module == line.module && $0.ids != nil }
  }
}
