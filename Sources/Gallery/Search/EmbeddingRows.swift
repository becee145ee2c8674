import Foundation
import Memory
import Tensors

/// Embeddings in rows, twice: as the floats that they are, and in eight bits with how far that is off at most.
///
/// A row x, or x / |x| where angles are compared, stands as whole numbers c from −127 to 127 with x ≈ scale · c. What is
/// lost, |x − scale · c|, is measured for each row; the worst of a chunk is kept, and makes the first look of
/// `RowSearch` exact. Rows are added at the end and never move; chunks have one size, so that each is one task.
///
/// Unchecked, because nobody else uses it while one thread adds rows; several may read.
final class EmbeddingRows: @unchecked Sendable {
  static let chunkRows = 4096

  /// Numbers of a row.
  let width: Int
  /// Bytes of a row in eight bits, a multiple of 32.
  let padded: Int
  /// Whether the eight bits are of rows of length 1.
  let isNormalised: Bool
  /// How much finer a query's whole numbers are than a row's, a power of two: as fine as sums in 32 bits allow. 0: rows are
  /// so wide that even that is too much, and there are no eight bits.
  let factor: Int
  /// What 1 of the eight bits is worth.
  private(set) var scale: Double
  private(set) var count = 0
  private(set) var chunks: [RowChunk] = []
  /// How often rows at the end were forgotten: others may stand in their place.
  private(set) var cuts = 0
  /// Where each chunk's parts are, for those who go from row to row.
  private(set) var tables = RowTables([])
  /// Where the rows also stand on the disk.
  let file: RowsFile?

  var hasCodes: Bool { factor > 0 }

  /// - Parameter scale: at least; for rows whose size is known beforehand.
  init(width: Int, isNormalised: Bool, file: RowsFile? = nil, scale: Double = 0) {
    self.width = width
    self.isNormalised = isNormalised
    self.file = file
    padded = (width + 31) / 32 * 32
    factor = Self.factor(padded: padded)
    self.scale = max(scale, file?.scale ?? 0)
  }

  static func factor(padded: Int) -> Int {
    // 1.5 · padded · 127² · factor has to stay below 2³¹.
    var factor = 256
    while factor >= 2, factor * padded > 88_000 { factor /= 2 }
    return factor >= 2 ? factor : 0
  }

  /// Bytes of a chunk.
  static func chunkBytes(width: Int, padded: Int) -> Int { chunkRows * (4 * width + padded + 4) }

  // MARK: Reading

  @inline(__always)
  func row(_ index: Int) -> UnsafePointer<Float> {
    tables.floats[index / Self.chunkRows] + index % Self.chunkRows * width
  }

  @inline(__always)
  func codes(_ index: Int) -> UnsafePointer<Int8> {
    tables.codes[index / Self.chunkRows] + index % Self.chunkRows * padded
  }

  @inline(__always)
  func term(_ index: Int) -> Int32 { tables.terms[index / Self.chunkRows][index % Self.chunkRows] }

  func values(_ index: Int) -> [Float] { Array(UnsafeBufferPointer(start: row(index), count: width)) }

  // MARK: Adding

  /// Adds rows at the end.
  ///
  /// - Parameter values: [new, width], finite.
  /// - Throws: where memory or the disk is full; then nothing was added.
  func append(_ values: UnsafeBufferPointer<Float>) throws {
    guard let base = values.baseAddress, values.count >= width else { return }
    let new = values.count / width
    try reserve(count + new)
    if hasCodes { try widen(for: base, new) }
    var done = 0
    while done < new {
      let at = count + done
      let (chunk, place) = at.quotientAndRemainder(dividingBy: Self.chunkRows)
      let part = min(new - done, Self.chunkRows - place)
      try put(base + done * width, part, chunk: chunk, place: place)
      done += part
    }
    count += new
  }

  func append(_ values: [Float]) throws { try values.withUnsafeBufferPointer { try append($0) } }

  /// Forgets rows at the end; others may be added in their place.
  func truncate(_ rows: Int) {
    guard rows < count else { return }
    count = max(0, rows)
    cuts += 1
  }

  /// Overwrites a row with zeros, for somebody who is forgotten; the row stays. Of rows in a file `RowsFile.clear` does that.
  func clear(_ row: Int) {
    guard file == nil, row >= 0, row < count else { return }
    let (index, place) = row.quotientAndRemainder(dividingBy: Self.chunkRows)
    (chunks[index].floats + place * width).update(repeating: 0, count: width)
    if hasCodes {
      (chunks[index].codes + place * padded).update(repeating: 0, count: padded)
      chunks[index].terms[place] = 0
    }
  }

  /// Takes rows as theirs that another process has added to the file.
  func adopt(_ rows: Int) throws {
    guard rows > count else { return }
    try reserve(rows)
    if let file {
      file.reread()
      scale = file.scale
    }
    for index in count / Self.chunkRows..<chunks.count { chunks[index].look() }
    count = rows
  }

  private func reserve(_ rows: Int) throws {
    let wanted = (rows + Self.chunkRows - 1) / Self.chunkRows
    defer { if chunks.count != tables.count { tables = RowTables(chunks) } }
    while chunks.count < wanted {
      if let file {
        chunks.append(try file.chunk(chunks.count))
      } else {
        try MemoryBudget.check(adding: Self.chunkBytes(width: width, padded: padded))
        chunks.append(RowChunk(width: width, padded: padded))
      }
    }
  }

