import Diagnostics

extension Machine {
  // MARK: Fields of records

  @inline(__always)
  func getField(_ record: Register, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>, _ result: Register)
    throws
  {
    // Read first, written afterwards: a write may release something, before which the optimiser would count references.
    var number = 0.0
    let kind: UInt8 = record.unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { box in
      guard cache.pointee.keys == Unmanaged.passUnretained(box.keys).toOpaque() else { return .max }
      let place = cache.pointee.place
      // By the buffer: the array's own count is a call here, in a function as large as the machine's loop.
      return box.values.withUnsafeBufferPointer { values in
        guard place < values.count, let base = values.baseAddress else { return .max }
        guard case .number(let found) = (base + place).pointee else { return ValueKind.empty }
        number = found
        return ValueKind.number
      }
    }
    if kind == ValueKind.number { return result.set(number) }
    if kind == .max { return try getFieldSlowly(record, name, cache, result) }
    record.unmanaged(RecordBox.self)._withUnsafeGuaranteedRef { box in
      box.values.withUnsafeBufferPointer {
        if let base = $0.baseAddress { result.set(from: base + cache.pointee.place) }
      }
    }
  }

  @inline(never)
  private func getFieldSlowly(
    _ record: Register, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>, _ result: Register
  ) throws {
    guard case .record(let box) = record.pointee, case .string(let text) = name.pointee else { return }
    if let place = box.place(of: text) {
      remember(box.keys, place, cache)
      result.pointee = box.values[place]
      return
    }
    if let entry = registry.member(text.text, of: "record") {
      nativeTop = frameTop
      result.pointee = try member(entry, of: record.pointee)
      return
    }
    throw RuntimeError.unknownField(text.text, near: nearFieldName(text.text, box), fields: box.names)
  }

  /// Names of shared keys never change, so that their places may be remembered.
  private func remember(_ keys: RecordKeys, _ place: Int, _ cache: UnsafeMutablePointer<MemberCache>) {
    guard keys.isShared else { return }
    cache.pointee.hold(keys)
    cache.pointee.place = place
  }

  func nearFieldName(_ name: String, _ record: RecordBox) -> String? {
    nearName(name, among: record.names)
  }

  @inline(__always)
  func setField(_ record: Register, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>, _ value: Register)
    throws
  {
    try withRecord(record) { box in
      if cache.pointee.keys == Unmanaged.passUnretained(box.keys).toOpaque() {
        let place = cache.pointee.place
        let isSet = box.values.withUnsafeMutableBufferPointer { values in
          guard place < values.count, let base = values.baseAddress else { return false }
          (base + place).set(from: value)
          return true
        }
        if isSet { return }
      }
      try setFieldSlowly(box, name, cache, value)
    }
  }

  @inline(never)
  private func setFieldSlowly(
    _ box: RecordBox, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>, _ value: Register
  ) throws {
    guard case .string(let text) = name.pointee else { return }
    if let place = box.place(of: text) {
      remember(box.keys, place, cache)
      box.values[place] = value.pointee
    } else {
      try set(text, of: box, to: value.pointee)
    }
  }

  /// `record[name]`.
  @inline(never)
  func getRecordItem(_ record: Register, _ name: Register, _ result: Register) throws {
    let (box, text) = (record.unmanaged(RecordBox.self), name.unmanaged(StringBox.self))
    let place = box._withUnsafeGuaranteedRef { box in text._withUnsafeGuaranteedRef { box.place(of: $0) } }
    guard let place else {
      // The error's words.
      result.pointee = try item(of: record.pointee, name.pointee)
      return
    }
    box._withUnsafeGuaranteedRef { box in
      box.values.withUnsafeBufferPointer { if let base = $0.baseAddress { result.set(from: base + place) } }
    }
  }

  /// `record[name] = value`.
  @inline(never)
  func setRecordItem(_ record: Register, _ name: Register, _ value: Register) throws {
    try withRecord(record) { box in
      let text = name.unmanaged(StringBox.self)
      if let place = text._withUnsafeGuaranteedRef({ box.place(of: $0) }) {
        box.values.withUnsafeMutableBufferPointer { values in
          if let base = values.baseAddress { (base + place).set(from: value) }
        }
      } else if case .string(let text) = name.pointee {
        try set(text, of: box, to: value.pointee)
      }
    }
  }

  /// `record.get(name)` and `record.get(name, default)`, which the machine knows itself, for counting by names consists of
  /// little else. False: it is for the method to say what is wrong.
  @inline(__always)
  private func getOrDefault(_ base: Register, _ count: Int) -> Bool {
    let name = base + 1
    guard count == 1 || count == 2, name.kind == ValueKind.string else { return false }
    let (box, text) = (base.unmanaged(RecordBox.self), name.unmanaged(StringBox.self))
    let place = box._withUnsafeGuaranteedRef { box in text._withUnsafeGuaranteedRef { box.place(of: $0) } }
    // The name's register holds what was found until the record may go.
    if let place {
      box._withUnsafeGuaranteedRef { box in
        box.values.withUnsafeBufferPointer { if let first = $0.baseAddress { name.set(from: first + place) } }
      }
      if count == 2 { (base + 2).letGo() }
    } else if count == 2 {
      name.take(from: base + 2)
    } else {
      name.letGo()
    }
    base.take(from: name)
    return true
  }

