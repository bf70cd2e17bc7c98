import ArgumentParser
import Host
import Operations
import Pins

/// What a pin declares of its functions.
struct PinOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What the pin is for.", valueName: "text"))
  var description: String?

  @Option(
    help: ArgumentHelp(
      "The VFIO driver; 'auto' is the best that this kernel has for the function (default: vfio-pci). With --vfs it needs --bind.",
      valueName: "name"))
  var driver: String?

  @Option(
    help: ArgumentHelp(
      "How to recognize a function without serial number: by 'path' (place and ids together), or also by 'ids' alone, if exactly one device of the host fits.",
      valueName: "path|ids"))
  var match: Pin.Match = .path

  @Flag(help: "Follow the serial number to another slot.")
  var follow = false

  @Flag(help: "Also read the serial number in the vital product data, which may take seconds.")
  var vpd = false
  @Option(
    help: ArgumentHelp(
      "The function stays with the host and has this many VFs.", valueName: "n"))
  var vfs: Int?

  @Flag(help: "With --vfs: the VFs go to the VFIO driver, for guests; without --bind the host keeps them.")
  var bind = false

  func validate() throws(ValidationError) {
    if let vfs {
      guard vfs >= 0, vfs <= UInt16.max else { throw ValidationError("--vfs needs a number, from 0 to 65535") }
      if driver != nil, !bind { throw ValidationError("with --vfs, --driver needs --bind") }
    }
    try requireDriverName(driver)
  }
}

/// The name of a pin, as it is given.
func requirePinName(_ name: String) throws(ValidationError) {
  if !Pin.isName(name) {
    throw ValidationError(
      "'\(name)' is not a pin name: it may contain letters, digits, '.', '_' and '-', and does not start with '.' or '-'"
    )
  }
}

extension Pin.Match: ExpressibleByArgument {}
