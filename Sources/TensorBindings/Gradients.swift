import Diagnostics
import Interpreter
import Tensors

/// The gradient of a function was asked for at, or gave, something that has none.
enum GradientError: ExplainedError {
  case input(String)
  case result(String)

  var explanation: Explanation {
    switch self {
    case .input(let words):
      Explanation(
        "a gradient is taken at a number, a tensor, or a list or record of them, got \(words)")
    case .result(let words):
      Explanation("a gradient wants a function that gives one number, got \(words)", help: "end it with sum or mean")
    }
  }
}

extension TensorBindings {
  static func registerGradients(_ registry: inout BuiltinRegistry) {
    registerDetach(&registry)
    let function = TypedParameter.function("f")
    let place = TypedParameter.value("x", "number, tensor, list or record")
    registry.add(
      Builtin(
        "gradient", .of(function, place), area: .gradients,
        summary: "The gradient of f at x, in the shape of x.",
        details: """
          f takes x and gives one number. x may be a list or a record of tensors and numbers: the gradient is one \
          too. Operations are recorded on a tape and walked backwards; gradients of gradients work. Where a function \
          has a corner (abs, relu, max, sqrt at 0) a subgradient is taken: 0 for abs, relu and sqrt at 0, equal shares \
          for equal maxima. What changes in steps (floor, round, comparisons, places) has slope 0. A builtin that has no \
          rule refuses a value that carries a gradient; detach(x) takes it out on purpose. All of it is counted in float32, \
          also where x is a number.
          """,
        example: """
          gradient(x -> x ^ 3, 2)
          #> 12
          gradient(w -> (w * w).sum(), tensor([1, 2]))
          #> tensor([2, 4])
          """, errors: ["f must give one number", "x must hold numbers or tensors"], seeAlso: ["grad"]
      ) { args, context in
        let f = try args[function]
        if f.requiredCount > 1 {
          throw ArgumentError(
            function, "gradient: f takes one value, and \(f.signature) needs \(f.requiredCount)",
            help: "grad(f, wrt=[0, 1])(x, y) gives the gradients for both")
        }
        return try gradient(of: f, at: args[place], context)
      })
    registerSlopes(&registry)
  }

  private static func registerSlopes(_ registry: inout BuiltinRegistry) {
    let function = TypedParameter.function("f")
    let wanted = TypedParameter<(places: [Int], isList: Bool)>(
      .optional("wrt", "number or list of numbers", default: 0, namedOnly: true)
    ) { args, place in
      guard args.isGiven(place) else { return ([0], false) }
      return (try args.ints(place, in: 0...63), args[place].asNumber == nil)
    }
    registry.add(
      Builtin(
        "grad", .of(function, wanted), area: .gradients, returns: "function",
        summary: "The function that gives f's gradient for its first argument, or for those of wrt=.",
        details: """
          grad(f)(x, …) is gradient(x -> f(x, …), x); grad(grad(f)) is the second derivative. wrt= counts arguments from \
          0: wrt=1 is the second one's gradient, wrt=[0, 1] gives a list of both. Gradients are counted in float32, also at \
          numbers.
          """,
        example: """
          slope = grad(x -> x ^ 3)
          slope(2)
          #> 12
          grad(slope)(2)
          #> 12
          grad((w, b) -> w * 5 + b, wrt=[0, 1])(2, 3)
          #> [5, 1]
          """, errors: ["f must give one number"], seeAlso: ["gradient"]
      ) { args, _ in
        let function = try args[function]
        let (places, isList) = try args[wanted]
        let parameters = argumentsOfGradient(function)
        let name = "grad(\(function.name))"
        return Value(
          HostFunction(name: name, parameters: parameters) { args, context in
            let given = try givenArguments(args, parameters, name)
            for place in places where place >= given.count {
              throw ArgumentError(-1, "\(name): wrt=\(place) is an argument that was not given")
            }
            let found = try gradient(of: function, at: Value(places.map { given[$0] }), context) { variables in
              var all = given
              for (place, variable) in zip(places, variables.asItems ?? []) { all[place] = variable }
              return all
            }
            return isList ? found : found.asItems?.first ?? .none
          })
      })
  }

