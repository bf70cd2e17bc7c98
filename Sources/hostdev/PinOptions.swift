import ArgumentParser
import Host
import Operations
import Pins

/// What a pin declares of its functions.
struct PinOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What it is for.", valueName: "text"))
  var description: String?

  @Option(
    help: ArgumentHelp(
      "The VFIO driver; 'auto' is the best that this kernel has for the function (default: vfio-pci). With --vfs it goes with --bind.",
      valueName: "name"))
  var driver: String?

  @Option(
    help: ArgumentHelp(
      "What tells it where it has no serial number: 'path' (place and ids together), or 'ids' alone too, where exactly one device of the host fits.",
      valueName: "path|ids"))
  var match: Pin.Match = .path

  @Flag(help: "By its serial number it is the pinned one in another slot too.")
  var follow = false

  @Flag(help: "Read the serial number of its vital product data too, which may take seconds.")
  var vpd = false
  @Option(
    help: ArgumentHelp(
      "Declare that the function, which stays with the host, has so many virtual ones.", valueName: "n"))
  var vfs: Int?

  @Flag(help: "With --vfs: they are for guests, on the VFIO driver; else they are left to the host.")
  var bind = false

  func validate() throws(ValidationError) {
    if let vfs {
      guard vfs >= 0, vfs <= UInt16.max else { throw ValidationError("--vfs wants a number, from 0 to 65535") }
      if driver != nil, !bind { throw ValidationError("with --vfs, --driver goes with --bind") }
    }
    try requireDriverName(driver)
  }
}

/// The name of a pin, as it is given.
func requirePinName(_ name: String) throws(ValidationError) {
  if !Pin.isName(name) {
    throw ValidationError("'\(name)' is no name of a pin: letters, digits, '.', '_' and '-', and not first a dot")
  }
}

extension Pin.Match: ExpressibleByArgument {}