  /// Sets or adds a field of an unshared record.
  func set(_ name: StringBox, of box: RecordBox, to value: Value) throws {
    if box.count >= context.limits.items, box.value(name) == nil {
      throw RuntimeError.tooLarge("a record", Double(box.count) + 1)
    }
    try checkGrowth(box)
    box.set(name, to: value)
  }

  // MARK: Members of anything else

  @inline(never)
  func getMember(_ object: Register, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>, _ result: Register)
    throws
  {
    if let entry = remembered(object, name, cache) {
      result.pointee = try member(entry, of: object.pointee)
      return
    }
    result.pointee = try unregisteredMember(of: object.pointee, name.pointee.asText ?? "")
  }

  /// The registered member of a value's type, looked up once for each place in the text and kind of value.
  @inline(__always)
  private func remembered(
    _ object: Register, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>
  ) -> Builtin? {
    let key = cacheKey(object)
    if cache.pointee.key == key, let entry = cache.pointee.entry { return entry.takeUnretainedValue() }
    return lookedUp(object, name, key, cache)
  }

  @inline(never)
  private func lookedUp(
    _ object: Register, _ name: Register, _ key: UInt, _ cache: UnsafeMutablePointer<MemberCache>
  ) -> Builtin? {
    guard let entry = registry.member(name.pointee.asText ?? "", of: object.pointee.typeName) else { return nil }
    cache.pointee.key = key
    cache.pointee.entry = Unmanaged.passUnretained(entry)
    return entry
  }

  /// The kind of a value, or the class of an object.
  @inline(__always)
  private func cacheKey(_ object: Register) -> UInt {
    guard object.kind == ValueKind.object else { return UInt(object.kind) + 1 }
    return object.unmanaged(HostObject.self)._withUnsafeGuaranteedRef {
      UInt(bitPattern: ObjectIdentifier(type(of: $0)))
    }
  }

  /// In a call a record's own field hides the method of that name only if it can be called itself: so words that a program
  /// counts may be called `get` or `keys`.
  @inline(__always)
  private func hidesMethod(_ object: Register, _ name: Register) -> Bool {
    guard object.kind == ValueKind.record, name.kind == ValueKind.string else { return false }
    // Neither is counted here: this is asked at each call of a method.
    let (record, text) = (object.unmanaged(RecordBox.self), name.unmanaged(StringBox.self))
    return record._withUnsafeGuaranteedRef { box in
      guard let place = text._withUnsafeGuaranteedRef({ box.place(of: $0) }) else { return false }
      return isCallable(box.values[place])
    }
  }

  private func isCallable(_ value: Value) -> Bool {
    switch value {
    case .function: true
    case .object(let object): object.callParameters != nil
    default: false
    }
  }

  private func unregisteredMember(of value: Value, _ name: String) throws -> Value {
    var candidates = registry.memberNames(of: value.typeName)
    if case .object(let object) = value {
      if let found = try object.member(name, context) { return found }
      candidates += object.memberNames
      if let other = try object.standIn() {
        if let entry = registry.member(name, of: other.typeName) { return try member(entry, of: .object(other)) }
        candidates += registry.memberNames(of: other.typeName)
      }
    }
    throw RuntimeError.unknownMember(name, type: value.typeName, near: nearName(name, among: candidates))
  }

  /// A property's value, or a method bound to its receiver.
  func member(_ entry: Builtin, of value: Value) throws -> Value {
    guard entry.kind == .property else { return .function(BoundMethod(entry, receiver: value)) }
    let spare = nativeTop
    try reserve(spare + 2)
    spare.pointee = value
    // Native code that is called from the property begins above its receiver.
    nativeTop = spare + 1
    defer {
      nativeTop = spare
      spare.letGo()
    }
    return try entry.run(Arguments(entry, base: spare + 1, receiver: spare), context)
  }

  func member(_ name: String, of value: Value) throws -> Value {
    if case .record(let box) = value, let found = box[name] { return found }
    if let entry = registry.member(name, of: value.typeName) { return try member(entry, of: value) }
    if case .record(let box) = value {
      throw RuntimeError.unknownField(name, near: nearFieldName(name, box), fields: box.names)
    }
    return try unregisteredMember(of: value, name)
  }

  func setMember(of place: Register, _ name: String, to new: Value) throws {
    if place.kind == ValueKind.record {
      return try withRecord(place) { try set(StringBox(name), of: $0, to: new) }
    }
    guard case .object(let object) = place.pointee else {
      throw RuntimeError.fieldsNotAssignable(place.pointee.typeName, name)
    }
    try object.setMember(name, to: new, context)
  }

  // MARK: Methods

