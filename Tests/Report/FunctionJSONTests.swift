import Checks
import Planning
import Foundation
import Host
import struct Host.Host
import Operations
import PCI
import PCINames
import Testing

@testable import Report

/// Keys and nulls of one function, as the contract lists them.
@Suite struct FunctionJSONTests {
  private static let first: Set<String> = [
    "address", "vendor_id", "device_id", "subsystem_vendor_id", "subsystem_device_id", "class", "vendor_name",
    "device_name", "subsystem_name", "class_name", "driver", "iommu_group", "reset_methods", "verdict", "unknown",
  ]
  private static let second: Set<String> = [
    "revision", "driver_override", "numa_node", "boot_vga", "power_state", "parent", "physical_function",
    "virtual_functions", "path", "header_type", "bridge", "link", "reset", "sriov", "acs", "ari_forwarding",
    "serial_number", "capabilities", "extended_capabilities", "in_use", "unused",
    "findings",
  ]

  private func host(_ change: (inout Function) -> Void) throws -> (Function, Host) {
    var function = Function(address: try #require(Address("0000:01:00.0")))
    change(&function)
    return (function, Host(functions: [function], groups: [:], groupsReadable: true, rootBuses: .unknown))
  }

  private func object(_ write: (inout JSONWriter) -> Void) throws -> [String: Any] {
    var writer = JSONWriter()
    write(&writer)
    return try #require(try JSONSerialization.jsonObject(with: Data(writer.bytes)) as? [String: Any])
  }

  private func listed(_ change: (inout Function) -> Void) throws -> [String: Any] {
    let (function, host) = try host(change)
    return try object { writeListed(function, in: host, names: FunctionNames(vendor: "X"), to: &$0) }
  }

  private func shown(unknownUses: [UnknownUse] = [], _ change: (inout Function) -> Void) throws -> [String: Any] {
    let (function, host) = try host(change)
    return try object {
      writeShown(
        function, in: host, names: FunctionNames(), uses: [], unknownUses: unknownUses, findings: [], to: &$0)
    }
  }

  @Test func keysAreThoseOfTheContract() throws {
    #expect(Set(try listed { _ in }.keys) == Self.first)
    #expect(Set(try shown { _ in }.keys) == Self.first.union(Self.second))
  }

  @Test func everyNullThatIsNotKnownIsNamed() throws {
    let unknown = try #require(try shown { _ in }["unknown"] as? [String])
    let bare = try shown { _ in }
    let nulls = bare.filter { $0.value is NSNull }.keys.filter { !$0.hasSuffix("_name") }
    #expect(nulls.allSatisfy { unknown.contains($0) }, "\(Set(nulls).subtracting(unknown))")
    #expect(Set(unknown).count == unknown.count)
  }

  @Test func anAbsentFactIsNullAndNotNamed() throws {
    let read = try listed {
      $0.driver = .absent
      $0.iommuGroup = .absent
      $0.kernelResetMethods = .absent
      $0.classCode = .known(ClassCode(0x120000))
    }
    #expect(read["driver"] is NSNull)
    #expect(read["iommu_group"] is NSNull)
    #expect(read["reset_methods"] as? [String] == [])
    #expect(read["verdict"] as? String == "refused")
    #expect(
      Set(read["unknown"] as? [String] ?? [])
        == ["vendor_id", "device_id", "subsystem_vendor_id", "subsystem_device_id"])
  }

  @Test func idsAreAsSysfsSpellsThem() throws {
    let read = try listed {
      $0.vendorID = .known(0x10ee)
      $0.deviceID = .known(0xe)
      $0.classCode = .known(ClassCode(0x10802))
    }
    #expect(read["vendor_id"] as? String == "0x10ee")
    #expect(read["device_id"] as? String == "0x000e")
    #expect(read["class"] as? String == "0x010802")
    #expect(read["vendor_name"] as? String == "X")
  }

  @Test func useThatCouldNotBeReadIsUnknown() throws {
    #expect(try shown { _ in }["in_use"] as? [String] == [])
    let address = try #require(Address("0000:01:00.0"))
    let read = try shown(unknownUses: [UnknownUse(function: address, area: .storage, reason: "x")]) { _ in }
    #expect(read["in_use"] is NSNull)
    #expect((read["unknown"] as? [String])?.contains("in_use") == true)
  }

  @Test func aPlanIsItsSteps() throws {
    let address = try #require(Address("0000:01:00.0"))
    let set = AssessedSet(
      functions: [address], assessment: Assessment(missing: [], findings: []), forced: [],
      plan: [.override(nil, of: address, prior: "x"), .load(["vfio-pci", "ids="], for: "vfio-pci")],
      descriptorsSeen: 3, processesUnseen: 0)
    let read = try object { json in json.object { json in write(set, to: &json) } }
    #expect(read["verdict"] as? String == "assignable")
    let plan = try #require(read["plan"] as? [[String: Any]])
    #expect(plan.map { $0["op"] as? String } == ["write", "load-module"])
    #expect(plan[0]["value"] as? String == "\n")
    #expect(plan[0]["prior"] as? String == "x")
    #expect(plan[1]["prior"] is NSNull)
  }

  @Test func theVerdictIsOfWhatStands() throws {
    let address = try #require(Address("0000:01:00.0"))
    let error = Finding(.heldOpen, .error, on: [address], message: "", remedy: "", isForceable: true)
    func verdict(_ forced: Set<FindingCode>) throws -> String? {
      let set = AssessedSet(
        functions: [address], assessment: Assessment(missing: [], findings: [error]), forced: forced, plan: [],
        descriptorsSeen: 0, processesUnseen: 0)
      return try object { json in json.object { json in write(set, to: &json) } }["verdict"] as? String
    }
    #expect(try verdict([]) == "refused")
    #expect(try verdict([.heldOpen]) == "assignable")
    #expect(try verdict([.dead]) == "refused")
  }
}
