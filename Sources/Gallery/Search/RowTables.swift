import Foundation
import Memory
import Tensors

/// Where chunks are, without counting references to them: the rows that they are of keep them. Unchecked, because nothing
/// of it changes once it is made.
final class RowTables: @unchecked Sendable {
  let count: Int
  let floats: UnsafeMutablePointer<UnsafePointer<Float>>
  let codes: UnsafeMutablePointer<UnsafePointer<Int8>>
  let terms: UnsafeMutablePointer<UnsafePointer<Int32>>

  init(_ chunks: [RowChunk]) {
    count = chunks.count
    floats = .allocate(capacity: max(1, count))
    codes = .allocate(capacity: max(1, count))
    terms = .allocate(capacity: max(1, count))
    for (index, chunk) in chunks.enumerated() {
      (floats + index).initialize(to: UnsafePointer(chunk.floats))
      (codes + index).initialize(to: UnsafePointer(chunk.codes))
      (terms + index).initialize(to: UnsafePointer(chunk.terms))
    }
  }

  deinit {
    floats.deallocate()
    codes.deallocate()
    terms.deallocate()
  }
}

/// The scale that the file has is too small for new rows: it has to be written anew.
struct RowsNeedRescaling: Error { var scale: Double }

/// `EmbeddingRows.chunkRows` rows, in memory of their own or in a file's.
final class RowChunk {
  let floats: UnsafeMutablePointer<Float>
  let codes: UnsafeMutablePointer<Int8>
  let terms: UnsafeMutablePointer<Int32>
  /// How far the eight bits of any of its rows are off at most.
  var worst = 0.0
  private let source: UnsafePointer<Double>?
  private let release: () -> Void

  init(width: Int, padded: Int) {
    let rows = EmbeddingRows.chunkRows
    let floats = UnsafeMutablePointer<Float>.allocate(capacity: max(1, rows * width))
    let codes = UnsafeMutableRawPointer.allocate(byteCount: max(64, rows * padded), alignment: 64)
      .bindMemory(to: Int8.self, capacity: max(64, rows * padded))
    let terms = UnsafeMutablePointer<Int32>.allocate(capacity: rows)
    // The kernel takes eight rows at a time, also where fewer are there.
    floats.initialize(repeating: 0, count: max(1, rows * width))
    codes.initialize(repeating: 0, count: max(64, rows * padded))
    terms.initialize(repeating: 0, count: rows)
    (self.floats, self.codes, self.terms) = (floats, codes, terms)
    source = nil
    release = {
      floats.deallocate()
      codes.deallocate()
      terms.deallocate()
    }
  }

  /// Somebody else's memory, which is only read.
  init(
    floats: UnsafeMutablePointer<Float>, codes: UnsafeMutablePointer<Int8>, terms: UnsafeMutablePointer<Int32>,
    worst: UnsafePointer<Double>, release: @escaping () -> Void
  ) {
    (self.floats, self.codes, self.terms) = (floats, codes, terms)
    source = worst
    self.release = release
    look()
  }

  /// Takes in how far the rows are off that somebody else has added.
  func look() {
    if let source { worst = max(worst, source.pointee) }
  }

  deinit { release() }
}

/// Some rows in eight bits, on their way into a chunk. Unchecked, because each task writes rows of its own.
final class CodedRows: @unchecked Sendable {
  let rows: Int
  let codes: UnsafeMutablePointer<Int8>
  let terms: UnsafeMutablePointer<Int32>
  var worst = 0.0

  init(rows: Int, padded: Int) {
    self.rows = rows
    codes = .allocate(capacity: max(1, rows * padded))
    terms = .allocate(capacity: max(1, rows))
    terms.initialize(repeating: 0, count: max(1, rows))
    codes.initialize(repeating: 0, count: max(1, rows * padded))
  }

  deinit {
    codes.deallocate()
    terms.deallocate()
  }
}

/// One value for each slice of parallel work. Unchecked, because each slice writes its own.
final class RowMemory<Value>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Value>
  let count: Int

  init(_ count: Int, _ value: Value) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: value, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  subscript(index: Int) -> Value {
    get { base[index] }
    set { base[index] = newValue }
  }

  var values: [Value] { Array(UnsafeBufferPointer(start: base, count: count)) }
  var pointer: UnsafeMutablePointer<Value> { base }
}
