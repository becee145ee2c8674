// Stands in until Tensor lands from branch tensors, which deletes this file.
#if canImport(Glibc)
import Glibc
#endif
public struct Tensor: Sendable { public let shape: [Int]; var v: [Float]; public var count: Int { v.count }
  public init(shape: [Int], _ fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) throws { self.shape = shape; v = Array(repeating: 0, count: shape.reduce(1,*)); try v.withUnsafeMutableBufferPointer { try fill($0) } }
  public init(_ values: [Float], shape: [Int]) throws { v = values; self.shape = shape }
  public init(scalar: Float) { v = [scalar]; shape = [] }; public var item: Float? { v.first }
  public func withUnsafeBuffer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R { try v.withUnsafeBufferPointer(body) }
  public var values: [Float] { v } }
public struct RandomStream { var s: UInt64; public init(seed: UInt64, stream: UInt64 = 0) { s = seed &* 77 &+ stream &+ 1 }
  public mutating func nextUInt64() -> UInt64 { s &+= 0x9E3779B97F4A7C15; var z = s; z = (z ^ (z >> 30)) &* 0xBF58476D1CE4E5B9; z = (z ^ (z >> 27)) &* 0x94D049BB133111EB; return z ^ (z >> 31) }
  public mutating func uniform() -> Double { Double(nextUInt64() >> 11) / 9007199254740992 }
  public mutating func normal() -> Double { sqrt(-2*log(1-uniform())) * cos(6.283185307*uniform()) } }
struct B: @unchecked Sendable { let f: (Int) -> Void; let n: Int; let t: Int }
public final class Workers: Sendable { public static let shared = Workers()
  public let threads: Int = getenv("TWINBOOK_THREADS").flatMap { Int(String(cString: $0)) } ?? 2
  public func parallel(slices: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { f in
    var ts: [pthread_t] = []
    for t in 1..<max(2, threads) where threads > 1 { var p = pthread_t(); let b = Unmanaged.passRetained(Box(B(f: f, n: slices, t: t), threads))
      pthread_create(&p, nil, { a in let b = Unmanaged<Box>.fromOpaque(a!).takeRetainedValue(); var i = b.b.t; while i < b.b.n { b.b.f(i); i += b.k }; return nil }, b.toOpaque()); ts.append(p) }
    var i = 0; while i < slices { f(i); i += max(1, threads) }
    for p in ts { pthread_join(p, nil) } } } }
final class Box { let b: B; let k: Int; init(_ b: B, _ k: Int) { self.b = b; self.k = k } }
public final class Tape {}
extension RandomStream {
  public func split(_ key: UInt64) -> RandomStream { var c = self; return RandomStream(seed: c.nextUInt64(), stream: key &* 0xBF58476D1CE4E5B9) }
  public mutating func int(below n: Int) -> Int { Int(nextUInt64() % UInt64(n)) }
  public mutating func shuffle<T>(_ a: inout [T]) { for i in stride(from: a.count - 1, to: 0, by: -1) { a.swapAt(i, int(below: i + 1)) } }
}
extension RandomStream: Sendable {}
