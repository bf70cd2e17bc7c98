import ArgumentParser
import Pins
import Report
import Transactions

/// `hostdev unpin`: withdraw declarations.
struct Unpin: ChangingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Withdraw declarations; what they brought to a guest's driver stays there until it is released.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var image: ImageOptions

  @Argument(help: ArgumentHelp("The pins.", valueName: "name"))
  var names: [String]

  func validate() throws {
    if let name = names.first(where: { !Pin.isName($0) }) { throw ValidationError("'\(name)' is no name of a pin") }
  }

  func run() throws {
    let maker = try ImageMaker(image, try Workspace.open(common))
    let run = try Change(common, change)
    let folder = run.workspace.pinFolder
    let there: [String]
    do { there = try folder.names() } catch { throw Diagnostic(error) }
    // All or none: a name that is misspelled withdraws nothing.
    for name in names where !there.contains(name) {
      do { _ = try folder.read(name) } catch { throw Diagnostic(error) }
    }
    if !change.dryRun {
      for name in names { do { try folder.remove(name) } catch { throw Diagnostic(error) } }
    }
    if !change.dryRun { try maker?.run(after: "withdrawn: \(names.joined(separator: " "))") }
    let held = try run.held().filter { hold in hold.pin.map { names.contains($0) } ?? false }
    if common.json {
      Output.write(
        JSONWriter.document { json in
          json.key("unpinned")
          json.values(names)
          json.key("held")
          json.values(held.map(\.function.description))
        })
      return
    }
    for name in names {
      Output.write(
        change.dryRun ? "rm \(PinFolder.file(name))\n" : "\(common.style.good("✓")) \(name) is no longer declared\n")
    }
    if change.dryRun, let maker { Output.write("\(maker.line)\n") }
    guard !held.isEmpty, !change.dryRun else { return }
    let functions = held.map(\.function.description).joined(separator: " ")
    Output.write("still held: \(functions)\n    → hostdev apply --prune, or: hostdev release \(functions)\n")
  }
}
