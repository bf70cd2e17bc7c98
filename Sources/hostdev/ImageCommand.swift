import ArgumentParser
import Operations
import Report

/// `hostdev image`: what an initramfs has to know of pins.
struct ImageCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract:
      "For makers of an initramfs: put the pins and what the host stands on into its tree; or list an image's pins.",
    discussion: """
      DIR is the tree that becomes the image: it gets /etc/hostdev/pins.d, and /etc/hostdev/footing.json with the
      functions below this host's file systems and swap, which 'apply --early' never takes. With --list, IMAGE is an
      initramfs, packed as the kernel takes it.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "List the pins that an image has, and say which are not as they are declared now.")
  var list = false

  @Argument(help: ArgumentHelp("The tree, or with --list the image.", valueName: "path"))
  var path: String

  func perform() throws(Diagnostic) -> Rendering {
    if list { return Rendering(try ImageListing(path, common.invocation), of: path, as: format) }
    return Rendering(try ImageOperation(into: path, common.invocation).run(), as: format)
  }
}
