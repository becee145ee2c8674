import FuzzNetworks
import FuzzSupport

private let reader = NetworkReader.chosen()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(start, count)
  return 0
}
