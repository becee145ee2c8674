import CSystem
import Diagnostics
import Syntax

/// Where a call stands in the text, for its errors.
struct CallSite {
  /// What is marked when the call itself is wrong.
  var callee: Span
  /// The whole call, for the call stack.
  var whole: Span
  /// In the order in which they were written.
  var arguments: [Span]
  /// The names of arguments given by name; nil for those given by position. Empty: all by position.
  var labels: [String?]
}

/// A place that can be assigned or changed: a variable, and steps into it.
struct PlacePath {
  enum Root {
    case register(Int)
    case cell(Int)
    case upcell(Int)
    /// Can be read, but changed only where an object stands on the way.
    case session(Int)
    /// A captured value, or what an expression gave: a copy in a register, whose change nobody sees.
    case temporary(Int)
  }
  enum Step {
    case member(String)
    case index(Int)
    case subscripts(Int)
  }
  var root: Root
  var steps: [Step]
  var name: String
}

/// The subscripts of `x[2:5, 0]`: registers for what was written, nil for what was left out.
enum SubscriptTemplate {
  case index(Int)
  case slice(start: Int?, stop: Int?, step: Int?)
  case ellipsis
}

/// A remembered look-up of a member.
struct MemberCache {
  /// The kind of value, or the class of the object.
  var key: UInt = 0
  var entry: Unmanaged<Builtin>?
  /// Fields: the identity of the keys and the place among them.
  private(set) var keys: UnsafeMutableRawPointer?
  var place = 0
  /// The keys stay alive as long as the cache, so that no others take their address.
  private var held: RecordKeys?

  mutating func hold(_ keys: RecordKeys) {
    held = keys
    self.keys = Unmanaged.passUnretained(keys).toOpaque()
  }
}

/// The part of a prototype that the machine's loop reads, reached without counting references.
struct CodeHeader {
  var entry: UnsafeMutablePointer<Instruction>
  var constants: UnsafeMutablePointer<Value>
  var caches: UnsafeMutablePointer<MemberCache>
  var frameSize: Int
  var clearFrom: Int
  var parameterCount: Int
  var requiredCount: Int
  var prototype: Unmanaged<Prototype>?
  /// The prototype's builtins, to be called without counting references.
  var builtins: UnsafeMutablePointer<Unmanaged<Builtin>>
}

/// A compiled function: instructions and what they refer to. Immutable, apart from its caches.
final class Prototype {
  enum Capture {
    case register(Int)
    case upvalue(Int)
    /// The function that makes this one.
    case itself
  }

  let name: String
  let source: SourceText
  /// The whole function, for `??`.
  let span: Span
  let parameters: [String]
  /// Variables in the order of their registers, the parameters first; empty at top level.
  let registerNames: [String]
  let captureNames: [String]
  let defaults: [String?]
  let requiredCount: Int
  let frameSize: Int
  let isMain: Bool
  /// The first register that is let go of when the function ends: at top level, what lies above the session's names.
  let clearFrom: Int

  let header: UnsafeMutablePointer<CodeHeader>
  let code: UnsafeMutablePointer<Instruction>
  let codeCount: Int
  let entry: UnsafeMutablePointer<Instruction>
  let constants: UnsafeMutablePointer<Value>
  let constantCount: Int
  let caches: UnsafeMutablePointer<MemberCache>
  let cacheCount: Int
  let spans: [Span]
  let sites: [Int: CallSite]
  let children: [Prototype]
  let captures: [Capture]
  /// The same, to be looked at without counting references.
  let childStorage: UnsafeMutablePointer<Unmanaged<Prototype>>
  let captureStorage: UnsafeMutablePointer<Capture>
  let captureCount: Int
  let templates: [RecordKeys]
  let subscripts: [[SubscriptTemplate]]
  let pathStorage: UnsafeMutablePointer<PlacePath>
  let pathCount: Int
  /// Labels of the calls that name arguments, by the place of the call.
  let namedCalls: [Int: [String?]]
  let formats: [FormatSpecification]
  let builtins: [Builtin]
  private let builtinStorage: UnsafeMutablePointer<Unmanaged<Builtin>>

  init(
    name: String, source: SourceText, span: Span, parameters: [String], registerNames: [String],
    captureNames: [String], defaults: [String?], frameSize: Int, isMain: Bool, clearFrom: Int, code: [Instruction],
    entry: Int, constants: [Value], cacheCount: Int, spans: [Span],
    sites: [Int: CallSite], children: [Prototype], captures: [Capture], templates: [RecordKeys],
    subscripts: [[SubscriptTemplate]], paths: [PlacePath], formats: [FormatSpecification], builtins: [Builtin]
  ) {
    self.name = name
    self.source = source
    self.span = span
    self.parameters = parameters
    self.registerNames = registerNames
    self.captureNames = captureNames
    self.defaults = defaults
    self.requiredCount = defaults.firstIndex { $0 != nil } ?? parameters.count
    self.frameSize = frameSize
    self.isMain = isMain
    self.clearFrom = clearFrom
    self.codeCount = code.count
    self.code = .allocate(capacity: max(1, code.count))
    self.code.initialize(from: code, count: code.count)
    self.entry = self.code + entry
    self.constantCount = constants.count
    self.constants = .allocate(capacity: max(1, constants.count))
    self.constants.initialize(from: constants, count: constants.count)
    self.cacheCount = cacheCount
    self.caches = .allocate(capacity: max(1, cacheCount))
    self.caches.initialize(repeating: MemberCache(), count: cacheCount)
    self.spans = spans
    self.sites = sites
    self.children = children
    self.captures = captures
    childStorage = .allocate(capacity: max(1, children.count))
    childStorage.initialize(from: children.map(Unmanaged.passUnretained), count: children.count)
    captureStorage = .allocate(capacity: max(1, captures.count))
    captureStorage.initialize(from: captures, count: captures.count)
    captureCount = captures.count
    self.templates = templates
    self.subscripts = subscripts
    pathCount = paths.count
    pathStorage = .allocate(capacity: max(1, paths.count))
    pathStorage.initialize(from: paths, count: paths.count)
    namedCalls = sites.compactMapValues { $0.labels.isEmpty ? nil : $0.labels }
    self.formats = formats
    self.builtins = builtins
    builtinStorage = .allocate(capacity: max(1, builtins.count))
    builtinStorage.initialize(from: builtins.map(Unmanaged.passUnretained), count: builtins.count)
    header = .allocate(capacity: 1)
    header.initialize(
      to: CodeHeader(
        entry: self.entry, constants: self.constants, caches: self.caches, frameSize: frameSize, clearFrom: clearFrom,
        parameterCount: parameters.count, requiredCount: requiredCount, prototype: nil, builtins: builtinStorage))
    header.pointee.prototype = Unmanaged.passUnretained(self)
  }

