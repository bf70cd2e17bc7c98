import Foundation
import Host
import PCI
import Testing

@testable import Inventory

@Suite struct ModuleAliasTests {
  private func card() throws -> Function {
    var function = Function(address: try #require(Address("0000:01:00.0")))
    function.vendorID = .known(0x10ee)
    function.deviceID = .known(0x5000)
    function.subsystemVendorID = .known(0x10ee)
    function.subsystemDeviceID = .known(0xe)
    function.classCode = .known(ClassCode(0x120000))
    return function
  }

  private func tables(
    _ lines: [String], builtIn: [String] = [], release: String? = "6.12", _ lost: [ModprobeLine] = []
  ) throws -> ModuleAliases {
    let tree = try InventoryTree()
    try tree.file("/lib/modules/6.12/modules.alias", lines.map { $0 + "\n" }.joined())
    try tree.file("/lib/modules/6.12/modules.builtin.modinfo", builtIn.map { $0 + "\u{0}" }.joined())
    var around = Surroundings()
    if let release { around.kernelRelease = .known(release) }
    around.modprobeLines = lost
    let aliases = ModuleAliases(tree.sysfs, around)
    withExtendedLifetime(tree) {}
    return aliases
  }

  @Test func theAliasIsTheKernelsOwn() throws {
    #expect(
      ModuleAliases.modalias(of: try card(), prefix: "pci:").map { String(decoding: $0, as: UTF8.self) }
        == "pci:v000010EEd00005000sv000010EEsd0000000Ebc12sc00i00")
    var unknown = try card()
    unknown.classCode = .unknown
    #expect(ModuleAliases.modalias(of: unknown, prefix: "pci:") == nil)
  }

  private static let patterns: [(String, String, Bool)] = [
    ("", "", true), ("", "a", false), ("a", "", false), ("*", "", true), ("*", "abc", true), ("**", "", true),
    ("a**", "a", true), ("a*", "a", true), ("a*", "ba", false), ("*a", "bca", true), ("*a", "bcab", false),
    ("a*b*c", "aXbYc", true), ("a*b*c", "aXcYb", false), ("*ab*ab", "abab", true), ("*aab", "aaab", true),
    ("?", "a", true), ("?", "", false), ("a?c", "abc", true), ("[ab]", "a", true), ("[ab]", "c", false),
    ("[0-9]", "5", true), ("[0-9]", "a", false), ("[a-cx-z]", "y", true), ("[a-cx-z]", "d", false), ("[-a]", "-", true),
    ("[a-]", "-", true), ("*[0-3]x", "a2x", true), ("*[0-3]x", "a4x", false), ("[", "[", false), ("[]", "a", false),
    ("[a", "a", false), ("[ab]", "", false), ("A", "a", false), ("[!a]", "b", true), ("[!a]", "a", false),
    ("[^a-c]", "b", false), ("[^a-c]", "d", true),
  ]

  @Test(arguments: patterns) func patternsMatchAsFnmatchHasThem(pattern: String, text: String, isMatch: Bool) {
    #expect(AliasPattern(pattern.utf8).matches(Array(text.utf8)) == isMatch)
  }

  @Test func patternsAgreeWithFnmatch() {
    var cases = 0
    var reached = 0
    let letters = ["a", "b", "*", "?", "[ab]", "[a-b]", "[!a]", "[^b-c]"]
    for _ in 0..<20_000 {
      let pattern = (0..<Int.random(in: 0...6)).compactMap { _ in letters.randomElement() }.joined()
      let text = (0..<Int.random(in: 0...7)).compactMap { _ in ["a", "b", "c"].randomElement() }.joined()
      cases += 1
      let ours = AliasPattern(pattern.utf8).matches(Array(text.utf8))
      if ours == (fnmatch(pattern, text, 0) == 0) { reached += 1 }
    }
    print("PATTERNS: \(cases) cases, \(reached) reached")
    #expect(reached == cases)
  }

  @Test(.timeLimit(.minutes(45))) func manyStarsEnd() {
    let pattern = Array((String(repeating: "*a", count: 40) + "b").utf8)
    #expect(!AliasPattern(pattern).matches(Array(String(repeating: "a", count: 60).utf8)))
  }

  @Test func modulesThatKnowItStandInTheTablesOrder() throws {
    let aliases = try tables([
      "# Aliases extracted from modules themselves.", "alias pci:v000010EEd00005000sv*sd*bc*sc*i* xclmgmt",
      "alias pci:v000010EEd00005001sv*sd*bc*sc*i* other", "alias pci:v000010EEd*sv*sd*bc12sc*i* xocl",
      "alias pci:v000010EEd0000500[0-4]sv*sd*bc*sc*i* ranged", "alias pci:v*d*sv*sd*bc*sc*i* vfio_pci",
      "alias pci:v*d*sv*sd*bc*sc*i* pci_stub", "alias pci:v000010EEd00005000sv*sd*bc*sc*i* xclmgmt",
      "alias usb:v* usbthing", "alias pci:torn", "alias pci:v*d*sv*sd*bc*sc*i* with extra",
    ])
    #expect(aliases.isKnown)
    #expect(aliases.homeModules(of: try card()) == ["xclmgmt", "xocl", "ranged"])
    #expect(aliases.knows(try card(), driver: "xclmgmt") == true)
    #expect(aliases.knows(try card(), driver: "other") == false)
  }

