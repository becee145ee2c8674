/// The library's table: functions and constants by name, methods and properties by type.
public struct BuiltinRegistry {
  private var functions: [String: Builtin] = [:]
  private var membersByType: [String: [String: Builtin]] = [:]
  private var mutatingNames: Set<String> = []
  private var fileUses: [String: FileUse] = [:]
  /// Every entry in the order of registration, variants too.
  public private(set) var all: [Builtin] = []

  /// What was added twice and is no overload: "exp". The first stays. A library of which this is not empty has a fault.
  public private(set) var conflicts: [String] = []

  public init() {}

  /// Adds an entry. A function whose name is taken becomes an overload for the types of its `dispatch`.
  public mutating func add(_ builtin: Builtin) {
    guard !isTaken(builtin) else {
      conflicts.append(builtin.qualifiedName)
      return
    }
    all.append(builtin)
    if !builtin.files.isEmpty { fileUses[builtin.name, default: []].formUnion(builtin.files) }
    if let type = builtin.receiver {
      membersByType[type, default: [:]][builtin.name] = builtin
      if builtin.mutating != nil { mutatingNames.insert(builtin.name) }
      return
    }
    for type in builtin.alsoMethodOf { membersByType[type, default: [:]][builtin.name] = builtin }
    guard let first = functions[builtin.name] else {
      functions[builtin.name] = builtin
      return
    }
    if !first.dispatch.isEmpty, builtin.dispatch.isEmpty {
      // The general entry came after a special one: it leads from now on.
      builtin.variants = [first] + first.variants
      first.variants = []
      functions[builtin.name] = builtin
    } else {
      first.variants.append(builtin)
    }
  }

  /// Whether another entry answers for the same name and the same types.
  private func isTaken(_ builtin: Builtin) -> Bool {
    if let type = builtin.receiver { return membersByType[type]?[builtin.name] != nil }
    if builtin.alsoMethodOf.contains(where: { membersByType[$0]?[builtin.name] != nil }) { return true }
    guard let first = functions[builtin.name] else { return false }
    return ([first] + first.variants).contains { other in
      other.kind == .constant || builtin.kind == .constant || (other.dispatch.isEmpty && builtin.dispatch.isEmpty)
        || other.dispatch.contains { builtin.dispatch.contains($0) }
    }
  }

  /// The function or constant of this name; its `variants` are the other entries of the name.
  public func function(_ name: String) -> Builtin? { functions[name] }

  /// A method or property of a type.
  public func member(_ name: String, of type: String) -> Builtin? { membersByType[type]?[name] }

  /// Methods and properties of a type, by name.
  public func members(of type: String) -> [Builtin] {
    (membersByType[type] ?? [:]).values.sorted { $0.name < $1.name }
  }

  /// What `help("dataset")` and `help(x)` show: a line for all that stands behind a dot; nil where nothing does.
  ///
  /// - Parameter types: a value's type, and that of the value that stands in for it.
  public func memberList(of types: [String]) -> String? {
    let members = types.flatMap(members(of:))
    guard let first = members.first else { return nil }
    let lines = members.map { "  .\($0.name)  \($0.summary)" }
    return (["\(types[0]) has"] + lines + ["", "help(\"\(first.qualifiedName)\") tells more."]).joined(separator: "\n")
  }

  /// The types whose values have something of this name behind a dot.
  func owners(of name: String) -> [String] { membersByType.filter { $0.value[name] != nil }.keys.sorted() }

  public func memberNames(of type: String) -> [String] { (membersByType[type] ?? [:]).keys.sorted() }

  /// Types that have methods or properties.
  public var types: [String] { membersByType.keys.sorted() }

  /// Names of functions and constants, sorted.
  public var names: [String] { functions.keys.sorted() }

  /// What `help("dataset.split")` or `help("conv")` means; several entries where a name has variants, or where it is a
  /// method of several types and no function.
  public func entries(named name: String) -> [Builtin] {
    if let dot = name.firstIndex(of: ".") {
      let type = String(name[..<dot])
      let member = String(name[name.index(after: dot)...])
      return membersByType[type]?[member].map { [$0] } ?? []
    }
    if let function = functions[name] { return [function] + function.variants }
    return types.compactMap { membersByType[$0]?[name] }
  }

  /// Names that `entries(named:)` knows, for near names in `help`.
  public var helpNames: [String] {
    names + types.flatMap { type in memberNames(of: type).flatMap { ["\(type).\($0)", $0] } }
  }

  /// What a call of this name may do with files, whichever overload or type's method it means.
  public func fileUse(of name: String) -> FileUse { fileUses[name] ?? [] }

  /// Whether some list or record method of this name changes its receiver in place.
  func isMutating(_ name: String) -> Bool { mutatingNames.contains(name) }
}
