import HostUse
import PCI
import Pins
import Sysfs
import System

/// Brings the host to what is declared, one transaction per pin.
public struct ApplyOperation {
  /// These pins alone; all where it is empty.
  public var names: [String] = []
  /// What no pin declares any longer goes back.
  public var prunes = false
  public var moment = BootMoment.now

  public init(names: [String] = [], prunes: Bool = false, moment: BootMoment = .now) {
    self.names = names
    self.prunes = prunes
    self.moment = moment
  }

  public func run(_ invocation: Invocation) throws(Diagnostic) -> ApplyResult {
    var result = ApplyResult(moment: moment)
    result.isDryRun = invocation.isDryRun
    let root = try Workspace.open(invocation)
    let sysfs = TreeSysfs(root, isWritable: false)
    result.turnedOff = moment.turnedOff(sysfs)
    if result.isTurnedOff { return result }
    if let subject = moment.subject, !PinFolder(root, user: invocation.user).mayMean(subject, sysfs) { return result }
    result.isMeant = true
    let entry = try Change.Entry(invocation)
    result.isHost = entry.root.isHost
    // Where the root device does not appear, all that any pin took is no longer declared.
    let folder = PinFolder(entry.root, user: invocation.user)
    var listing = moment == .noRoot ? PinListing() : try folder.listing(names)
    // Without a driver of its physical function there is none of them yet.
    if !moment.hasDrivers { listing.pins.removeAll { $0.virtuals != nil } }
    if case .driven = moment { listing.pins.removeAll { $0.virtuals == nil } }
    if !invocation.isDryRun { invocation.runtime.rememberSignals() }
    var settled = SettledPins(listing, entry, for: invocation)
    if moment.trustsRecords { try settled.find() }
    result.runs = settled.runs
    result.verification = settled.verification
    let isPruning = moment == .noRoot || prunes && listing.isFolderUsable
    let isLeft = isPruning ? try settled.leavesSomethingToPrune(alsoInterrupted: moment == .noRoot) : false
    if !settled.others.isEmpty || isLeft {
      let change = try Change(invocation, entry, isEarly: moment == .early)
      var application = PinApplication(change, moment)
      // A function that two pins have come to mean is in doubt, whichever of them was named.
      let unnamed = names.isEmpty ? [] : folder.all().pins.filter { !names.contains($0.name) }
      result.runs += application.apply(settled.others, beside: unnamed, settled: settled.owners)
      result.verification += application.verification
      for pin in settled.others {
        if let run = result.runs.first(where: { $0.name == pin.name }) { settled.note(pin, run) }
      }
      if moment == .noRoot { result.pruned = try application.giveUpInterrupted() }
      if isPruning { result.pruned += try application.prune(listing) }
      if moment == .boot { result.notYetSeen = change.workspace.evidence.notYetSeen() }
    }
    if names.isEmpty, listing.isFolderUsable { settled.forgetAllButListed() }
    if !invocation.isDryRun { settled.save() }
    result.runs.sort { $0.name < $1.name }
    invocation.noteForce(among: (result.runs + result.pruned).flatMap(\.allFindings))
    if moment.subject == nil { result.runs += unusable(listing) }
    // At boot a card that is not there may come later, and udev tells of it then; who waits for one pin wants that one.
    result.excusesAbsent = moment != .now && names.isEmpty
    return withExtendedLifetime(entry) { result }
  }

  private func unusable(_ listing: PinListing) -> [PinRun] {
    listing.errors.flatMap { error in
      let costs = error.names.filter { names.isEmpty || names.contains($0) }
      return (costs.isEmpty ? [PinFolder.path] : costs).map { PinRun($0, error) }
    }
  }
}

/// What `apply` did.
public struct ApplyResult {
  public let moment: BootMoment
  /// Why pins are left alone; nil if they are not.
  public internal(set) var turnedOff: BootMoment.TurnedOff?
  public var isTurnedOff: Bool { turnedOff != nil }
  /// Any pin may mean what it was run for; else nothing was looked at, and nothing is to be told.
  public internal(set) var isMeant = false
  public internal(set) var isHost = false
  public internal(set) var isDryRun = false
  public internal(set) var runs: [PinRun] = []
  /// What was given back.
  public internal(set) var pruned: [PinRun] = []
  public internal(set) var verification = Verification()
  /// What of the host's use cannot be seen at this moment of the boot.
  public internal(set) var notYetSeen: [NotYetSeen] = []
  var excusesAbsent = false

  /// The worst of all pins', whatever is excused.
  public var worst: ExitStatus { .worst(of: (runs + pruned).map(\.status)) }

  public var status: ExitStatus {
    .worst(of: (runs + pruned).filter { !excusesAbsent || $0.result != .absent }.map(\.status))
  }
}

/// What it took to know the pins' functions by their serial numbers.
public struct Verification {
  public internal(set) var functions = 0
  var time = Duration.zero

  public var milliseconds: Int { Int(time / .milliseconds(1)) }

  static func += (left: inout Self, right: Self) {
    left.functions += right.functions
    left.time += right.time
  }
}
