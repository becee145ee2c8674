import Diagnostics

extension Machine {
  /// The first register above the running frame.
  var frameTop: Register {
    guard depth > 0 else { return stack + SessionNames.capacity }
    let frame = frames[depth - 1]
    return frame.base + frame.header.pointee.frameSize
  }

  // MARK: Closures

  /// Arguments by position: fills up with "not given", or says what is wrong.
  @inline(never)
  func bind(_ prototype: Prototype, _ first: Register, _ count: Int) throws {
    let wanted = prototype.parameters.count
    guard count <= wanted else {
      throw RuntimeError.tooManyArguments(signature: prototype.signature, most: wanted, got: count)
    }
    guard count >= prototype.requiredCount else {
      throw RuntimeError.missingArgument(
        signature: prototype.signature, name: prototype.parameters[count], got: count)
    }
    try reserve(first + wanted)
    for index in count..<wanted { first[index] = .unset }
  }

  /// Arguments of which some are named.
  func bind(_ prototype: Prototype, _ first: Register, _ count: Int, labels: [String?]) throws {
    let wanted = prototype.parameters.count
    var bound = [Value](repeating: .unset, count: wanted)
    var given = [Bool](repeating: false, count: wanted)
    var position = 0
    for index in 0..<count {
      var place: Int
      if let label = labels[index] {
        guard let found = prototype.parameters.firstIndex(of: label) else {
          throw RuntimeError.unknownArgument(
            signature: prototype.signature, name: label, near: nearName(label, among: prototype.parameters))
        }
        guard !given[found] else { throw RuntimeError.repeatedArgument(signature: prototype.signature, name: label) }
        place = found
      } else {
        place = position
        position += 1
        guard place < wanted else {
          throw RuntimeError.tooManyArguments(signature: prototype.signature, most: wanted, got: count)
        }
        guard !given[place] else {
          throw RuntimeError.repeatedArgument(
            signature: prototype.signature, name: prototype.parameters[place])
        }
      }
      given[place] = true
      bound[place] = first[index]
    }
    for place in 0..<wanted where !given[place] && prototype.defaults[place] == nil {
      throw RuntimeError.missingArgument(
        signature: prototype.signature, name: prototype.parameters[place], got: count)
    }
    try reserve(first + max(wanted, count))
    for index in 0..<max(wanted, count) { first[index] = index < wanted ? bound[index] : .none }
  }

  // MARK: Anything else that can be called

  /// Calls what stands in `base` with the arguments above it; the result takes its place.
  func invoke(_ base: Register, count: Int, labels: [String?]) throws {
    switch base.pointee {
    case .function(let function):
      switch function {
      case let builtin as BuiltinFunction:
        try callBuiltin(builtin.entry, base + 1, count, labels: labels, result: base)
      case let host as HostFunction:
        try callBuiltin(host.entry, base + 1, count, labels: labels, result: base)
      case let method as BoundMethod:
        base.pointee = method.receiver
        try callMethod(method.entry, base, count, labels: labels)
      case let composed as ComposedFunction:
        var value = try callNatively(composed.steps[0], base, count, labels: labels)
        for step in composed.steps.dropFirst() { value = try call(step, [value]) }
        for index in 0...count { (base + index).letGo() }
        base.pointee = value
      case let closure as Closure:
        let value = try callNatively(closure, base, count, labels: labels)
        for index in 0...count { (base + index).letGo() }
        base.pointee = value
      default: throw RuntimeError.notCallable(function.name)
      }
    case .object(let object):
      guard let parameters = object.callParameters else { throw RuntimeError.notCallable(object.typeName) }
      let entry = Builtin(object.typeName, parameters, area: .core, summary: "", example: "") { arguments, context in
        try object.call(arguments, context)
      }
      try callBuiltin(entry, base + 1, count, labels: labels, result: base)
    default:
      throw RuntimeError.notCallable(base.pointee.typeName)
    }
  }

