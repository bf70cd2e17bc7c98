import Foundation
import TestSupport
import Testing

@Suite("Help is read by a person") struct HelpTests {
  private static func help(_ words: [String], columns: Int = 80) throws -> Ending {
    try Command.run([Program.path] + words + ["--help"], environment: ["COLUMNS": "\(columns)"])
  }

  /// The fixture of an example and what is typed before it, if that is not `alveo` as it is.
  private static let stages: [String: (fixture: String, before: [[String]])] = [
    "release": ("alveo", [["bind", "01:00"]]), "reset": ("gpu", [["bind", "01:00"]]), "sriov": ("nic-vfs", []),
    "unpin": ("alveo", [["pin", "fpga", "01:00"]]), "pins": ("alveo", [["pin", "fpga", "01:00"], ["apply"]]),
    "apply": ("alveo", [["pin", "fpga", "01:00"]]), "import": ("alveo-grub", []),
  ]

  private static func commands() throws -> [String] {
    var found: [String] = []
    var isList = false
    for line in try help([]).output.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasSuffix("SUBCOMMANDS:") { isList = true } else if line.isEmpty { isList = false }
      if isList, line.hasPrefix("  "),
        let name = line.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false).first,
        !name.isEmpty
      {
        found.append(String(name))
      }
    }
    return found
  }

  @Test func commandsAreInGroups() throws {
    let help = try Self.help([]).output
    for group in ["LOOK", "MOVE", "DECLARE", "HOST"] { #expect(help.contains("\(group) SUBCOMMANDS:")) }
    #expect(try Self.commands().count > 15 && Set(Self.stages.keys).isSubset(of: Self.commands()))
  }

  @Test(arguments: [60, 80, 130]) func itFits(columns: Int) throws {
    for command in [[]] + (try Self.commands().map { [$0] }) {
      let help = try Self.help(command, columns: columns).output
      let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
      for line in lines { #expect(line.count <= columns, "\(command): \(line)") }
      // No line ends early: the next word does not fit. A paragraph that was wrapped by hand fails this.
      for (line, next) in zip(lines, lines.dropFirst()) {
        guard let first = line.first, first != " ", !line.hasSuffix(":"), let word = next.split(separator: " ").first,
          next.first != " "
        else { continue }
        #expect(line.count + 1 + word.count >= columns, "\(command): \(line)")
      }
    }
  }

  @Test func everyCommandHasAnExampleThatWorks() throws {
    for command in try [""] + Self.commands() {
      let stage = Self.stages[command] ?? ("alveo", [])
      let help = try Self.help(command.isEmpty ? [] : [command]).output
      let examples = help.split(separator: "\n").filter { $0.hasPrefix("  hostdev ") }
      #expect(!examples.isEmpty, "\(command)")
      for example in examples {
        let capture = try Capture(stage.fixture)
        for words in stage.before { #expect(try capture.run(words).status == 0) }
        let work = try Scratch()
        if command == "image" { try work.folder("/initramfs-tree") }
        let script = "cd \(work.path) && \(Program.path) \(example.dropFirst(10)) --root \(capture.path)"
        let ending = try Command.run(["/bin/sh", "-c", script])
        #expect(ending.status == 0, "\(ending)")
        // The help says that a snapshot can be given to --root.
        if command == "snapshot" {
          #expect(try Command.run([Program.path, "list", "--root", "\(work.path)/my-host"]).status == 0)
        }
      }
    }
  }

  // MARK: The manual

  private static func manual() throws -> String {
    try String(contentsOfFile: Fixture.repository + "/scripts/dist/hostdev.8", encoding: .utf8)
  }

  /// Words of a text that start with `mark`, without it.
  private static func options(_ text: some StringProtocol, marked mark: String) -> Set<String> {
    let words = text.split { $0 == " " || $0 == "\n" }.filter { $0.hasPrefix(mark) }
    return Set(words.map { String($0.dropFirst(mark.count).prefix { $0.isLetter || $0 == "-" }) }).subtracting([""])
  }

  /// What the lists of a command's help offer; its prose may name options too.
  private static func offered(_ command: String) throws -> Set<String> {
    let lines = try help([command]).output.split(separator: "\n").filter { $0.hasPrefix("  -") }
    return options(
      lines.map { $0.replacing(#/-[a-z], /#, with: "").split(separator: " ")[0] }.joined(separator: " "), marked: "--")
  }

  @Test func theManualHasTheOptionsOfEachCommand() throws {
    let manual = try Self.manual()
    let synopsis = try #require(manual.split(separator: ".Sh DESCRIPTION").first)
    let common: Set = ["json", "color", "root", "help"]
    let change: Set = ["dry-run", "wait"]
    let blocks = synopsis.split(separator: ".Nm\n.Cm ").dropFirst()
    #expect(try Set(blocks.map { String($0.prefix { $0.isLetter }) }) == Set(Self.commands()))
    for block in blocks {
      let command = String(block.prefix { $0.isLetter })
      var listed = Self.options(block.replacing("Fl -", with: "\n--"), marked: "--")
      if block.contains("change options") { listed.formUnion(change) }
      var offered = try Self.offered(command).subtracting(common).subtracting(["version"])
      // What a boot types has a section of its own.
      if command == "apply" {
        for option in ["early", "boot", "verify", "no-root", "appeared", "driven"] {
          #expect(offered.remove(option) != nil && manual.contains(".It Cm apply Fl -\(option)"), "\(option)")
        }
      }
      // A pin with --vfs takes the settings of sriov.
      if command == "pin" { offered.subtract(["mac", "vlan", "spoof-check", "trust"]) }
      #expect(listed == offered, "\(command)")
    }
    for option in common.union(change) { #expect(manual.contains(".It Fl -\(option)"), "\(option)") }
  }

  @Test func theManualHasTheSameCodesAndSelectors() throws {
    let manual = try Self.manual()
    let help = try Self.help(["bind"], columns: 4000).output
    let codes = try #require(help.split(separator: "Possible codes: ").last?.split(separator: ".\n").first)
    #expect(codes.split(separator: ", ").count > 20)
    for code in codes.split(separator: ", ") { #expect(manual.contains(code), "\(code)") }
    let plain = manual.replacing("\\&", with: "")
    let lines = try Self.help([]).output.split(separator: "\n")
    for line in lines where line.hasPrefix("  ") && line.dropFirst(2).first?.isWhitespace == false {
      let form = line.dropFirst(2).prefix { $0 != " " }
      guard form.contains(":") || form.contains("/") else { continue }
      #expect(plain.contains(form.replacing("enp3s0", with: "enp1s0f0")), "\(form)")
    }
  }

  @Test func nothingIsNamedThatIsNotBuilt() throws {
    let commands = Set(try Self.commands() + ["help"])
    for text in try ([[]] + commands.map { [$0] }).map({ try Self.help($0, columns: 4000).output }) + [Self.manual()] {
      // Quoted, or at the start of a line; else it is prose: `hostdev checks again`.
      for match in text.matches(of: /(?:'|\n *)hostdev ([a-z]+)/) {
        #expect(commands.contains(String(match.1)), "hostdev \(match.1)")
      }
    }
  }

  @Test func shellsCanReadTheCompletions() throws {
    let script = try Command.run([Program.path, "--generate-completion-script", "bash"])
    #expect(script.status == 0 && script.output.contains("slot-incomplete"))
    #expect(try Command.run(["/bin/bash", "-n"], input: Data(script.output.utf8)).status == 0)
  }
}
