import Planning
import Host
import Inventory

extension Workspace {
  /// Modules to load before these moves: those of drivers that are not there yet.
  func loads(before moves: [Step], _ aliases: ModuleAliases?) -> [Step] {
    var users: [String: Function?] = [:]
    for step in moves {
      if case .bind(let function, let driver) = step, users[driver] == nil { users[driver] = host[function] }
    }
    return users.sorted { $0.key < $1.key }.compactMap { driver, function in
      if scanner.hasDriver(driver) { return nil }
      // Without the empty ids=, a line in modprobe.d would have it claim other functions.
      if driver == VFIODriver.generic { return .load([driver, "ids="], for: driver) }
      let module = aliases?.module(of: driver, for: function) ?? driver
      // A name with a blank or an option's dash would be several words to modprobe, or an order to it.
      return ModuleNames.isSound(module) ? .load([module], for: driver) : nil
    }
  }
}
