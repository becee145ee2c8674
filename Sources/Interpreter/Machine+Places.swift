import Diagnostics

extension Machine {
  // MARK: Cells and session names

  @inline(__always)
  func readCell(_ register: Register, _ result: Register, _ name: Register) throws {
    let cell = register.unmanaged(Cell.self)
    // Counters and sums are what is captured most: a number counts no references.
    let number: Double? = cell._withUnsafeGuaranteedRef {
      if case .number(let number) = $0.value { number } else { nil }
    }
    if let number { return result.set(number) }
    let value = cell._withUnsafeGuaranteedRef { $0.value }
    if case .unset = value { throw RuntimeError.unsetName(name.pointee.asText ?? "", sessionHas: sessionHas(name)) }
    result.pointee = value
  }

  @inline(__always)
  func writeCell(_ register: Register, _ value: Register) {
    register.unmanaged(Cell.self)._withUnsafeGuaranteedRef { cell in
      withUnsafeMutablePointer(to: &cell.value) { $0.set(from: value) }
    }
  }

  private func sessionHas(_ name: Register) -> Bool {
    guard let slot = session.find(name.pointee.asText ?? "") else { return false }
    return !stack[slot].isUnset
  }

  @inline(never)
  func makeClosure(_ index: Int, _ result: Register, _ frame: UnsafeMutablePointer<Frame>) {
    guard let parent = frame.pointee.header.pointee.prototype else { return }
    let prototype = parent._withUnsafeGuaranteedRef { $0.childStorage[index] }
    let (header, captured) = prototype._withUnsafeGuaranteedRef {
      ($0.header, (from: $0.captureStorage, count: $0.captureCount))
    }
    let closure = Closure(prototype, header: header, captureCount: captured.count)
    for place in 0..<captured.count {
      let target = closure.captures + place
      switch captured.from[place] {
      case .register(let register): target.initialize(copyOf: frame.pointee.base + register)
      case .upvalue(let upvalue): target.initialize(copyOf: frame.pointee.captures + upvalue)
      case .itself: target.initialize(to: .function(Closure.owner(of: frame.pointee.captures)))
      }
    }
    result.put(.function(closure))
  }

  /// A name of a function, or of the top level, that has no value. At top level a builtin may stand behind it.
  @inline(never)
  func unsetName(_ name: Value, _ register: Register, _ frame: UnsafeMutablePointer<Frame>) throws {
    let text = name.asText ?? ""
    if register < stack + SessionNames.capacity {
      if let builtin = registry.function(text) {
        register.pointee = try builtinValue(builtin)
        return
      }
      throw unknownName(text)
    }
    let hasSession = session.find(text).map { !stack[$0].isUnset } ?? false
    throw RuntimeError.unsetName(text, sessionHas: hasSession)
  }

  /// A session name that a function reads and that has no value.
  @inline(never)
  func missingSessionName(_ slot: Int, _ result: Register) throws {
    let name = session.names[slot]
    if let builtin = registry.function(name) {
      result.pointee = try builtinValue(builtin)
      return
    }
    throw unknownName(name)
  }

  private func unknownName(_ name: String) -> RuntimeError {
    // Near to a name of the session is a slip. What is called exactly like a method was meant to be one.
    let own = session.assigned.map(\.name)
    let ownNear = nearName(name, among: own)
    let owners = ownNear == nil ? registry.owners(of: name) : []
    // A short name is near to many: `net` is a network of a cell that did not run, and not `det`.
    let known = name.count > 3 ? registry.names : registry.names.filter { $0.lowercased() == name.lowercased() }
    let near = name.count > 3 ? nearName(name, among: own + known) : ownNear ?? nearName(name, among: known)
    return .unknownName(name, near: near.map { .init(name: $0, isOwn: own.contains($0)) }, owners: owners)
  }

  /// A builtin's name as a value: the function, or the constant.
  func builtinValue(_ builtin: Builtin) throws -> Value {
    guard builtin.kind == .constant else { return .function(BuiltinFunction(builtin)) }
    let spare = frameTop
    try reserve(spare + 1)
    return try builtin.run(Arguments(builtin, base: spare), context)
  }