  private func callNatively(
    _ function: FunctionValue, _ base: Register, _ count: Int, labels: [String?]
  ) throws -> Value {
    let saved = nativeTop
    defer { nativeTop = saved }
    nativeTop = max(frameTop, base + count + 1)
    guard labels.contains(where: { $0 != nil }) else {
      return try call(function, (0..<count).map { base[$0 + 1] })
    }
    if let closure = function as? Closure {
      // Named arguments in order; what was left out stays unset.
      let spare = nativeTop
      try reserve(spare + count + closure.prototype.parameters.count + 1)
      for index in 0..<count { spare[index] = base[index + 1] }
      let wanted = closure.prototype.parameters.count
      defer { for index in 0..<max(wanted, count) { (spare + index).letGo() } }
      try bind(closure.prototype, spare, count, labels: labels)
      return try call(closure, (0..<wanted).map { spare[$0] })
    }
    let spare = nativeTop
    try reserve(spare + count + 1)
    for index in 0..<count { spare[index + 1] = base[index + 1] }
    spare.pointee = .function(function)
    defer { for index in 0...count { (spare + index).letGo() } }
    try invoke(spare, count: count, labels: labels)
    return spare.taken()
  }

  /// A method of what stands in `base`. For a function that is also a method, that is the first argument.
  func callMethod(_ entry: Builtin, _ base: Register, _ count: Int, labels: [String?]) throws {
    if entry.isMember {
      try callBuiltin(entry, base + 1, count, labels: labels, receiver: base, result: base)
    } else {
      try callBuiltin(entry, base, count + 1, labels: labels.isEmpty ? [] : [nil] + labels, result: base)
    }
  }

  /// Binds the arguments, calls, lets go of the arguments and the receiver, stores the result.
  func callBuiltin(
    _ named: Builtin, _ first: Register, _ count: Int, labels: [String?], receiver: Register? = nil, result: Register
  ) throws {
    guard !labels.isEmpty else { return try callBuiltin(named, first, count, receiver: receiver, result: result) }
    let entry = entry(of: named, first, count)
    try entry._withUnsafeGuaranteedRef { entry in
      try withUnsafePointer(to: labels) { names in
        try callEntry(entry, first, count, names, receiver, result) {
          try bindSlowly(entry, first, count, labels: labels)
        }
      }
    }
  }

  /// The same, where no argument is named.
  @inline(never)
  func callBuiltin(
    _ named: Builtin, _ first: Register, _ count: Int, receiver: Register? = nil, result: Register
  ) throws {
    let entry = entry(of: named, first, count)
    try entry._withUnsafeGuaranteedRef { entry in
      try callEntry(entry, first, count, nil, receiver, result) { try bind(entry, first, count) }
    }
  }

  /// The entry for this first argument, of those that share a name.
  @inline(__always)
  private func entry(of named: Builtin, _ first: Register, _ count: Int) -> Unmanaged<Builtin> {
    guard let entries = named.entriesByKind else { return Unmanaged.passUnretained(named) }
    if count > 0, let entry = entries[Int(first.kind)] { return entry }
    return Unmanaged.passUnretained(named.entry(forType: count > 0 ? first.pointee.typeName : "none"))
  }

  @inline(__always)
  private func callEntry(
    _ entry: Builtin, _ first: Register, _ count: Int, _ labels: UnsafePointer<[String?]>?, _ receiver: Register?,
    _ result: Register, bind: () throws -> Void
  ) throws {
    let width = max(entry.parameterCount, count)
    try reserve(first + width)
    do {
      try checkInterrupt()
      try bind()
      nativeTop = max(frameTop, first + width)
      if context.tape != nil, entry.hasNoGradient { try refuseTraced(entry, first, receiver) }
      let value = try entry.run(Arguments(entry, base: first, receiver: receiver, labels: labels), context)
      for index in 0..<width { (first + index).letGo() }
      result.put(value)
    } catch {
      for index in 0..<width { (first + index).letGo() }
      receiver?.letGo()
      throw failed(error, in: entry)
    }
  }

