import ArgumentParser
import Host
import PCI
import Pins
import Report
import System

/// `hostdev pins`: what is declared, and what is.
struct PinsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pins", abstract: "What is declared against what is, one line a function.",
    discussion: "A file that cannot be used is exit 65, and the other pins are shown all the same.")

  @OptionGroup var common: CommonOptions

  @Flag(help: "Exit 1 unless every pin is in place.")
  var check = false

  @Argument(help: ArgumentHelp("These pins alone.", valueName: "name"))
  var names: [String] = []

  func run() throws {
    let workspace = try Workspace(common)
    let listing = try workspace.pins(names)
    let pins = listing.pins
    let shown = zip(pins, workspace.resolve(pins)).map { PinStanding($0, $1, workspace) }
    let errors = listing.errors.map { Diagnostic($0) }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("pins")
          json.array { json in for pin in shown { json.object { pin.write(to: &$0) } } }
          if let error = errors.first { error.write(to: &json) }
        })
    } else {
      var table = Table(header: ["PIN", "DECLARED", "NOW", "DRIVER", "WANTED", "STATE"])
      for pin in shown { for row in pin.rows { table.row(row.map(printable)) } }
      if !table.isEmpty { Output.write(table.text(common.style)) }
      if shown.isEmpty, errors.isEmpty { Output.write("nothing is pinned\n") }
      for pin in shown {
        if let finding = pin.finding { Output.write(finding.text(common.style)) }
      }
    }
    for error in errors { Output.progress(String(error.text.dropLast())) }
    if let error = errors.first { throw ExitCode(error.status.rawValue) }
    if check, !shown.allSatisfy(\.isInPlace) { throw ExitCode(1) }
  }
}

extension Workspace {
  /// The pins of these names, or all; what cannot be used is in the listing's errors. Throws where a named one is not there.
  func pins(_ names: [String]) throws -> PinListing { try pinFolder.listing(names) }
}

extension PinFolder {
  func listing(_ names: [String]) throws -> PinListing {
    var listing = all()
    if names.isEmpty || !listing.isFolderUsable { return listing }
    for name in names where !listing.names.contains(name) {
      do { _ = try read(name) } catch { throw Diagnostic(error) }
    }
    let wanted = Set(names)
    listing.pins.removeAll { !wanted.contains($0.name) }
    listing.errors.removeAll { wanted.isDisjoint(with: $0.names) }
    return listing
  }
}
