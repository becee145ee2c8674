import Interpreter
import Tensors

extension CoreLibrary {
  /// Sorts stably. Numbers and strings by themselves take a short way.
  static func sort(
    _ items: [Value], key: FunctionValue?, reverse: Bool, _ context: ExecutionContext
  ) throws -> [Value] {
    try context.checkRoom(for: items.count, each: key == nil ? 48 : 64)
    let keys = try key.map { try context.map($0, items) } ?? items
    if let numbers = sortable(keys) {
      if key == nil {
        return try numbers.sortedInParts { reverse ? $0 > $1 : $0 < $1 }.map(Value.number)
      }
      let order = try numbers.indices.sortedInParts { a, b in
        numbers[a] == numbers[b] ? a < b : reverse ? numbers[a] > numbers[b] : numbers[a] < numbers[b]
      }
      return order.map { items[$0] }
    }
    let texts = keys.compactMap { key -> StringBox? in if case .string(let box) = key { box } else { nil } }
    if texts.count == keys.count {
      // Nearly always the first eight bytes decide.
      let starts = texts.allSatisfy(\.isASCII) ? texts.map(\.firstBytes) : []
      let order = try texts.indices.sortedInParts { a, b in
        if !starts.isEmpty, starts[a] != starts[b] { return (starts[a] < starts[b]) != reverse }
        let order = texts[a].order(texts[b])
        return order == 0 ? a < b : (order < 0) != reverse
      }
      return order.map { items[$0] }
    }
    let order = try keys.indices.sortedInParts { a, b in
      let found = try context.order(keys[a], keys[b])
      return found == 0 ? a < b : found == (reverse ? 1 : -1)
    }
    return order.map { items[$0] }
  }

  /// Nothing but numbers, and no NaN among them.
  private static func sortable(_ items: [Value]) -> [Double]? {
    var numbers: [Double] = []
    numbers.reserveCapacity(items.count)
    for item in items {
      guard case .number(let number) = item, !number.isNaN else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}

extension RandomAccessCollection where Index == Int {
  /// Sorted part by part, and the parts merged, so that a person who waits can end it in between.
  func sortedInParts(by isBefore: (Element, Element) throws -> Bool) throws -> [Element] {
    let size = 1 << 14
    if count <= size { return try sorted(by: isBefore) }
    var runs: [[Element]] = []
    for start in stride(from: startIndex, to: endIndex, by: size) {
      try LongWork.check()
      runs.append(try self[start..<Swift.min(start + size, endIndex)].sorted(by: isBefore))
    }
    while runs.count > 1 {
      var merged: [[Element]] = []
      merged.reserveCapacity((runs.count + 1) / 2)
      for index in stride(from: 0, to: runs.count, by: 2) {
        merged.append(index + 1 < runs.count ? try Self.merged(runs[index], runs[index + 1], isBefore) : runs[index])
      }
      runs = merged
    }
    return runs.first ?? []
  }

  /// Of equal ones the left run's come first.
  private static func merged(
    _ left: [Element], _ right: [Element], _ isBefore: (Element, Element) throws -> Bool
  ) throws -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(left.count + right.count)
    var (a, b) = (0, 0)
    while a < left.count, b < right.count {
      if result.count & 0x3FFF == 0 { try LongWork.check() }
      if try isBefore(right[b], left[a]) {
        result.append(right[b])
        b += 1
      } else {
        result.append(left[a])
        a += 1
      }
    }
    result += left[a...]
    result += right[b...]
    return result
  }
}
