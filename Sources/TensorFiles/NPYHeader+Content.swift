import Tensors

/// What stands behind a header, read in portions: neither the packed nor the unpacked form of it is ever held whole
/// beside its numbers.
extension NPYHeader {
  /// - Parameters:
  ///   - available: the bytes that can come; fewer than the header claims are told before anything is allocated.
  ///   - read: fills a buffer, and says how much of it came: less only at the end.
  func content(
    name: String, available: Int, read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> ArrayContent {
    if case .other(let error) = element.kind { return .unread(error) }
    let (needed, overflow) = count.multipliedReportingOverflow(by: element.size)
    guard !overflow, available >= needed else {
      throw TensorFileError.broken(
        file: name, format: "npy",
        reason: "the file ends early: \(max(0, available)) bytes of \(element.isText ? "text" : "numbers") where shape "
          + "\(shape) needs \(overflow ? Int.max : needed)")
    }
    if memory > TensorFileError.limit || element.isText && count > TextArray.limit {
      throw TensorFileError.tooLarge(file: name, bytes: memory, limit: TensorFileError.limit)
    }
    // Fortran's first axis runs fastest in the file; a tensor's last one does in memory.
    var order =
      fortran
      ? StridedPlaces(shape: shape.reversed(), strides: StridedPlaces.rowMajor(shape).reversed())
      : StridedPlaces(shape: [count], strides: [1])
    if element.isText {
      var texts = [String](repeating: "", count: count)
      try portions(name, read) { bytes in
        let part = Array(bytes)
        for start in stride(from: 0, to: part.count, by: max(1, element.size)) {
          let text = part[start..<(start + element.size)]
          texts[order.next()] =
            element.kind == .unicode
            ? TextArray.unicode(text, bigEndian: element.bigEndian) : TextArray.bytes(text)
        }
      }
      return .texts(TextArray(shape: shape, texts: texts))
    }
    // Whole numbers that float32 does not have are kept exactly: places that NumPy wrote.
    var exact = [Double](repeating: 0, count: element.isWide ? count : 0)
    let tensor = try Tensor(shape: shape) { out in
      try portions(name, read) { bytes in
        for start in stride(from: 0, to: bytes.count, by: element.size) {
          let place = order.next()
          out[place] = element.value(bytes, start)
          if !exact.isEmpty { exact[place] = element.number(bytes, start) }
        }
      }
    }
    return .numbers(try element.exactly(tensor) { exact })
  }

  /// Whole elements, some hundred thousand bytes at a time.
  private func portions(
    _ name: String, _ read: (UnsafeMutableRawBufferPointer) throws -> Int,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws {
    var left = count * element.size
    guard left > 0 else { return }
    let capacity = min(left, max(1, (1 << 18) / element.size) * element.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 8)
    defer { buffer.deallocate() }
    while left > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(left, capacity)])
      guard try read(part) == part.count else {
        throw TensorFileError.broken(file: name, format: "npy", reason: "it ends before the bytes that it claims")
      }
      body(UnsafeRawBufferPointer(part))
      left -= part.count
    }
  }
}
