import Foundation
import Glibc
import Testing

/// What the tests of pins do with a capture.
extension Capture {
  static let pins = "/etc/hostdev/pins.d"
  static func pin(_ name: String) -> String { "\(pins)/\(name).json" }

  /// Changes the text of a pin's file.
  func edit(_ name: String, _ was: String, _ becomes: String) throws {
    let text = try text(Self.pin(name))
    guard text.contains(was) else { throw Trouble("\(was) is not in \(text)") }
    try file(Self.pin(name), text.replacing(was, with: becomes))
  }

  /// The pins of another capture, as a disk that was put into another machine.
  func takePins(of other: Capture) throws {
    try? remove("/etc/hostdev")
    try FileManager.default.createDirectory(atPath: path + "/etc", withIntermediateDirectories: true)
    let ending = try Command.run(["/bin/cp", "-a", other.path + "/etc/hostdev", path + "/etc/hostdev"])
    guard ending.status == 0 else { throw Trouble("\(ending)") }
  }

  func chmod(_ name: String, _ mode: mode_t) throws {
    guard Glibc.chmod(path + name, mode) == 0 else { throw Trouble("chmod \(name)") }
  }

  /// Gives a function another device serial number; most significant byte first, as lspci prints it.
  func setSerial(_ address: String, _ serial: [UInt8]) throws {
    let name = Self.folder(address) + "/config"
    var config = try bytes(name)
    var place = 0x100
    while place >= 0x100, place + 12 <= config.count {
      let entry = (0..<4).reduce(UInt32(0)) { $0 | UInt32(config[place + $1]) << (8 * $1) }
      if entry & 0xffff == 0x0003 {
        config.replaceSubrange(place + 4..<place + 12, with: serial.reversed())
        return try file(name, config)
      }
      place = Int(entry >> 20 & 0xffc)
    }
    throw Trouble("\(address) has no serial number")
  }

  /// Another device stands at the address.
  func setID(_ address: String, _ vendor: String, _ device: String) throws {
    let event = Self.folder(address) + "/uevent"
    try file(
      event, try text(event).replacing(/PCI_ID=.*/, with: "PCI_ID=\(vendor.uppercased()):\(device.uppercased())"))
    try file(Self.folder(address) + "/vendor", "0x\(vendor)\n")
    try file(Self.folder(address) + "/device", "0x\(device)\n")
  }

  /// Says which boot this is; a capture need not.
  func boot(_ id: String) throws { try file("/proc/sys/kernel/random/boot_id", id + "\n") }
}

extension JSON {
  /// `pins` of `pins` and `apply`.
  var pins: [JSON] { self["pins"]?.list ?? [] }
  func pin(_ name: String) -> JSON? { pins.first { $0["name"]?.text == name } }
  /// What a changing command says of its set; of `apply` the first pin's, or that of what was pruned.
  var set: JSON { self["plan"] == nil ? (pins + (self["pruned"]?.list ?? [])).first ?? self : self }
  var result: String? { self["result"]?.text }
  var addresses: [String] { self["functions"]?.list?.compactMap { $0.text ?? $0["address"]?.text } ?? [] }
}
