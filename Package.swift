// swift-tools-version: 6.0
import PackageDescription

/// Every target of ours: Swift 6 language mode (the tools version's default) and no warning passes.
let house: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

/// Tests of one room; `others` are what they name beside it.
func test(_ name: String, _ others: [Target.Dependency] = [], data: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + others, path: "Tests/" + name, exclude: data,
    swiftSettings: house)
}

/// Set by scripts/fuzz alone.
let isFuzzing = Context.environment["HOSTDEV_FUZZ"] != nil
let fuzzed: [Target.Dependency] = [
  "PCI", "Host", "Planning", "System", "Sysfs", "KernelSimulator", "Inventory", "HostUse", "Transactions",
  "Pins", "Libvirt", "PCINames", "Report", "Settings", "Checks",
]

let package = Package(
  name: "hostdev",
  products: [
    .executable(name: "hostdev", targets: ["hostdev"])
  ] + (isFuzzing ? [.library(name: "Fuzz", type: .static, targets: ["Fuzz"])] : []),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    // Outside libraries and what Swift cannot import.
    .target(name: "CSystem"),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CLibPCI", linkerSettings: [.linkedLibrary("pci")]),

    // Pure values: nothing here can reach the kernel.
    room("PCI"),
    room("Host", ["PCI"]),
    room("Planning", ["PCI", "Host"]),

    // The kernel's side.
    room("System", ["CSystem"]),
    room("Sysfs", ["PCI", "System"]),
    room("Links", ["Host", "System"]),
    room("KernelSimulator", ["PCI", "Host", "System", "Sysfs", "Links"]),

    // What others wrote.
    room("Libvirt", ["PCI", "Host", "CExpat"]),
    room("Settings", ["PCI", "Host", "Libvirt", "Sysfs", "System", "CYAML"]),

    // The rules, for check and for doctor.
    room("Checks", ["PCI", "Host", "Settings"]),

    // What there is, what the host does with it, and what changes it.
    room("Inventory", ["PCI", "Host", "Settings", "Sysfs", "System"]),
    room("HostUse", ["PCI", "Host", "Settings", "Sysfs", "System"]),
    room("Transactions", ["PCI", "Host", "Planning", "System", "Sysfs", "Links"]),

    room("Pins", ["PCI", "Host", "Inventory", "Checks", "System"]),

    room("PCINames", ["PCI", "Host", "System", "CLibPCI"]),
    room("Snapshot", ["PCI", "System", "Settings"]),

    // Conducts: assesses, plans and runs, for the program and for any other caller.
    room(
      "Operations",
      [
        "PCI", "Host", "System", "Sysfs", "Links", "KernelSimulator", "Inventory", "HostUse", "Checks",
        "Planning", "Transactions", "Pins", "Libvirt", "Settings", "Snapshot",
      ]),

    // What users see.
    room(
      "Report",
      [
        "PCI", "Host", "System", "Checks", "Planning", "Transactions", "Pins", "PCINames", "Snapshot",
        "Operations",
      ]),

    .executableTarget(
      name: "hostdev",
      dependencies: [
        "PCI", "Host", "System", "Checks", "Pins", "Libvirt", "PCINames", "Operations", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house
    ),

    // What tests share: fixtures, a directory of a test's own, a tree in memory, and files that are only written down.
    // Optimized in debug builds too: simulations spend half of their time in that tree.
    .target(
      name: "TestSupport", dependencies: ["Checks", "PCI", "Host", "Settings", "Sysfs", "System"],
      path: "Tests/TestSupport", swiftSettings: house + [.unsafeFlags(["-O"])]),

    // What the kernel must answer; the program plays it in the lab's guest, the tests on the simulator.
    .target(
      name: "KernelContract", dependencies: ["PCI", "System", "Sysfs"], path: "Tests/KernelContract/Contract",
      swiftSettings: house),
    .executableTarget(
      name: "kernel-contract", dependencies: ["KernelContract", "System", "Sysfs"],
      path: "Tests/KernelContract/Program", swiftSettings: house),
    test("KernelContract", ["KernelSimulator", "Sysfs", "System", "TestSupport"], data: ["Contract", "Program"]),
    test("PCI"),
    test("Host", ["PCI"]),
    test("System", ["TestSupport"]),
    test("Sysfs", ["System", "TestSupport"]),
    test("Inventory", ["PCI", "Host", "Sysfs", "System", "TestSupport"]),
    test("Checks", ["PCI", "Host", "Settings", "System", "TestSupport", "Transactions"]),
    test("Planning", ["PCI", "Host", "TestSupport"]),
    test("Transactions", ["PCI", "Host", "Planning", "System", "Sysfs", "Links", "TestSupport"]),
    test("Operations", ["PCI", "Host", "Planning", "System", "TestSupport", "Transactions"]),
    test("Links", ["Host", "System", "TestSupport"]),
    test("Pins", ["Checks", "PCI", "Host", "System", "TestSupport"]),
    test("Report", ["PCI", "Host", "Checks", "Planning", "Operations", "PCINames"]),
    test("KernelSimulator", ["PCI", "Host", "Links", "Sysfs", "System", "TestSupport"]),
    test("PCINames", ["PCI", "System", "TestSupport"]),
    test(
      "Libvirt", ["PCI", "Host", "Inventory", "PCINames", "Sysfs", "System", "TestSupport"], data: ["domain-12.1.rng"]),
    test("Snapshot", ["PCI", "Host", "HostUse", "Inventory", "Sysfs", "System", "TestSupport"]),
    test("Settings", ["Host", "PCI", "Sysfs", "System", "TestSupport"]),
    test("HostUse", ["Checks", "Inventory", "PCI", "Host", "System", "Sysfs", "TestSupport"]),

    // The built program, and nothing of its insides.
    .testTarget(
      name: "BlackBoxTests", dependencies: ["Planning", "Host", "KernelSimulator", "System", "TestSupport"],
      path: "Tests/BlackBox",
      swiftSettings: house),
    .testTarget(name: "GoldenTests", dependencies: ["TestSupport"], path: "Tests/Golden", swiftSettings: house),

    // The fuzz targets: as tests they replay what once crashed; as a library, only for scripts/fuzz, libFuzzer feeds them.
    isFuzzing
      ? .target(
        name: "Fuzz", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["ReplayTests.swift"], swiftSettings: house)
      : .testTarget(
        name: "FuzzTests", dependencies: fuzzed + ["TestSupport"], path: "Tests/Fuzz", exclude: ["LibFuzzer.swift"],
        swiftSettings: house),
  ]
)
