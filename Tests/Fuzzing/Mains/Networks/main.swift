import CFuzzer
import FuzzNetworks
import FuzzSupport

private let reader = NetworkReader.chosen()
private var count = CommandLine.argc
private var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&count, &arguments) { start, count in
  reader.read(start, count)
  return 0
}