  /// `receiver.name(…)`. True: a closure (a record's field) stands in the receiver's register and is to be called.
  @inline(never)
  func callMethod(
    _ base: Register, _ count: Int, _ name: Register, _ cache: UnsafeMutablePointer<MemberCache>,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Bool {
    // The common case: a method that was looked up here before, and no field that hides it.
    if let known = cache.pointee.entry, cache.pointee.key == cacheKey(base), !hidesMethod(base, name),
      known._withUnsafeGuaranteedRef({ $0.kind != .property })
    {
      let labels = self.labels(frame)
      if known.toOpaque() == getOfRecords, labels.isEmpty, getOrDefault(base, count) { return false }
      try known._withUnsafeGuaranteedRef { try callMethod($0, base, count, labels: labels) }
      return false
    }
    guard case .string(let nameBox) = name.pointee else { return false }
    if base.kind == ValueKind.record, case .record(let box) = base.pointee, let field = box.value(nameBox),
      isCallable(field) || registry.member(nameBox.text, of: "record") == nil
    {
      base.pointee = field
      let labels = self.labels(frame)
      if labels.isEmpty, case .function(let function) = field, function.header != nil { return true }
      if !labels.isEmpty, case .function(let function) = field, let closure = function as? Closure {
        try bind(closure.prototype, base + 1, count, labels: labels)
        try invoke(base, count: closure.prototype.parameters.count, labels: [])
        return false
      }
      try invoke(base, count: count, labels: labels)
      return false
    }
    if let entry = remembered(base, name, cache) {
      if entry.kind == .property {
        base.pointee = try member(entry, of: base.pointee)
        switch base.pointee {
        case .function, .object: break
        default: throw RuntimeError.propertyCalled(nameBox.text)
        }
        try invoke(base, count: count, labels: labels(frame))
      } else {
        try callMethod(entry, base, count, labels: labels(frame))
      }
      return false
    }
    let text = nameBox.text
    if case .record(let box) = base.pointee {
      throw RuntimeError.unknownField(
        text, near: nearName(text, among: box.names + registry.memberNames(of: "record")), fields: box.names)
    }
    base.pointee = try unregisteredMember(of: base.pointee, text)
    try invoke(base, count: count, labels: labels(frame))
    return false
  }

  /// The names of the arguments of the call that a frame is at.
  func labels(_ frame: UnsafeMutablePointer<Frame>) -> [String?] {
    guard let prototype = frame.pointee.header.pointee.prototype else { return [] }
    let pc = frame.pointee.pc
    return prototype._withUnsafeGuaranteedRef { $0.namedCalls.isEmpty ? [] : $0.namedCalls[pc - $0.code - 1] ?? [] }
  }

  /// `place.name(…)`, where the method may change what stands at the place.
  @inline(never)
  func changeMethod(
    _ base: Register, _ count: Int, _ name: Register, _ extra: Instruction, _ registers: Register,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws {
    guard let prototype = frame.pointee.header.pointee.prototype else { return }
    let cache = frame.pointee.header.pointee.caches + extra.bc
    let path = prototype._withUnsafeGuaranteedRef { UnsafePointer($0.pathStorage) + Int(extra.a) }
    let labels = self.labels(frame)
    if case .register(let register) = path.pointee.root, path.pointee.steps.isEmpty {
      // The common case: a variable.
      let place = registers + register
      if let entry = remembered(place, name, cache), entry.mutating != nil, !hidesMethod(place, name) {
        try callMutating(entry, place, base + 1, count, labels: labels, result: base)
        return
      }
    } else if try changeAt(path.pointee, name.pointee.asText ?? "", base, count, labels, registers, frame) {
      return
    }
    // No list or record, or a method that changes nothing: an ordinary call.
    base.pointee = try value(at: path.pointee, registers, frame)
    if try callMethod(base, count, name, cache, frame) {
      try invoke(base, count: count, labels: [])
    }
  }

  private func hidesMethod(_ value: Value, _ name: String) -> Bool {
    guard case .record(let box) = value, let field = box[name] else { return false }
    return isCallable(field)
  }

  private func changeAt(
    _ path: PlacePath, _ name: String, _ base: Register, _ count: Int, _ labels: [String?], _ registers: Register,
    _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Bool {
    guard let entry = try mutatingMethod(name, at: path, registers, frame) else { return false }
    if case .session = path.root, !(try passesObject(path, registers, frame)) {
      throw RuntimeError.mutatesSessionName(path.name)
    }
    return try withPlace(path, registers, frame) { place in
      try self.callMutating(entry, place, base + 1, count, labels: labels, result: base)
      return true
    }
  }

  private func mutatingMethod(
    _ name: String, at path: PlacePath, _ registers: Register, _ frame: UnsafeMutablePointer<Frame>
  ) throws -> Builtin? {
    let target = try value(at: path, registers, frame)
    guard let entry = registry.member(name, of: target.typeName), entry.mutating != nil, !hidesMethod(target, name)
    else { return nil }
    return entry
  }
}
