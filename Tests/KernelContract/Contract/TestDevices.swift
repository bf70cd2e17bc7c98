import PCI
import Sysfs

/// The functions of this machine that expectations need, found by what they are: the words in templates stand for them.
///
/// | name | is |
/// |---|---|
/// | `isolated` | a network function alone in its slot and group, on its driver |
/// | `cardFirst` `cardSecond` | functions 0 and 1 of one device and one group, with one driver |
/// | `pf` | a function that can have VFs, on its driver |
/// | `disk` | an NVMe function without VFs, alone in its slot, on its driver |
/// | `bridge` | a port on pcieport with nothing below it |
/// | `stale` `companion` | function 0 with `reset_method` `bus` beside a function that has no `reset` |
public struct TestDevices: Sendable {
  /// `isolated` to `0000:04:00.0`.
  public let addresses: [String: Address]
  private let words: [String: String]

  public static let names = ["isolated", "cardFirst", "cardSecond", "pf", "disk", "bridge", "stale", "companion"]

  public init(scanning sysfs: any Sysfs) {
    let all = (((try? sysfs.entries("/sys/bus/pci/devices")) ?? []).compactMap { Address($0) }).map {
      Candidate($0, sysfs)
    }
    var found: [String: Candidate] = [:]
    for function in all {
      let slot = all.filter { $0.address.slot == function.address.slot }
      let group = all.filter { $0.group != nil && $0.group == function.group }
      let second = slot.first { $0.address.function == 1 }
      if function.isBridge {
        let isEmpty = !all.contains { $0.place.contains("/\(function.address)/") }
        if function.driver == "pcieport", isEmpty, found["bridge"] == nil { found["bridge"] = function }
      } else if function.address.function == 0, let second, let driver = function.driver {
        if second.driver == driver, second.group == function.group, found["cardFirst"] == nil {
          found["cardFirst"] = function
          found["cardSecond"] = second
        } else if function.methods == "bus", !second.canReset, found["stale"] == nil {
          found["stale"] = function
          found["companion"] = second
        }
      } else if function.driver != nil, function.virtualFunctions > 0 {
        if found["pf"] == nil { found["pf"] = function }
      } else if function.driver != nil, function.classCode.hasPrefix("0x0108"), slot.count == 1, found["disk"] == nil {
        found["disk"] = function
      } else if function.driver != nil, function.classCode.hasPrefix("0x02"), slot.count == 1, group.count == 1,
        function.methods == "pm bus", found["isolated"] == nil
      {
        found["isolated"] = function
      }
    }
    addresses = found.mapValues(\.address)
    var words: [String: String] = [:]
    for (name, function) in found {
      words[name] = "\(function.address)"
      words["\(name).short"] = String("\(function.address)".dropFirst("0000:".utf8.count))
      words["\(name).driver"] = function.driver
      words["\(name).id"] = function.ids
      words["\(name).colonid"] = String(function.ids.map { $0 == " " ? ":" : $0 })
      words["\(name).group"] = function.group
      words["\(name).vf"] = function.firstVirtual.map { "\($0)" }
    }
    self.words = words
  }

  /// The template with every word in its place; nil if the machine has no such function.
  func fill(_ template: String) -> String? {
    guard template.contains("{") else { return template }
    var result = ""
    var rest = template[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      guard let word = words[String(rest[rest.index(after: open)..<close])] else { return nil }
      result += rest[..<open] + word
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}

/// What of a function decides whether it is one of them.
private struct Candidate {
  let address: Address
  let driver: String?
  let group: String?
  let classCode: String
  let methods: String?
  let canReset: Bool
  let virtualFunctions: Int
  /// The place of its first VF: First VF Offset from its own routing identifier.
  let firstVirtual: Address?
  let ids: String
  /// Its path under `/sys/devices`.
  let place: String

  var isBridge: Bool { classCode.hasPrefix("0x0604") }

  init(_ address: Address, _ sysfs: any Sysfs) {
    let folder = "/sys/bus/pci/devices/\(address)"
    func text(_ name: String) -> String? { try? sysfs.text("\(folder)/\(name)") }
    func plain(_ name: String) -> String { String((text(name) ?? "").dropFirst("0x".utf8.count)) }
    self.address = address
    driver = try? sysfs.linkName("\(folder)/driver")
    group = try? sysfs.linkName("\(folder)/iommu_group")
    classCode = text("class") ?? ""
    methods = text("reset_method")
    canReset = sysfs.exists("\(folder)/reset")
    virtualFunctions = text("sriov_totalvfs").flatMap { Int($0) } ?? 0
    firstVirtual = text("sriov_offset").flatMap { UInt16($0) }.flatMap { offset in
      let (routing, isBeyond) = address.routingID.addingReportingOverflow(offset)
      return isBeyond ? nil : Address(domain: address.domain, routingID: routing)
    }
    ids = "\(plain("vendor")) \(plain("device"))"
    place = (try? sysfs.linkTarget(folder)) ?? ""
  }
}