  // MARK: Paths

  private func root(_ path: PlacePath, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>) throws -> Value {
    let value: Value =
      switch path.root {
      case .register(let register), .temporary(let register): registers[register]
      case .cell(let register): registers[register].asObject(Cell.self)?.value ?? .unset
      case .upcell(let index): frame.pointee.captures[index].asObject(Cell.self)?.value ?? .unset
      case .session(let slot): stack[slot]
      }
    if value.isUnset {
      if case .session(let slot) = path.root {
        let spare = nativeTop
        try reserve(spare + 1)
        defer { spare.letGo() }
        try missingSessionName(slot, spare)
        return spare.pointee
      }
      throw RuntimeError.unsetName(path.name, sessionHas: session.find(path.name).map { !stack[$0].isUnset } ?? false)
    }
    return value
  }

  private func step(
    _ step: PlacePath.Step, from value: Value, _ registers: Register, _ templates: Unmanaged<Prototype>?
  ) throws -> Value {
    switch step {
    case .member(let name): return try member(name, of: value)
    case .index(let register): return try item(of: value, registers[register])
    case .subscripts(let template):
      guard let prototype = templates?.takeUnretainedValue() else { return .none }
      return try subscripted(value, try indexValues(prototype.subscripts[template], registers))
    }
  }

  func value(at path: PlacePath, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>) throws -> Value {
    var value = try root(path, registers, frame)
    for step in path.steps {
      value = try self.step(step, from: value, registers, frame.pointee.header.pointee.prototype)
    }
    return value
  }

  /// Whether an object stands on the way: what it holds may be changed from anywhere.
  func passesObject(_ path: PlacePath, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>) throws -> Bool {
    var value = try root(path, registers, frame)
    for step in path.steps {
      if case .object = value { return true }
      value = try self.step(step, from: value, registers, frame.pointee.header.pointee.prototype)
    }
    if case .object = value { return true }
    return false
  }

