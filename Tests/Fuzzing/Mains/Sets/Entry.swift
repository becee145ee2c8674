import FuzzSets
import FuzzSupport

private let reader = SetReader.chosen()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(start, count)
  return 0
}
