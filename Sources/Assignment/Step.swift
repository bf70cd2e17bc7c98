import Host
import PCI

/// One thing that a transaction does or makes sure of. The same value is the dry run, the JSON, the journal and what is executed.
public struct Step: Sendable, Equatable {
  public enum Operation: String, Sendable, Codable {
    /// One `write(2)` of `value` to `path`.
    case write
    /// `modprobe` with the words of `value`; afterwards `path`, the driver's folder, must be there.
    case loadModule = "load-module"
    /// The link `path` must name `value`, or where that is nil not be there.
    case expect
    /// The command `value`, which is a `LinkCommand`; `path` is the interface that it works on.
    case run
  }

  public let operation: Operation
  /// The function that it concerns; nil for a module.
  public let function: Address?
  public let path: String
  public let value: String?
  /// What the attribute read before, as far as that is known and means something.
  public let prior: String?

  public init(_ operation: Operation, function: Address?, path: String, value: String?, prior: String? = nil) {
    self.operation = operation
    self.function = function
    self.path = path
    self.value = value
    self.prior = prior
  }
}

extension Step {
  static func folder(_ address: Address) -> String { "/sys/bus/pci/devices/\(address)" }

  /// Sets `driver_override`, or with nil clears it: a lone newline does, zero bytes change nothing.
  public static func override(_ driver: String?, of address: Address, prior: String?) -> Self {
    Self(.write, function: address, path: folder(address) + "/driver_override", value: driver ?? "\n", prior: prior)
  }

  public static func unbind(_ address: Address, from driver: String) -> Self {
    Self(.write, function: address, path: "/sys/bus/pci/drivers/\(driver)/unbind", value: "\(address)", prior: driver)
  }

  /// Through the driver's own `bind`, whose errno is the probe's; that of `drivers_probe` says nothing.
  public static func bind(_ address: Address, to driver: String) -> Self {
    Self(.write, function: address, path: "/sys/bus/pci/drivers/\(driver)/bind", value: "\(address)")
  }

  public static func expectDriver(_ driver: String?, of address: Address) -> Self {
    Self(.expect, function: address, path: folder(address) + "/driver", value: driver)
  }

  public static func reset(_ address: Address) -> Self {
    Self(.write, function: address, path: folder(address) + "/reset", value: "1")
  }

  /// Whether a function may sleep, `auto` or `on`.
  public static let powerControl = "power/control"

  /// Wakes a function that sleeps, and its ports with it. Written back when it is where it is to go.
  public static func wake(_ address: Address) -> Self { attribute(powerControl, "on", of: address, prior: "auto") }

  /// That it answers: the first four bytes of its configuration space, in the order in which they stand there.
  public static func expectAnswer(_ id: DeviceID, of address: Address) -> Self {
    let bytes = [id.vendor & 0xff, id.vendor >> 8, id.device & 0xff, id.device >> 8]
    return Self(
      .expect, function: address, path: folder(address) + "/config",
      value: bytes.map { hexText(UInt64($0), digits: 2) }.joined())
  }

  /// Any other attribute; an empty value is written as a lone newline, since zero bytes change nothing.
  public static func attribute(_ name: String, _ value: String, of address: Address, prior: String?) -> Self {
    Self(
      .write, function: address, path: folder(address) + "/\(name)", value: value.isEmpty ? "\n" : value, prior: prior)
  }

  /// Offers a function to the host's drivers. That none of them takes it is no error, and not the plan's affair.
  public static func offer(_ address: Address) -> Self {
    Self(.write, function: address, path: "/sys/bus/pci/drivers_probe", value: "\(address)")
  }

  /// What a network card keeps of a virtual function; nil where that has no interface to ask it through.
  public static func setting(
    _ setting: VirtualSetting, _ value: String, of address: Address, at place: VirtualPlace, prior: String?
  ) -> Self? {
    place.interface.map { interface in
      Self(
        .run, function: address, path: folder(place.physical) + "/net/\(interface)",
        value: LinkCommand(interface: interface, index: place.index, setting: setting, value: value).text, prior: prior)
    }
  }

  /// `arguments` as on modprobe's command line, the module first.
  public static func load(_ arguments: [String], for driver: String) -> Self {
    Self(.loadModule, function: nil, path: "/sys/bus/pci/drivers/\(driver)", value: arguments.joined(separator: " "))
  }
}

extension Step {
  /// A plan as lines that `sh` runs to the same effect, each step a line, up to the first that fails.
  public static func shellLines(_ plan: [Step]) -> [String] {
    plan.isEmpty ? [] : ["set -e"] + plan.map { $0.shellLine + ($0.isOptional(in: plan) ? " || true" : "") }
  }

  /// A reset on the way to a host driver: where it fails the driver gets the function all the same.
  public func isOptional(in plan: [Step]) -> Bool {
    guard case .reset = effect else { return false }
    return plan.contains { if case .bind = $0.effect { $0.function == function } else { false } }
  }

  /// One step as a line of it.
  public var shellLine: String {
    switch operation {
    case .write:
      value == "\n"
        ? "printf '\\n' > \(ShellWord.quoted(path))"
        : "printf %s \(ShellWord.quoted(value ?? "")) > \(ShellWord.quoted(path))"
    case .loadModule:
      // Its words come from modules.alias, which may be a capture's.
      (["modprobe"] + (value ?? "").split(separator: " ").map { ShellWord.quoted(String($0)) }).joined(separator: " ")
    case .expect where path.hasSuffix("/config"):
      "[ \"$(od -An -tx1 -N4 \(ShellWord.quoted(path)) | tr -d ' ')\" = \(ShellWord.quoted(value ?? "")) ]"
    case .expect:
      if let value {
        "[ \"$(basename \"$(readlink \(ShellWord.quoted(path)))\")\" = \(ShellWord.quoted(value)) ]"
      } else {
        "[ ! -L \(ShellWord.quoted(path)) ]"
      }
    case .run: (value ?? "").split(separator: " ").map { ShellWord.quoted(String($0)) }.joined(separator: " ")
    }
  }
}

extension Step: Codable {
  private enum Key: String, CodingKey { case operation = "op", function, path, value, prior }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    operation = try values.decode(Operation.self, forKey: .operation)
    function = try values.decodeIfPresent(Address.self, forKey: .function)
    path = try values.decode(String.self, forKey: .path)
    value = try values.decodeIfPresent(String.self, forKey: .value)
    prior = try values.decodeIfPresent(String.self, forKey: .prior)
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(operation, forKey: .operation)
    try values.encode(function, forKey: .function)
    try values.encode(path, forKey: .path)
    try values.encode(value, forKey: .value)
    try values.encode(prior, forKey: .prior)
  }
}
