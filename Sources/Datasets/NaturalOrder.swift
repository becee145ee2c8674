/// Orders names as a person does: runs of digits by their number, so that s2 stands before s10.
func naturallyBefore(_ a: String, _ b: String) -> Bool {
  let left = Array(a.utf8)
  let right = Array(b.utf8)
  var i = 0
  var j = 0
  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  while i < left.count, j < right.count {
    if isDigit(left[i]), isDigit(right[j]) {
      while i < left.count, left[i] == 0x30 { i += 1 }
      while j < right.count, right[j] == 0x30 { j += 1 }
      let startI = i
      let startJ = j
      while i < left.count, isDigit(left[i]) { i += 1 }
      while j < right.count, isDigit(right[j]) { j += 1 }
      if i - startI != j - startJ { return i - startI < j - startJ }
      for (x, y) in zip(left[startI..<i], right[startJ..<j]) where x != y { return x < y }
    } else if left[i] != right[j] {
      return left[i] < right[j]
    } else {
      i += 1
      j += 1
    }
  }
  if left.count - i != right.count - j { return left.count - i < right.count - j }
  return a < b
}
