import Checks
import Host
import PCI
import Pins

/// A pin as it is asked for.
public struct PinRequest {
  public let name: String
  public var description: String?
  /// The VFIO driver, or `auto`.
  public var driver = VFIODriver.generic
  public var match = Pin.Match.path
  public var follow = false
  /// The serial number of its vital product data is read too.
  public var readsVPD = false
  /// Virtual functions of the one function that it means, which stays with the host.
  public var virtuals: PinnedVirtuals?
  /// One of this name is declared anew.
  public var replaces = false
  /// It is brought into place at once.
  public var isNow = false
  /// Makes the host's initramfs anew afterwards.
  public var maker: InitramfsMaker?

  public init(name: String) { self.name = name }
}

extension Change {
  /// Declares, in a file, that what the selectors name belongs to guests at every boot. The set is checked as `bind` would
  /// check it, or `sriov`. Nothing is moved, unless it is to be at once.
  public mutating func pin(_ selectors: [String], _ asked: PinRequest) throws(Diagnostic) -> PinResult {
    var request = asked
    if let driver = asked.virtuals?.driver {
      request.virtuals?.driver = workspace.driver(named: driver)
    } else {
      request.driver = workspace.driver(named: asked.driver)
    }
    let folder = workspace.pinFolder
    let listing = folder.all()
    if !listing.isFolderUsable, let error = listing.errors.first { throw Diagnostic(error) }
    let set = try assessed(try workspace.unambiguousSet(selectors), request)
    let pin = workspace.declaration(
      request.name, of: set, description: request.description, driver: request.driver, match: request.match,
      follow: request.follow, vpd: request.readsVPD, forced: invocation.forced, virtuals: request.virtuals)
    if let there = listing.pins.first(where: { $0.name == pin.name }),
      there.declaresTheSame(as: pin, forced: invocation.forced, byAddress: request.replaces)
    {
      var result = PinResult(set: set, pin: there, file: nil, isDryRun: invocation.isDryRun)
      if invocation.isDryRun { return result }
      try finish(&result, request, beside: listing.pins)
      return result
    }
    if listing.names.contains(request.name), !request.replaces {
      throw Diagnostic(
        .usage, "pin \(request.name) already exists", path: PinFolder.file(request.name),
        next: "choose another name, or replace it with --replace")
    }
    invocation.noteForce(among: set.assessment.findings)
    if let missing = set.missingModule { throw missing }
    if let other = listing.pins.first(where: { $0.name != pin.name && $0.overlaps(pin) }) {
      throw Diagnostic(
        .usage, "pin \(other.name) already declares one of these functions", path: PinFolder.file(other.name),
        next: "see: hostdev pins \(other.name); to withdraw it: hostdev unpin \(other.name)")
    }
    let file = FileChange(PinFolder.file(pin.name), from: folder.text(pin.name), to: pin.text)
    var result = PinResult(set: set, pin: pin, file: file, isDryRun: invocation.isDryRun)
    result.isMovedNow = request.isNow
    if result.isRefused || invocation.isDryRun { return result }
    do { try folder.write(pin) } catch { throw Diagnostic(error) }
    logForced(set)
    try finish(&result, request, beside: listing.pins)
    return result
  }

  /// With the declaration on disk: the functions, the images, and what is left to do for the next boot.
  private mutating func finish(_ result: inout PinResult, _ request: PinRequest, beside others: [Pin])
    throws(Diagnostic)
  {
    if request.isNow {
      let (run, fate) = apply(result.pin, declaredIn: result.file, beside: others)
      result.run = run
      result.fate = fate
      if run.status != .done { return }
    }
    // Before anything is printed: with JSON an error is the only object.
    try remake(request.maker, after: "pin \(result.pin.name) is declared", hasChanged: result.file != nil)
    result.nextBoot = workspace.nextBoot()
  }

  private func assessed(_ wanted: [Address], _ request: PinRequest) throws(Diagnostic) -> AssessedSet {
    let held = try records.readHeld()
    guard let virtuals = request.virtuals else {
      return try BindOperation(
        functions: wanted, driver: request.driver, addsMissing: invocation.addsMissing, forced: invocation.forced,
        held: held
      ).plan(on: workspace).assessed
    }
    guard let physical = wanted.first, wanted.count == 1 else {
      throw Diagnostic(
        .usage, "--vfs needs exactly one physical function; these are \(wanted.count)",
        next: "give each a pin of its own: \(wanted.map(\.description).joined(separator: ", "))")
    }
    return try VirtualFunctionsOperation(
      physical: physical, request: virtuals.request, forced: invocation.forced, held: held
    ).plan(on: workspace).assessed
  }
}

extension Pin {
  fileprivate func overlaps(_ other: Pin) -> Bool {
    functions.contains { mine in other.functions.contains { $0.isSameFunction(as: mine) } }
  }
}