  /// Notes where an error comes from. Nobody else knows which function an argument was given to: `map(chr, [-1])`.
  @inline(never)
  private func failed(_ error: any Error, in entry: Builtin) -> any Error {
    errorTarget = entry
    guard var argument = error as? ArgumentError, argument.explanation.help == nil else { return error }
    argument.explanation.help = pageAdvice(entry)
    return argument
  }

  /// What has no rule for a gradient takes nothing that carries one: it would be lost without a word.
  @inline(never)
  private func refuseTraced(_ entry: Builtin, _ first: Register, _ receiver: Register?) throws {
    if let receiver, receiver.pointee.carriesGradient {
      throw GradientLoss.argument(function: entry.qualifiedName, parameter: nil)
    }
    for index in entry.parameters.indices where first[index].carriesGradient {
      throw ArgumentError(
        index, GradientLoss.argument(function: entry.name, parameter: entry.parameters[index].name).explanation)
    }
  }

  /// As `callBuiltin`, for a method that changes its receiver where it stands.
  func callMutating(
    _ entry: Builtin, _ place: Register, _ first: Register, _ count: Int, labels: [String?], result: Register
  ) throws {
    let width = max(entry.parameterCount, count)
    try reserve(first + width)
    do {
      try checkInterrupt()
      if labels.isEmpty { try bind(entry, first, count) } else { try bindSlowly(entry, first, count, labels: labels) }
      nativeTop = max(frameTop, first + width)
      let value = try withUnsafePointer(to: labels) { labels in
        try entry.mutating?(&place.pointee, Arguments(entry, base: first, labels: labels), context) ?? .none
      }
      for index in 0..<width { (first + index).letGo() }
      result.put(value)
    } catch {
      for index in 0..<width { (first + index).letGo() }
      throw failed(error, in: entry)
    }
  }

  // MARK: Binding for builtins

  @inline(__always)
  private func bind(_ entry: Builtin, _ first: Register, _ count: Int) throws {
    if entry.isSimple, count >= entry.requiredCount, count <= entry.parameterCount {
      for index in count..<entry.parameterCount { (first + index).put(.unset) }
      return
    }
    try bindSlowly(entry, first, count, labels: [])
  }

  @inline(never)
  private func bindSlowly(_ entry: Builtin, _ first: Register, _ count: Int, labels: [String?]) throws {
    let parameters = entry.parameters
    var bound = [Value](repeating: .unset, count: parameters.count)
    var rest: [Value] = []
    let variadic = parameters.firstIndex { $0.isVariadic }
    let named = parameters.firstIndex { $0.isNamedOnly } ?? parameters.count
    var position = 0
    for index in 0..<count {
      let value = first[index]
      if !labels.isEmpty, let label = labels[index] {
        guard let found = parameters.firstIndex(where: { $0.name == label && !$0.isVariadic }) else {
          throw RuntimeError.unknownArgument(
            signature: entry.signature, name: label, near: nearName(label, among: parameters.map(\.name)))
        }
        guard bound[found].isUnset else {
          throw RuntimeError.repeatedArgument(signature: entry.signature, name: label)
        }
        bound[found] = value
      } else if let variadic, position >= variadic {
        rest.append(value)
        position += 1
      } else if position < parameters.count, position < named {
        bound[position] = value
        position += 1
      } else if position < parameters.count {
        throw RuntimeError.namedOnly(signature: entry.signature, name: parameters[position].name)
      } else {
        throw RuntimeError.tooManyArguments(signature: entry.signature, most: named, got: count)
      }
    }
    if let variadic { bound[variadic] = Value(rest) }
    for (index, parameter) in parameters.enumerated() where parameter.defaultText == nil && bound[index].isUnset {
      throw RuntimeError.missingArgument(signature: entry.signature, name: parameter.name)
    }
    for index in 0..<max(parameters.count, count) {
      first[index] = index < parameters.count ? bound[index] : .none
    }
  }
}
