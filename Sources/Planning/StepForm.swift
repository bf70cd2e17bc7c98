import Host
import PCI

/// A step as users see it, in the JSON and the dry run, and as it is executed: all of it follows from what the step is.
extension Step {
  public enum Operation: String, Sendable {
    /// One `write(2)` of `value` to `path`.
    case write
    /// `modprobe` with the words of `value`; afterwards `path`, the driver's folder, must be there.
    case loadModule = "load-module"
    /// The link `path` must name `value`, or where that is nil not be there; of `config`, its first four bytes.
    case expect
    /// The command `value`, which is a `LinkCommand`; `path` is the interface that it works on.
    case run
  }

  public var operation: Operation {
    switch self {
    case .override, .unbind, .bind, .offer, .reset, .attribute: .write
    case .link: .run
    case .load: .loadModule
    case .expectDriver, .expectAnswer: .expect
    }
  }

  public var path: String {
    switch self {
    case .override(_, let address, _): "\(Self.folder(address))/driver_override"
    case .unbind(_, let driver): "/sys/bus/pci/drivers/\(driver)/unbind"
    case .bind(_, let driver): "/sys/bus/pci/drivers/\(driver)/bind"
    case .offer: "/sys/bus/pci/drivers_probe"
    case .reset(let address): "\(Self.folder(address))/reset"
    case .attribute(let name, _, let address, _): "\(Self.folder(address))/\(name)"
    case .link(let command, _, let physical, _): "\(Self.folder(physical))/net/\(command.interface)"
    case .load(_, let driver): "/sys/bus/pci/drivers/\(driver)"
    case .expectDriver(_, let address): "\(Self.folder(address))/driver"
    case .expectAnswer(_, let address): "\(Self.folder(address))/config"
    }
  }

  /// An empty one is written as a lone newline, since zero bytes change nothing.
  public var value: String? {
    switch self {
    case .override(let driver, _, _): driver ?? "\n"
    case .unbind(let address, _), .bind(let address, _), .offer(let address): "\(address)"
    case .reset: "1"
    case .attribute(_, let value, _, _): value.isEmpty ? "\n" : value
    case .link(let command, _, _, _): command.text
    case .load(let words, _): words.joined(separator: " ")
    case .expectDriver(let driver, _): driver
    case .expectAnswer(let id, _): Self.firstBytes(id)
    }
  }

  /// What the attribute read before, as far as that is known and means something.
  public var prior: String? {
    switch self {
    case .override(_, _, let prior), .attribute(_, _, _, let prior), .link(_, _, _, let prior): prior
    case .unbind(_, let driver): driver
    case .bind, .offer, .reset, .load, .expectDriver, .expectAnswer: nil
    }
  }

  private static func folder(_ address: Address) -> String { "/sys/bus/pci/devices/\(address)" }

  /// The first four bytes of configuration space, in the order in which they stand there.
  private static func firstBytes(_ id: DeviceID) -> String {
    [id.vendor & 0xff, id.vendor >> 8, id.device & 0xff, id.device >> 8].map { hexText(UInt64($0), digits: 2) }.joined()
  }
}
