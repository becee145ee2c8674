/// A value of JSON (RFC 8259). Objects keep the order of their members, numbers their digits, and each value knows its
/// line: a cell of a notebook is found again by it.
public struct JSONValue: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])
  }

  public struct Member: Sendable, Equatable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  public var content: Content
  /// The line of the text on which it begins, from 1; 0 where it was not read.
  public var line: Int

  public init(_ content: Content, line: Int = 0) {
    self.content = content
    self.line = line
  }

  /// By content alone.
  public static func == (a: JSONValue, b: JSONValue) -> Bool { a.content == b.content }

  public static let null = JSONValue(.null)
  public static let emptyObject = JSONValue(.object([]))
  public static func string(_ text: String) -> JSONValue { JSONValue(.string(text)) }
  public static func strings(_ texts: [String]) -> JSONValue { JSONValue(.array(texts.map { .string($0) })) }
  public static func int(_ number: Int) -> JSONValue { JSONValue(.number(String(number))) }
  public static func bool(_ flag: Bool) -> JSONValue { JSONValue(.bool(flag)) }
  public static func array(_ items: [JSONValue]) -> JSONValue { JSONValue(.array(items)) }
  public static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    JSONValue(.object(members.map { Member($0.key, $0.value) }))
  }

  public var string: String? { if case .string(let text) = content { text } else { nil } }
  public var bool: Bool? { if case .bool(let flag) = content { flag } else { nil } }
  public var array: [JSONValue]? { if case .array(let items) = content { items } else { nil } }
  public var members: [Member]? { if case .object(let members) = content { members } else { nil } }
  public var isNull: Bool { content == .null }

  public var int: Int? {
    guard case .number(let digits) = content else { return nil }
    return Int(digits) ?? Double(digits).flatMap { Int(exactly: $0) }
  }

  /// With the members of all objects by their names.
  public var sorted: JSONValue {
    switch content {
    case .array(let items): JSONValue(.array(items.map(\.sorted)), line: line)
    case .object(let members):
      JSONValue(
        .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name }), line: line)
    default: self
    }
  }

  /// A member of an object. Set to nil, it is taken away; a new one stands at the end.
  public subscript(name: String) -> JSONValue? {
    get { members?.last { $0.name == name }?.value }
    set {
      var members = members ?? []
      guard let newValue else {
        members.removeAll { $0.name == name }
        content = .object(members)
        return
      }
      if let index = members.lastIndex(where: { $0.name == name }) {
        members[index].value = newValue
      } else {
        members.append(Member(name, newValue))
      }
      content = .object(members)
    }
  }
}
