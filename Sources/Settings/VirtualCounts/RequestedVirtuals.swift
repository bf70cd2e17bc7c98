import Host
import PCI

/// A number of virtual functions that a tool gives one physical function.
public struct RequestedVirtuals: Sendable, Equatable {
  public let tool: VirtualCount.Tool
  public let physical: Address
  /// Nil if it is not a number that can be read off the file.
  public let count: Int?
  public let source: SourceLine
  /// False: whether it is for this function could not be told.
  public let isCertain: Bool

  public init(_ count: VirtualCount, of physical: Address, isCertain: Bool) {
    self.init(count.tool, count.count, of: physical, source: count.source, isCertain: isCertain)
  }

  public init(_ tool: VirtualCount.Tool, _ count: Int?, of physical: Address, source: SourceLine, isCertain: Bool) {
    self.tool = tool
    self.physical = physical
    self.count = count
    self.source = source
    self.isCertain = isCertain
  }
}
