import PCI
import System

extension Kernel {
  /// `new_id`: EEXIST for an id that the driver has; every driverless function with it is taken at once.
  func addID(_ driver: String, _ value: [UInt8]) throws(Refusal) {
    guard let id = DynamicID(lineText(value)) else { throw .errno(.invalid) }
    let known = hidden.ids(driver)
    if known.contains(where: { $0.vendor == id.vendor && $0.device == id.device }) || hasBuiltIn(driver, id) {
      throw .errno(.exists)
    }
    try hidden.setIDs(driver, known + [id])
    try offerAll(to: driver)
  }

  /// `remove_id`: ENODEV for one that was never told.
  func removeID(_ driver: String, _ value: [UInt8]) throws(Refusal) {
    guard let id = DynamicID(lineText(value)) else { throw .errno(.invalid) }
    var known = hidden.ids(driver)
    guard let place = known.firstIndex(where: { $0.vendor == id.vendor && $0.device == id.device }) else {
      throw .errno(.noDevice)
    }
    known.remove(at: place)
    try hidden.setIDs(driver, known)
  }

  /// `driver_attach`: every driverless function that matches.
  func offerAll(to driver: String) throws(Refusal) {
    for address in addresses {
      guard let device = device(address), device.driver == nil, hidden.pending(address) == nil, matches(driver, device)
      else {
        continue
      }
      try offer(device, to: driver)
    }
  }

  /// One of the functions here with that id is the driver's by its own table.
  private func hasBuiltIn(_ driver: String, _ id: DynamicID) -> Bool {
    addresses.contains { address in device(address).map { id.matches($0) && knows(driver, $0) } ?? false }
  }
}
