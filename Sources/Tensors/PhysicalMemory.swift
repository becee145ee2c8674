#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The machine's memory in bytes; 4 GB where the system does not say.
public func physicalMemory() -> Int {
  let pages = sysconf(Int32(_SC_PHYS_PAGES))
  let size = sysconf(Int32(_SC_PAGESIZE))
  let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
  return pages > 0 && size > 0 && !overflow ? bytes : 4 << 30
}
