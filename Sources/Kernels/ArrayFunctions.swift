import ElementaryFunctions
import KernelInterface

// The functions have no branches, so that each loop becomes vectors of the width that it is compiled for.
extension Compilation {
  public static func exp(_ x: Floats, _ y: MutableFloats, _ count: Int) {
    for i in 0..<count { y[i] = Elementary.exp(x[i]) }
  }

  public static func log(_ x: Floats, _ y: MutableFloats, _ count: Int) {
    for i in 0..<count { y[i] = Elementary.log(x[i]) }
  }

  public static func tanh(_ x: Floats, _ y: MutableFloats, _ count: Int) {
    for i in 0..<count { y[i] = Elementary.tanh(x[i]) }
  }

  public static func sigmoid(_ x: Floats, _ y: MutableFloats, _ count: Int) {
    for i in 0..<count { y[i] = Elementary.sigmoid(x[i]) }
  }
}