  @Test func aBlacklistedModuleIsNoHomeButKnowsIt() throws {
    let line = ModprobeLine(
      file: "/etc/modprobe.d/x.conf", line: 1, command: .blacklist, module: "xclmgmt", arguments: "")
    let aliases = try tables(
      ["alias pci:v000010EEd*sv*sd*bc*sc*i* xclmgmt", "alias pci:v000010EEd*sv*sd*bc*sc*i* xocl"],
      [
        line,
        ModprobeLine(file: "/x", line: 1, command: .options, module: "xocl", arguments: "a=1"),
      ])
    #expect(aliases.homeModules(of: try card()) == ["xocl"])
    #expect(aliases.knows(try card(), driver: "xclmgmt") == true)
  }

  private func tables(_ lines: [String], _ lost: [ModprobeLine]) throws -> ModuleAliases {
    try tables(lines, builtIn: [], release: "6.12", lost)
  }

  @Test func builtInModulesAreInTheirOwnTable() throws {
    let aliases = try tables(
      [],
      builtIn: [
        "nvme.license=GPL", "nvme.alias=pci:v*d*sv*sd*bc01sc08i02*", "xclmgmt.alias=pci:v000010EEd*", "alias=pci:x",
        "x",
      ])
    #expect(aliases.homeModules(of: try card()) == ["xclmgmt"])
  }

  @Test func withoutATableNothingIsSaid() throws {
    let tree = try InventoryTree()
    let aliases = ModuleAliases(tree.sysfs, Surroundings())
    #expect(!aliases.isKnown)
    #expect(aliases.knows(try card(), driver: "xclmgmt") == nil)
    #expect(aliases.homeModules(of: try card()).isEmpty)
  }

  @Test func aReleaseThatIsLostIsTheOneThatThereIs() throws {
    let lines = ["alias pci:v000010EEd* xclmgmt"]
    #expect(try tables(lines, release: nil).homeModules(of: try card()) == ["xclmgmt"])
    #expect(try tables(lines, release: "6.1").isKnown == false)
  }

  /// libvirt's rule.
  @Test func theVariantWithTheFewestWildcardsWins() throws {
    let lines = [
      "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci", "alias vfio_pci:v000010EEd*sv*sd*bc*sc*i* wide_vfio_pci",
      "alias vfio_pci:v000010EEd00005000sv*sd*bc*sc*i* narrow_vfio_pci",
      "alias vfio_pci:v000010EEd00005000sv*sd*bc*sc*i* second_vfio_pci",
      "alias vfio_pci:v000010EEd00005001sv000010EEsd*bc*sc*i* other_vfio_pci",
    ]
    let aliases = try tables(lines)
    #expect(aliases.variant(for: try card()) == "narrow_vfio_pci")
    #expect(try tables([lines[0]]).variant(for: try card()) == "vfio_pci")
    #expect(try tables([]).variant(for: try card()) == nil)
    #expect(aliases.knows(try card(), driver: "narrow-vfio-pci") == true)
    #expect(aliases.homeModules(of: try card()).isEmpty)
  }

  @Test func aDriverMayHaveAnotherNameThanItsModule() throws {
    let tree = try InventoryTree()
    defer { withExtendedLifetime(tree) {} }
    try tree.file(
      "/lib/modules/6.12/modules.alias", "alias pci:v000010EEd* xhci_pci\nalias pci:v000010EEd* strange\n")
    try tree.file("/sys/module/strange/drivers/pci:renamed", "")
    let aliases = ModuleAliases(tree.sysfs, Surroundings())
    #expect(aliases.driver(of: "strange") == "renamed")
    #expect(aliases.module(of: "renamed", for: try card()) == "strange")
    #expect(aliases.knows(try card(), driver: "renamed") == true)
    #expect(aliases.driver(of: "vfio_pci") == "vfio-pci")
    #expect(aliases.driver(of: "xhci_pci") == "xhci_hcd")
    #expect(aliases.driver(of: "nvme") == "nvme")
    #expect(aliases.module(of: "xhci_hcd", for: try card()) == "xhci_pci")
    #expect(aliases.module(of: "vfio-pci", for: nil) == "vfio_pci")
    #expect(aliases.module(of: "nonsense", for: try card()) == "nonsense")
  }
}
