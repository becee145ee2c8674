import Memory

extension Machine {
  /// Lists and strings that are made between two looks at the process's memory.
  private static let unlooked = MemoryBudget.unlooked * 2
  /// What makes or copies so many items asks for an interruption each time.
  static let manyItems = 1 << 12
  /// Turns of `tick` between two looks.
  static let ticksBetweenLooks = MemoryBudget.isTight ? 4 : 32

  /// A list of so many items, or a string of so many bytes, is about to be made.
  @inline(__always)
  func charge(_ items: Int, each bytes: Int = MemoryLayout<Value>.stride) throws {
    charged += items
    if items >= Self.manyItems { try checkInterrupt() }
    if charged > Self.unlooked / 16 || items > 1 << 18 { try checkMemory(adding: items * bytes) }
  }

  @inline(never)
  func checkMemory(adding bytes: Int = 0) throws {
    charged = 0
    try checkInterrupt()
    do {
      try MemoryBudget.check(adding: bytes, limit: context.limits.memory)
    } catch {
      // Rings that nobody reaches any more may hold what is missing.
      collectCycles()
      try MemoryBudget.check(adding: bytes, limit: context.limits.memory)
    }
  }

  /// A string is about to be taken apart into characters, unless it is ASCII.
  @inline(__always)
  func chargeCharacters(of box: StringBox) throws {
    let bytes = box.bytesForCharacters
    if bytes >= Self.manyItems { try checkInterrupt() }
    if bytes > 1 << 22 { try checkMemory(adding: bytes) }
  }

  /// A list is about to take another item: where it has no room left, its items move to twice the memory.
  @inline(__always)
  func checkGrowth(_ box: ListBox, by added: Int = 1) throws {
    if box.items.count >= 1 << 14 || added >= 1 << 14, box.items.count + added > box.items.capacity {
      try checkMemory(adding: max(2 * box.items.count, box.items.count + added) * MemoryLayout<Value>.stride)
    }
  }

  /// A record is about to take another field: where one of its arrays has no room left, that moves to twice the memory.
  @inline(__always)
  func checkGrowth(_ box: RecordBox) throws {
    let bytes = box.bytesOfGrowth
    if bytes > 0 { try checkMemory(adding: bytes) }
  }

  /// A string is about to take more bytes: where it has no room left, it moves to twice the memory. Of a Swift string, which
  /// does not say when, it is taken to do so with each megabyte.
  @inline(__always)
  func checkGrowth(of text: StringBox, by added: Int) throws {
    charged += added / 16
    let count = text.byteCount
    guard count + added >= 1 << 16, text.isASCII || added >= 1 << 16 || count >> 20 != (count + added) >> 20 else {
      return
    }
    let bytes = text.bytesOfGrowth(adding: added)
    if bytes > 0 { try checkMemory(adding: bytes) }
  }
}
