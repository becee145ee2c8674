import CFuzzer
import FuzzSets
import FuzzSupport

private let reader = SetReader.chosen()
private var count = CommandLine.argc
private var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
  reader.read(start, count)
  return 0
}
