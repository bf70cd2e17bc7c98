import Host
import PCI
import Settings

extension Examination {
  /// The functions that the kernel may lose that writes a dump after a crash.
  public var crashFunctions: Set<Address> {
    guard let dump = settings.crashDump else { return [] }
    let words = dump.arguments(running: surroundings.commandLine.value ?? []).compactMap {
      KernelWord.claim($0.word)?.ids
    }
    let pinned = Set(crashImages.flatMap(\.pins))
    return Set(
      words.flatMap { functions($0) } + claims.filter { $0.tool == .modprobe }.flatMap(\.functions)
        + pins.filter { pinned.contains($0.name) }.flatMap(\.functions))
  }
}

extension CrashDump {
  /// In words that follow *the dump is*.
  var way: String {
    switch target {
    case .device(let name): "written to \(name)"
    case .mounted(let point): "written to the file system on \(point)"
    case .network(let interface): "sent over \(interface ?? "the network")"
    }
  }

  func goes(over use: Use) -> Bool {
    switch (target, use.what) {
    case (.device(let name), _): return use.chain.contains(name)
    case (.mounted(let point), .mount(_, let place)): return place.path == point
    case (.network(let interface?), _): return use.chain.contains(interface)
    case (.network(nil), _) where use.isIdle: return false
    case (.network(nil), .networkAddress), (.network(nil), .route), (.network(nil), .defaultRoute),
      (.network(nil), .master):
      return true
    default: return false
    }
  }
}
