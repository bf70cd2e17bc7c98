// HostUse