  deinit {
    header.deallocate()
    code.deallocate()
    constants.deinitialize(count: constantCount)
    constants.deallocate()
    caches.deinitialize(count: cacheCount)
    caches.deallocate()
    pathStorage.deinitialize(count: pathCount)
    pathStorage.deallocate()
    childStorage.deallocate()
    captureStorage.deallocate()
    builtinStorage.deallocate()
  }

  /// "area(w, h=1)".
  var signature: String {
    let shown = zip(parameters, defaults).map { name, value in value.map { "\(name)=\($0)" } ?? name }
    return "\(name)(\(shown.joined(separator: ", ")))"
  }
}

/// A function of the script: compiled code and what it captured.
public final class Closure: FunctionValue {
  /// Counted as the machine counts values (see `Registers.swift`), for closures are made often.
  private let compiled: Unmanaged<Prototype>
  private(set) var captures: UnsafeMutablePointer<Value>
  /// The captures, where they are few: then a closure is one piece of memory.
  private var few = Few()

  /// Room for two values, which this object makes and ends itself.
  private struct Few {
    var owner: UnsafeMutableRawPointer?
    var first: (UInt64, UInt64) = (0, 0)
    var second: (UInt64, UInt64) = (0, 0)
    static let count = 2
  }

  var prototype: Prototype { compiled.takeUnretainedValue() }
  var captureCount: Int { compiled._withUnsafeGuaranteedRef { $0.captureCount } }
  public override var name: String { compiled._withUnsafeGuaranteedRef { $0.name } }

  /// The captures are for the maker to initialise, all of them.
  init(_ compiled: Unmanaged<Prototype>, header: UnsafeMutablePointer<CodeHeader>, captureCount: Int) {
    twin_retain(compiled.toOpaque())
    self.compiled = compiled
    captures = header.pointee.constants
    super.init(header: header)
    if captureCount <= Few.count {
      // A stored property of an object does not move.
      captures =
        withUnsafeMutableBytes(of: &few.first) { $0.baseAddress }?.assumingMemoryBound(to: Value.self) ?? captures
    } else {
      captures = .allocate(capacity: 1 + captureCount) + 1
    }
    (UnsafeMutableRawPointer(captures) - 8).storeBytes(
      of: Unmanaged.passUnretained(self).toOpaque(), as: UnsafeMutableRawPointer.self)
  }

  /// The closure that captures belong to: it stands in the word in front of them, uncounted.
  static func owner(of captures: UnsafeMutablePointer<Value>) -> Closure {
    let owner = (UnsafeRawPointer(captures) - 8).load(as: UnsafeMutableRawPointer.self)
    return Unmanaged<Closure>.fromOpaque(owner).takeUnretainedValue()
  }

  /// Whether few captures lie in memory as the machine reads them; a test asks.
  static var layoutIsAsExpected: Bool {
    MemoryLayout<Few>.offset(of: \.owner) == 0 && MemoryLayout<Few>.offset(of: \.first) == 8
      && MemoryLayout<Few>.offset(of: \.second) == 8 + MemoryLayout<Value>.stride
  }

  public override var signature: String { prototype.signature }
  public override var parameterNames: [String] { prototype.parameters }
  public override var source: String? { prototype.source.slice(prototype.span) }

  /// Where it was written.
  public var place: Place { Place(prototype.source, prototype.span) }

  private var holdsOthers: Bool {
    for index in 0..<captureCount where (captures + index).holdsOthers { return true }
    return false
  }

  override func handOver(to pending: inout [Value]) {
    for index in 0..<captureCount {
      pending.append(captures[index])
      captures[index] = .none
    }
  }

  deinit {
    if holdsOthers {
      var held: [Value] = []
      handOver(to: &held)
      dismantle(&held)
    }
    let count = captureCount
    for index in 0..<count { (captures + index).letGo() }
    if count > Few.count { (captures - 1).deallocate() }
    twin_release(compiled.toOpaque())
  }
}

/// A captured variable that changes.
final class Cell: HostObject {
  var value: Value
  /// Who knows of all cells, and where this one stands there.
  private let registry: CellRegistry?
  var place = -1

  init(_ value: Value, registry: CellRegistry? = nil) {
    self.value = value
    self.registry = registry
  }

  override func handOver(to pending: inout [Value]) {
    pending.append(value)
    value = .none
  }

  deinit {
    registry?.remove(self)
    if value.holdsOthers {
      var items = [value]
      value = .none
      dismantle(&items)
    }
  }
}
