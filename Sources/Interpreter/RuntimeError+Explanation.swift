import Diagnostics
import Syntax

extension RuntimeError: ExplainedError {
  public var explanation: Explanation {
    switch self {
    case .unknownName(let name, let near, let owners, let isCalled):
      Explanation("unknown name `\(name)`", help: Self.unknownNameAdvice(name, near, owners, isCalled))
    case .unsetName(let name, let sessionHas):
      sessionHas
        ? Explanation(
          "`\(name)` has no value yet in this function",
          help: "a function that assigns `\(name)` has its own; give it a first value, or take the session's as a "
            + "parameter")
        : Explanation("`\(name)` has no value yet", help: "assign it before it is read")
    case .mutatesSessionName(let name):
      Explanation(
        "a function can read the session's `\(name)`, but not change it",
        help: "copy it first (`mine = \(name)`), change the copy and return it")
    case .unknownMember(let name, let type, let near):
      Explanation(
        "\(isPlural(type) ? "\(type) have" : "\(article(type)) has") no `\(name)`",
        help: (type == "none" ? nil : foreignMemberAdvice(name, of: type) ?? near.map { "did you mean `\($0)`?" })
          ?? Self.memberAdvice(of: type))
    case .unknownField(let name, let near, let fields):
      Explanation(
        "the record has no field `\(name)`",
        help: near.map { "did you mean `\($0)`?" } ?? foreignFieldAdvice(name)
          ?? (fields.isEmpty ? "it has no fields" : "it has \(fields.prefix(8).joined(separator: ", "))"))
    case .missingKey(let key, let near):
      Explanation(
        "the record has no field \"\(key)\"",
        help: near.map { "did you mean \"\($0)\"?" } ?? "`r.get(\"\(key)\", default)` gives a default")
    case .notIndexable(let type):
      Explanation("\(article(type)) cannot be indexed", help: Self.indexableAdvice(of: type))
    case .oneIndex(let type, let got):
      Explanation(
        "\(type == "pairs" ? "pairs are" : "\(article(type)) is") indexed by a whole number, got \(got)",
        help: "x[0] is the first; [x[i] for i in places] takes several")
    case .itemsNotAssignable(let type):
      Explanation(
        "items of \(article(type)) cannot be assigned",
        help: type == "tensor"
          ? "a tensor never changes; `x = setitem(x, places, values)` gives a new one"
          : type == "string"
            ? "a string never changes; join its parts: s[:2] + \"x\" + s[3:]"
            : (type == "gallery" ? foreignMemberAdvice("add", of: type) : nil)
              ?? "only those of lists and records can: xs = list(x); xs[0] = 5")
    case .severalSubscripts(let type, let count):
      Explanation(
        "\(article(type)) takes one index at a time, got \(count)",
        help: type == "list"
          ? "of a list in a list: xs[i][j]; tensor(xs) takes x[i, j]"
          : type == "function" ? Self.calledFunctionAdvice : "write one behind the other: x[i][j]")
    case .ellipsisOf(let type):
      Explanation(
        "`...` stands for the axes of a tensor, and \(article(type)) has none",
        help: type == "list" ? "tensor(xs) has axes; xs[:] is the whole list" : "x[:] is the whole of it")
    case .severalPlaces(let type, let got, let isRange):
      Explanation(
        "\(article(type)) is indexed by a whole number or a slice, got \(got)",
        help: isRange
          ? "a part is a slice: xs[2:5]"
          : type == "list"
            ? "[xs[i] for i in places] takes several; a tensor does it by itself: tensor(xs)[[0, 2]]"
            : "[x[i] for i in places] takes several")
    case .badRepetition(let what, let times):
      Explanation(
        "\(what) is repeated a whole number of times, got \(formatNumber(times))",
        help: times.isFinite
          ? "floor(n), ceil(n) or round(n) makes a number whole" : "nothing is repeated without end")
    case .sliceCount(let places, let values):
      Explanation(
        "a slice with a step that has \(places == 1 ? "1 place" : "\(places) places") takes as many values, got \(values)",
        help: "only a slice without a step can grow or shrink the list: xs[1:3] = [7, 8, 9]")
    case .zeroStep:
      Explanation("the step of a slice cannot be 0", help: "xs[::2] takes every second item, xs[::-1] goes backwards")
    case .fieldsNotAssignable(let type, let name):
      Explanation(
        "`\(name)` of \(article(type)) cannot be assigned",
        help: "only fields of records can: r = {\(name): 1}; r.\(name) = 2")
    case .notCallable(let type):
      Explanation("\(article(type)) cannot be called", help: Self.callableAdvice(of: type))
    case .hiddenFunction(let name, let type):
      Explanation(
        "`\(name)` is \(article(type)) here, which cannot be called, and hides the function `\(name)`",
        help: "call the value something else; %undo takes a cell back, %reset all names")
    case .propertyCalled(let name):
      Explanation(
        "`\(name)` is no method, but a property",
        help: name == "size"
          ? "x.shape are the lengths of a tensor's axes, x.size is the count of its numbers"
          : "write it without parentheses: x.\(name)")
    case .notIterable(let type):
      Explanation(
        "`for` cannot go over \(article(type))",
        help: type == "number"
          ? "a range counts: `0..<n`" : Self.indexableAdvice(of: type))
    case .badIndex(let type, let got):
      Explanation(
        "an index of \(article(type)) must be \(type == "record" ? "a string" : "a whole number"), got \(got)",
        help: Self.indexAdvice(of: type, got: got))
    case .indexOutOfRange(let type, let index, let count):
      Explanation(
        count == 0
          ? "index \(formatNumber(index)) is out of range: the \(type) \(type == "pairs" ? "are" : "is") empty"
          : type == "pairs"
            ? "index \(formatNumber(index)) is out of range: there \(count == 1 ? "is 1 pair" : "are \(count) pairs")"
            : "index \(formatNumber(index)) is out of range: the \(type) has \(counted(count, type))",
        help: count == 0
          ? "ask before: if len(x) > 0 { x[0] }" : "indexes go from 0 to \(count - 1), or from -1 back to -\(count)")
    case .badOperands(let op, let left, let right):
      badOperandsWords(op, left, right)
    case .notLayer(let neighbour): notLayerWords(neighbour)
    case .badUnary(let op, let type):
      Explanation("`\(op)` does not work on \(article(type))", help: Self.unaryAdvice(type))
    case .notComparable(let left, let right):
      Explanation(
        "\(article(left)) and \(article(right)) have no order",
        help: left == "tensor" || right == "tensor"
          ? "maximum(a, b) and minimum(a, b) compare tensors item by item, max(x) and min(x) look into one"
          : Set([left, right]) == ["number", "string"]
            ? "number(text) or str(x) makes both of one kind"
            : Set([left, right]) == ["list", "number"] || Set([left, right]) == ["range", "number"]
              ? "tensor(xs) > 2 compares each number, and [x for x in xs if x > 2] chooses"
              : left == "none" || right == "none"
                ? Self.noneAdvice : "compare a part of them: a.age < b.age; == asks whether they are equal")
    case .notCondition(let type):
      Explanation(
        "a condition must be true or false, got \(article(type))",
        help: type == "tensor"
          ? "a tensor of several items, or of none, is neither; use `.all()` or `.any()`"
          : "ask for something: x != none, x > 0, len(x) > 0")
    case .divisionByZero(let op):
      Explanation(
        op == "%" ? "remainder of a division by zero" : "division by zero",
        help: op == "^" ? "0 to a negative power is 1 / 0" : Self.divisorAdvice)
    case .tooManyArguments(let signature, let most, let got):
      Explanation(
        most == 0
          ? "\(signature) takes no arguments, got \(got)"
          : "\(signature) takes \(most == 1 ? "1 argument" : "at most \(most) arguments"), got \(got)",
        help: foreignCallAdvice(signature))
    case .missingArgument(let signature, let name, let got):
      Explanation("\(signature) needs `\(name)`", help: Self.argumentAdvice(signature, name, got))
    case .unknownArgument(let signature, let name, let near) where near == name:
      Explanation(
        "`\(name)` is not given by its name", help: "leave `\(name)=` out; the signature is \(signature)")
    case .unknownArgument(let signature, let name, let near):
      Self.unknownArgument(name, of: signature, near: near)
    case .repeatedArgument(let signature, let name):
      Explanation("`\(name)` is given twice", help: "the signature is \(signature)")
    case .namedOnly(let signature, let name):
      Explanation(
        "too many arguments by position: `\(name)` is given by name, `\(name)=…`",
        help: "the signature is \(signature)")
    case .unpackCount(let expected, let got, let type):
      Explanation(
        "\(expected) names cannot take \(got == 1 ? "1 value" : "\(got) values")",
        help: Self.unpackAdvice(expected, got, type))
    case .notUnpackable(let type):
      Explanation(
        "\(article(type)) cannot be taken apart into several names",
        help: type == "image"
          ? "its class is im.class; `for im, label in zip(data, data.labels)` goes over images and numbers of classes"
          : type == "number"
            ? "a list can: `a, b = [1, 2]`; `for i, x in enumerate(xs)` counts the items"
            : "a list can: `a, b = [1, 2]`")
    case .runawayRecursion(let limit):
      Explanation(
        "runaway recursion: \(limit) calls are open", help: "does the function reach a case that does not call itself?")
    case .nativeRecursion(let limit):
      Explanation(
        "runaway recursion: \(limit) calls from within builtins are open",
        help: "does the function reach a case that does not call itself?")
    case .stepLimit(let limit):
      Explanation("stopped after \(limit) steps", help: "does every loop come to an end?")
    case .tooLarge(let what, let count):
      Explanation("\(what) of \(formatNumber(count)) items is too large", help: "work in smaller parts")
    case .tooDeep(let what):
      Explanation("the values are nested too deeply to \(what)", help: "take a part of them: x[0]")
    case .badFormat(let spec, let reason):
      Explanation("cannot format with `\(spec)`: \(reason)", help: "such as {x:.3}, {x:.2f}, {x:,}, {x:>8}, {x:.1%}")
    case .strangerAmongFormatted(let what):
      Explanation(
        "a format for numbers reaches \(what) inside a list",
        help: "give each item its own: [\"{x:.2f}\" for x in xs].join(\", \")")
    case .rangeTooFar(let end):
      Explanation(
        "a range goes in steps of one, and beyond 9007199254740992 not every whole number can be told from the next: "
          + formatNumber(end), help: "subtract what all of them have in common, and count from 0")
    case .assertion(let message):
      Explanation(
        message ?? "assertion failed",
        help: message == nil ? "a reason may stand behind the condition: assert(x > 0, \"x is {x}\")" : nil)
    case .tooComplex(let what):
      Explanation("too complex: \(what)", help: "split it into functions")
    case .includeCycle(let path):
      Explanation(
        "include(\"\(path)\") goes in a circle: the file is already being included",
        help: "leave one include out, or put what both files need into a third, which each of them includes")
    case .includeFailed(let path, let reason):
      Explanation(
        "cannot include \"\(path)\": \(reason)",
        help: "a path counts from the folder of the file that includes it")
    case .includePlace:
      Explanation(
        "include stands at the top level, not inside a function", help: "put it on a line before the function")
    case .changedWhileUsed:
      Explanation("the value changed while it was being changed", help: "change a copy: copied = xs[:]")
    }
  }
}