  private static func registerDetach(_ registry: inout BuiltinRegistry) {
    let x = TypedParameter.value("x", "tensor, number or list")
    registry.add(
      Builtin(
        "detach", .of(x), area: .gradients,
        summary: "The same value as a constant: a gradient that is being taken does not go through it.",
        example: "gradient(x -> x * detach(x), 3)\n#> 3", seeAlso: ["gradient"], alsoMethodOf: ["tensor"]
      ) { args, _ in
        func detached(_ value: Value) -> Value {
          switch value {
          case .tensor(let box): TensorOperators.value(box.tensor.detached)
          case .list(let box): Value(box.items.map(detached))
          case .record(let box): Value(fields: box.fields.map { ($0.name, detached($0.value)) })
          default: value
          }
        }
        return detached(try args[x])
      })
  }

  /// What grad(f) takes: f's own parameters where it has names for them.
  private static func argumentsOfGradient(_ function: FunctionValue) -> [BuiltinParameter] {
    let names = function.parameterNames
    guard function.builtin == nil, let first = names.first else {
      return [.required("x", "number, tensor, list or record"), .variadic("rest", "values")]
    }
    return [.required(first, "number, tensor, list or record")]
      + names.dropFirst().map { .optional($0, "value", "its own") }
  }

  /// The arguments in f's order; those after the last one given have f's own defaults.
  private static func givenArguments(
    _ args: Arguments, _ parameters: [BuiltinParameter], _ name: String
  ) throws -> [Value] {
    if parameters.last?.isVariadic == true {
      return parameters.indices.flatMap { parameters[$0].isVariadic ? args[$0].asItems ?? [] : [args[$0]] }
    }
    let count = (parameters.indices.last { args.has($0) } ?? 0) + 1
    return try (0..<count).map { index in
      guard args.has(index) else {
        throw ArgumentError(-1, "\(name): give `\(parameters[index].name)` too, since a later argument is given")
      }
      return args[index]
    }
  }

  /// `grad` and `gradient`.
  ///
  /// - Parameter arguments: what the function is called with, for the place's value as variables.
  static func gradient(
    of function: FunctionValue, at place: Value, _ context: ExecutionContext,
    arguments: (Value) -> [Value] = { [$0] }
  ) throws -> Value {
    var inputs: [Tensor] = []
    try collect(place, into: &inputs)
    let outer = context.tape
    let tape = outer ?? Tape()
    context.tape = tape
    defer { context.tape = outer }
    let found = try gradients(
      of: { variables in
        var next = variables[...]
        let result = try context.call(function, arguments(rebuilt(place, from: &next, asNumbers: false)))
        if let tensor = try TensorOperators.operand(result) { return tensor }
        throw GradientError.result(result.inWords)
      }, at: inputs, on: tape)
    var next = found[...]
    return rebuilt(place, from: &next, asNumbers: true)
  }

  private static func collect(_ value: Value, into inputs: inout [Tensor]) throws {
    switch value {
    case .number(let number): inputs.append(Tensor(scalar: Float(number)))
    case .tensor(let box): inputs.append(box.tensor)
    case .list(let box): for item in box.items { try collect(item, into: &inputs) }
    case .record(let box): for (_, field) in box.fields { try collect(field, into: &inputs) }
    default: throw GradientError.input(value.inWords)
    }
  }

  private static func rebuilt(_ value: Value, from tensors: inout ArraySlice<Tensor>, asNumbers: Bool) -> Value {
    switch value {
    case .list(let box): return Value(box.items.map { rebuilt($0, from: &tensors, asNumbers: asNumbers) })
    case .record(let box):
      return Value(fields: box.fields.map { ($0.name, rebuilt($0.value, from: &tensors, asNumbers: asNumbers)) })
    default:
      guard let tensor = tensors.popFirst() else { return .none }
      return asNumbers ? TensorOperators.value(tensor) : Value(tensor)
    }
  }
}