  /// `a.b[i] = value`.
  @inline(never)
  func setPath(_ index: Int, _ registers: Register, _ value: Value, _ frame: UnsafeMutablePointer<Frame>) throws {
    guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return }
    let path = prototype.pathStorage[index]
    guard let last = path.steps.last else { return }
    var container = path
    container.steps.removeLast()
    if case .session = path.root {
      let target = try self.value(at: container, registers, frame)
      guard case .object = target else {
        if try passesObject(container, registers, frame) {
          try set(last, in: container, to: value, registers, frame)
          return
        }
        throw RuntimeError.mutatesSessionName(path.name)
      }
    }
    try set(last, in: container, to: value, registers, frame)
  }

  private func set(
    _ last: PlacePath.Step, in container: PlacePath, to value: Value, _ registers: Register,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws {
    try withPlace(container, registers, frame) { place in
      switch last {
      case .member(let name): try self.setMember(of: place, name, to: value)
      case .index(let register): try self.setItem(of: place, registers[register], to: value)
      case .subscripts(let template):
        guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return }
        let subscripts = try self.indexValues(prototype.subscripts[template], registers)
        guard case .object(let object) = place.pointee else {
          if subscripts.count == 1, case .slice(let start, let stop, let step) = subscripts[0] {
            return try self.setSlice(of: place, start, stop, step, to: value)
          }
          throw self.noPlace(place.pointee, subscripts)
        }
        try object.setIndex(subscripts, to: value, self.context)
      }
    }
  }

  /// Items of a list and of a record can be assigned, only not by these subscripts.
  private func noPlace(_ container: Value, _ subscripts: [IndexValue]) -> RuntimeError {
    let type = container.typeName
    guard type == "list" || type == "record" else { return .itemsNotAssignable(type) }
    for case .ellipsis in subscripts { return .ellipsisOf(type) }
    return subscripts.count == 1 ? .badIndex(type, got: "a slice") : .severalSubscripts(type, count: subscripts.count)
  }

  /// `xs[1:3] = [7, 8, 9]`.
  private func setSlice(of place: Register, _ start: Int?, _ stop: Int?, _ step: Int?, to value: Value) throws {
    guard place.kind == ValueKind.list else {
      throw noPlace(place.pointee, [.slice(start: start, stop: stop, step: step)])
    }
    let added: [Value]
    switch value {
    case .list(let new): added = new.items
    case .range(let range):
      try checkSize(range.count, "a list")
      added = (0..<range.count).map { .number(range.start + Double($0)) }
    default: throw RuntimeError.badOperands("=", "slice of a list", value.typeName)
    }
    if let step, step != 1 {
      // One value for each place, as in Python.
      let count = place.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.count }
      let places = Array(try slicePlaces(count, start, stop, step).list)
      guard places.count == added.count else {
        throw RuntimeError.sliceCount(places: places.count, values: added.count)
      }
      withList(place) { box in for (index, item) in zip(places, added) { box.items[index] = item } }
      return
    }
    try withList(place) { box in
      let count = box.items.count
      func clamp(_ bound: Int) -> Int { max(0, min(count, bound < 0 ? bound + count : bound)) }
      let first = clamp(start ?? 0)
      let last = max(first, clamp(stop ?? count))
      guard count + added.count <= context.limits.items else {
        throw RuntimeError.tooLarge("a list", Double(count + added.count))
      }
      try checkGrowth(box, by: added.count)
      box.items.replaceSubrange(first..<last, with: added)
    }
  }

  // MARK: Parts that grow

  /// Whether a part and what is added to it are lists or strings, so that it can grow where it stands.
  @inline(__always)
  private func grows(_ part: Register, by value: Register) -> Bool {
    part.kind == value.kind && (part.kind == ValueKind.list || part.kind == ValueKind.string)
  }

  /// `xs[i] += value`. False: the sum stands in `part`, and is yet to be assigned.
  @inline(never)
  func growItem(_ part: Register, of list: Register, _ index: Register, by value: Register) throws -> Bool {
    if grows(part, by: value), list.kind == ValueKind.list, let number = index.pointee.asNumberOrItem {
      let count = list.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.count }
      if let place = Self.place(number, count) {
        part.letGo()
        try withList(list) { box in
          try box.items.withUnsafeMutableBufferPointer { items in
            if let base = items.baseAddress { try addSlowly(base + place, value, base + place) }
          }
        }
        return true
      }
    }
    if grows(part, by: value), list.kind == ValueKind.record, case .string(let name) = index.pointee {
      return try growField(part, of: list, name, by: value)
    }
    try addSlowly(part, value, part)
    return false
  }

  @inline(never)
  func growField(_ part: Register, of record: Register, _ name: Register, by value: Register) throws -> Bool {
    if grows(part, by: value), record.kind == ValueKind.record, case .string(let name) = name.pointee {
      return try growField(part, of: record, name, by: value)
    }
    try addSlowly(part, value, part)
    return false
  }

  private func growField(
    _ part: Register, of record: Register, _ name: StringBox, by value: Register
  ) throws -> Bool {
    guard let place = fieldPlace(name, of: record) else {
      try addSlowly(part, value, part)
      return false
    }
    part.letGo()
    try withRecord(record) { box in
      try box.values.withUnsafeMutableBufferPointer { values in
        if let base = values.baseAddress { try addSlowly(base + place, value, base + place) }
      }
    }
    return true
  }

  @inline(never)
  func growPlace(
    _ part: Register, at index: Int, _ registers: Register, by value: Register, _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Bool {
    guard grows(part, by: value), let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else {
      try addSlowly(part, value, part)
      return false
    }
    let path = prototype.pathStorage[index]
    // What a function reads of the session it must not change; the assignment that follows says so. A slice is a copy,
    // whose sum takes its place.
    var isCopy = path.steps.contains { if case .subscripts = $0 { true } else { false } }
    if case .session = path.root { isCopy = true }
    guard !isCopy else {
      try addSlowly(part, value, part)
      return false
    }
    part.letGo()
    try withPlace(path, registers, frame) { place in try addSlowly(place, value, place) }
    return true
  }

  /// Changes what stands at a place. The variable is emptied meanwhile, and so is each item on the way: what a function
  /// that is called from here sees of it is `none`, and each list or record is copied only if others hold it too. All is
  /// put back also where the change fails.
  ///
  /// Whether a list is unshared is asked where it stands: a `switch` over the value would hold it a second time.
  func withPlace<R>(
    _ path: PlacePath, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>, _ body: (Register) throws -> R
  ) throws -> R {
    let prototype = frame.pointee.header.pointee.prototype
    func descend(_ place: Register, _ steps: ArraySlice<PlacePath.Step>) throws -> R {
      guard let first = steps.first else { return try body(place) }
      let rest = steps.dropFirst()
      switch (first, place.kind) {
      case (.member(let name), ValueKind.record):
        if let index = fieldPlace(StringBox(name), of: place) { return try field(index, of: place, rest) }
        _ = try member(name, of: place.pointee)
      case (.index(let register), ValueKind.record):
        if case .string(let name) = registers[register], let index = fieldPlace(name, of: place) {
          return try field(index, of: place, rest)
        }
        _ = try item(of: place.pointee, registers[register])
      case (.index(let register), ValueKind.list):
        let count = place.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.count }
        if let number = registers[register].asNumberOrItem, let index = Self.place(number, count) {
          return try listItem(index, of: place, rest)
        }
        _ = try item(of: place.pointee, registers[register])
      default: break
      }
      // An object, or something that gives a copy: objects keep the change, others say that they cannot.
      var inner = try step(first, from: place.pointee, registers, prototype)
      let result = try withUnsafeMutablePointer(to: &inner) { try descend($0, rest) }
      if case .object = inner { return result }
      switch first {
      case .member(let name): try setMember(of: place, name, to: inner)
      case .index(let register): try setItem(of: place, registers[register], to: inner)
      case .subscripts: break
      }
      return result
    }
    func field(_ index: Int, of place: Register, _ rest: ArraySlice<PlacePath.Step>) throws -> R {
      withRecord(place) { _ in }
      let box = place.unmanaged(RecordBox.self)
      var inner = Value.none
      box._withUnsafeGuaranteedRef { swap(&inner, &$0.values[index]) }
      defer { box._withUnsafeGuaranteedRef { if index < $0.values.count { $0.values[index] = inner } } }
      return try withUnsafeMutablePointer(to: &inner) { try descend($0, rest) }
    }
    func listItem(_ index: Int, of place: Register, _ rest: ArraySlice<PlacePath.Step>) throws -> R {
      withList(place) { _ in }
      let box = place.unmanaged(ListBox.self)
      var inner = Value.none
      box._withUnsafeGuaranteedRef { swap(&inner, &$0.items[index]) }
      defer { box._withUnsafeGuaranteedRef { if index < $0.items.count { $0.items[index] = inner } } }
      return try withUnsafeMutablePointer(to: &inner) { try descend($0, rest) }
    }
    func cell(_ value: Value) throws -> R {
      guard let cell = value.asObject(Cell.self) else { throw RuntimeError.changedWhileUsed }
      if cell.value.isUnset { _ = try root(path, registers, frame) }
      var held = Value.none
      swap(&held, &cell.value)
      defer { cell.value = held }
      return try withUnsafeMutablePointer(to: &held) { try descend($0, path.steps[...]) }
    }
    switch path.root {
    case .register(let register), .temporary(let register):
      var held = (registers + register).taken()
      defer { registers[register] = held }
      return try withUnsafeMutablePointer(to: &held) { try descend($0, path.steps[...]) }
    case .cell(let register): return try cell(registers[register])
    case .upcell(let index):
      outerWrites &+= 1
      return try cell(frame.pointee.captures[index])
    case .session:
      var held = try root(path, registers, frame)
      return try withUnsafeMutablePointer(to: &held) { try descend($0, path.steps[...]) }
    }
  }

  private func fieldPlace(_ name: StringBox, of record: Register) -> Int? {
    record.unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { $0.place(of: name) }
  }
}
