import ArgumentParser
import Operations
import Report

/// `hostdev image`: what an initramfs has to know of pins.
struct ImageCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "Put pins into an initramfs, or list them.",
    usage: "hostdev image [<options>] <path>",
    discussion: """
      For the makers of an initramfs. The path is the tree that becomes the image: it gets /etc/hostdev/pins.d, and \
      /etc/hostdev/footing.json with the functions below this host's file systems and swap, which 'apply --early' \
      never takes. With --list the path is an initramfs, as the kernel loads it.

      Example:
        hostdev image initramfs-tree
      """)

  @Flag(help: "List the pins of an image, and which of them differ from what is declared now.")
  var list = false

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The tree; with --list the image.", valueName: "path"))
  var path: String

  var isChange: Bool { !list }

  func perform() throws(Diagnostic) -> CommandResult {
    if list { return CommandResult(.done, Rendering(try ImageListing(path, common.invocation), of: path, as: format)) }
    return CommandResult(.done, Rendering(try ImageOperation(into: path, common.invocation).run(), as: format))
  }
}