/// A kind of values whose name is a plural: "distances have no …".
func isPlural(_ type: String) -> Bool { ["pairs", "distances"].contains(type) }

/// "a list", "an image", "none".
func article(_ type: String) -> String {
  switch type {
  case "none", "nothing": type
  default: ("aeiou".contains(type.first ?? "x") ? "an " : "a ") + type
  }
}

private func counted(_ count: Int, _ type: String) -> String {
  let unit = type == "string" ? "character" : type == "range" ? "number" : "item"
  return count == 1 ? "1 \(unit)" : "\(count) \(unit)s"
}

private func badOperandsWords(_ op: String, _ left: String, _ right: String) -> Explanation {
  let help =
    switch (op, left, right) {
    case ("+", "string", _), ("+", _, "string"): "put it into the text: \"… {x}\", or use str(x)"
    case ("+", "list", "number"), ("+", "number", "list"):
      "`xs + [x]` adds one item; tensor(xs) + 1 adds to each number"
    case ("+", "list", _), ("+", _, "list"): "`xs + [x]` adds one item"
    case ("+", "record", "record"): "a.merge(b) has the fields of both"
    case ("=", _, _): "a slice takes a list: xs[1:2] = [7, 8]"
    case ("%", "string", _): "put it into the text: \"{x:.2f}\""
    case ("-", "string", _), ("-", _, "string"), ("*", "string", "string"), ("/", "string", _), ("/", _, "string"):
      "number(text) gives the number that a text says"
    case ("-", "list", _), ("/", "list", _), ("*", "list", "list"), ("^", "list", _):
      "tensor(xs) takes part in arithmetic"
    case ("in", _, "string"): "a part of a string is a string: str(x) in text"
    case ("in", _, _): "`in` asks for an item of a list or range, a key of a record, or a part of a string"
    case ("@", _, _): "`@` is the matrix product of tensors"
    case (">>", "number", "number"): "floor(x / 2 ^ n) shifts bits; `>>` joins layers, and functions"
    case (">>", _, _): "`>>` joins layers with layers, and functions with functions"
    case ("|>", _, _): "`x |> f` gives x to a function"
    case (_, "none", _), (_, _, "none"): RuntimeError.noneAdvice
    default: RuntimeError.typeAdvice
    }
  return Explanation("`\(op)` does not work on \(article(left)) and \(article(right))", help: help)
}

/// A chain of layers takes no function, which has neither weights nor a place in a network's file.
private func notLayerWords(_ neighbour: RuntimeError.LayerNeighbour) -> Explanation {
  let name = neighbour.name
  if neighbour.makesLayers, let name {
    return Explanation(
      "`\(name)` is no layer before it is called", help: "as in \(name)(…); help(\"\(name)\") has an example")
  }
  let called = name ?? "f"
  let message = "\(name.map { "`\($0)`" } ?? "a function") is no layer, and `>>` joins layers with layers"
  if neighbour.standsFirst {
    return Explanation(message, help: "x -> net(\(called)(x)) calls it before the network")
  }
  let softmax =
    ["softmax", "logsoftmax"].contains(called) ? "; crossentropy takes the outputs as they are, without it" : ""
  return Explanation(message, help: "x -> \(called)(net(x)) calls it behind the network" + softmax)
}