  private func put(_ from: UnsafePointer<Float>, _ rows: Int, chunk index: Int, place: Int) throws {
    let chunk = chunks[index]
    let coded = CodedRows(rows: rows, padded: hasCodes ? padded : 0)
    if hasCodes { encode(from, rows, into: coded) }
    let worst = max(place == 0 ? 0 : chunk.worst, coded.worst)
    if let file {
      try file.write(
        chunk: index, place: place, floats: UnsafeRawBufferPointer(start: from, count: 4 * rows * width), coded, worst)
    } else {
      (chunk.floats + place * width).update(from: from, count: rows * width)
      if hasCodes {
        (chunk.codes + place * padded).update(from: coded.codes, count: rows * padded)
        (chunk.terms + place).update(from: coded.terms, count: rows)
      }
    }
    chunk.worst = worst
  }

  // MARK: Eight bits

  /// Makes the scale wide enough for new rows; where that changes it, all rows are put into eight bits again.
  private func widen(for from: UnsafePointer<Float>, _ rows: Int) throws {
    let largest = largest(from, rows)
    // Also where the first rows are all zeros: there is no whole number of nothing.
    guard largest > scale * 127.5 || scale == 0 else { return }
    // Some room at the top, so that the next row that is a little larger changes nothing.
    let wider = max(largest * 1.25 / 127, 1e-290)
    if count == 0 {
      try file?.setScale(wider)
      scale = wider
      return
    }
    guard file == nil else { throw RowsNeedRescaling(scale: wider) }
    scale = wider
    for (index, chunk) in chunks.enumerated() {
      let rows = min(Self.chunkRows, count - index * Self.chunkRows)
      guard rows > 0 else { break }
      let coded = CodedRows(rows: rows, padded: padded)
      encode(UnsafePointer(chunk.floats), rows, into: coded)
      chunk.codes.update(from: coded.codes, count: rows * padded)
      chunk.terms.update(from: coded.terms, count: rows)
      chunk.worst = coded.worst
    }
  }

  private func largest(_ from: UnsafePointer<Float>, _ rows: Int) -> Double {
    // Read by all, written by none.
    nonisolated(unsafe) let from = from
    let slices = (rows + 255) / 256
    let most = RowMemory<Double>(slices, 0)
    Workers.shared.parallel(slices: slices) { slice in
      var largest = 0.0
      for row in slice * 256..<min(rows, (slice + 1) * 256) {
        let x = from + row * width
        var one: Float = 0
        for k in 0..<width { one = max(one, abs(x[k])) }
        let length = isNormalised ? length(x) : 1
        if length > 0 { largest = max(largest, Double(one) / length) }
      }
      most[slice] = largest
    }
    return most.values.max() ?? 0
  }

  @inline(__always)
  private func length(_ x: UnsafePointer<Float>) -> Double {
    var sum = 0.0
    for k in 0..<width { sum += Double(x[k]) * Double(x[k]) }
    return sum.squareRoot()
  }

  private func encode(_ from: UnsafePointer<Float>, _ rows: Int, into coded: CodedRows) {
    // Read by all, written by none.
    nonisolated(unsafe) let from = from
    let slices = (rows + 255) / 256
    let worst = RowMemory<Double>(slices, 0)
    let (scale, inverse) = (scale, 1 / scale)
    let half = Int32(factor / 2)
    Workers.shared.parallel(slices: slices) { slice in
      var largest = 0.0
      for row in slice * 256..<min(rows, (slice + 1) * 256) {
        let x = from + row * width
        let length = isNormalised ? length(x) : 1
        let unit = length > 0 ? 1 / length : 0
        let code = coded.codes + row * padded
        var lost = 0.0
        var square: Int32 = 0
        for k in 0..<width {
          let value = isNormalised ? Double(x[k]) * unit : Double(x[k])
          let whole = max(-127, min(127, (value * inverse).rounded()))
          let rest = value - scale * whole
          lost += rest * rest
          let number = Int32(whole)
          code[k] = Int8(truncatingIfNeeded: number)
          square &+= number &* number
        }
        for k in width..<padded { code[k] = 0 }
        coded.terms[row] = half &* square
        largest = max(largest, lost)
      }
      worst[slice] = largest
    }
    // Rounding in double precision cannot make up for so much.
    coded.worst = (worst.values.max() ?? 0).squareRoot() * (1 + 1e-9)
  }

  /// A query as `RowSearch` compares it.
  func query(_ from: UnsafePointer<Float>, into out: UnsafeMutablePointer<Int16>) -> (square: Double, lost: Double) {
    let length = isNormalised ? length(from) : 1
    let unit = length > 0 ? 1 / length : 0
    let step = scale / Double(factor)
    let limit = Double(127 * factor)
    var (square, lost) = (0.0, 0.0)
    for k in 0..<width {
      let value = isNormalised ? Double(from[k]) * unit : Double(from[k])
      let whole = max(-limit, min(limit, (value / step).rounded()))
      let rest = value - step * whole
      lost += rest * rest
      square += whole * whole
      out[k] = Int16(whole)
    }
    for k in width..<padded { out[k] = 0 }
    return (square, lost.squareRoot() * (1 + 1e-9))
  }
}

extension EmbeddingRows {
  /// What row · query − term has to exceed for a row that may be as near as `reach`.
  ///
  /// - Parameters:
  ///   - question: what `query` said of the question.
  ///   - worst: how far the eight bits of the rows are off at most.
  func bound(_ reach: Double, _ question: (square: Double, lost: Double), worst: Double) -> Int32 {
    let factor = Double(factor)
    let reach = (reach + worst + question.lost) / scale * factor
    // |factor · c − d|² ≤ reach², solved for c · d − factor/2 · c². One less for the roundings of this line.
    let bound = ((question.square - reach * reach * (1 + 1e-9)) / (2 * factor)).rounded(.down) - 1
    return bound > Double(Int32.min) ? Int32(min(bound, Double(Int32.max))) : .min
  }

  /// How far the eight bits of any row are off at most.
  var worst: Double { chunks.reduce(0) { max($0, $1.worst) } }
}
