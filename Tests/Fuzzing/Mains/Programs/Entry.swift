import FuzzPrograms
import FuzzSupport

private let reader = ProgramReader.chosen()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(start, count)
  return 0
}
