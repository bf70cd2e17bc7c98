import Host
import System

/// `ip` of iproute2, on this host.
///
/// It is what administrators use and can look at; the netlink messages below it have no file in sysfs.
public struct IPRoute: VirtualLinks {
  private let path: String
  private let time: Duration?
  private let clock: Clock
  /// What a card says of 256 virtual functions is 80 KiB or more.
  private static let limit = 1 << 24

  /// Nil if it is not installed. `time`: for each answer, since `ip` waits for a driver that hangs with the kernel's lock
  /// of all interfaces in its hand; nil if the caller is itself a process that may be left behind.
  public init?(_ root: Root, within time: Duration? = .seconds(30), clock: Clock) {
    guard let path = ["/sbin/ip", "/usr/sbin/ip", "/bin/ip", "/usr/bin/ip"].first(where: { root.exists($0) }) else {
      return nil
    }
    self.init(path: path, within: time, clock: clock)
  }

  init(path: String, within time: Duration?, clock: Clock) {
    self.path = path
    self.time = time
    self.clock = clock
  }

  public func settings(on interface: String) throws(LinkError) -> [Int: [VirtualSetting: String]] {
    let output = try run(["ip", "-j", "link", "show", "dev", interface], interface)
    guard let found = VirtualLinkReport.settings(output) else {
      throw LinkError(
        interface: interface, errno: .io, words: "ip -j link show dev \(interface): its output is not understood")
    }
    return found
  }

  public func run(_ command: LinkCommand) throws(LinkError) { _ = try run(command.words, command.interface) }

  /// `words`: the program's name first.
  private func run(_ words: [String], _ interface: String) throws(LinkError) -> String {
    let result: (status: Int32, output: String)
    do { result = try Child.run(path, words, limit: Self.limit, within: time, clock: clock) } catch {
      throw LinkError(
        interface: interface, errno: error.errno,
        words: error.errno == .timedOut
          ? "\(words.joined(separator: " ")): no answer for \(time?.components.seconds ?? 0) s"
          : "\(path) could not be started")
    }
    if result.status == 0 { return result.output }
    let said = result.output.split(separator: "\n").map(String.init)
    // `RTNETLINK answers: Operation not supported`.
    let answer = said.compactMap { $0.split(separator: ": ").last.flatMap { Errno(text: String($0)) } }.first
    throw LinkError(
      interface: interface, errno: answer ?? (said.contains { $0.hasPrefix("Cannot find device") } ? .noDevice : .io),
      words: said.isEmpty ? "ip: exit status \(result.status)" : said.joined(separator: "; "))
  }
}

/// A host without `ip`: nothing can be read or set.
public struct NoLinks: VirtualLinks {
  public init() {}

  public func settings(on interface: String) throws(LinkError) -> [Int: [VirtualSetting: String]] {
    throw Self.error(interface)
  }

  public func run(_ command: LinkCommand) throws(LinkError) { throw Self.error(command.interface) }

  private static func error(_ interface: String) -> LinkError {
    LinkError(interface: interface, errno: .noEntry, words: "ip is not installed; it is in the package iproute2")
  }
}
