import Tensors

/// A file of HDF5, as Keras (through h5py) writes its weights: a tree of groups, arrays of numbers in it, and texts that
/// groups carry as attributes.
///
/// It is read by code of our own: the HDF Group's library follows what a file says without asking, and a file with a few
/// changed bytes ends the program (Documentation/networks.md). What is read is what h5py writes by default: objects with
/// headers of both versions, groups with symbol tables or with links in their headers, arrays in one piece or in chunks,
/// filters deflate, shuffle and fletcher32. Links by name, links to other files, numbers in other files, and other filters
/// are refused in words. Every address and length is held against the bytes that there are.
///
/// Source: HDF5 File Format Specification 3.0 (The HDF Group).
public struct HDF5File: Sendable {
  /// A group, or an array of numbers.
  public struct Node: Sendable {
    /// From the root, `layers/dense/vars/0`; the root's is empty.
    public let path: String
    /// In the order of the file, which is that of their names.
    public fileprivate(set) var children: [Node] = []
    public let isArray: Bool
    let messages: [HDF5Message]

    /// The last part of the path.
    public var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// The node at a path below this one; nil where there is none.
    public func child(_ path: String) -> Node? {
      var node = self
      for part in path.split(separator: "/") {
        guard let next = node.children.first(where: { $0.name == part }) else { return nil }
        node = next
      }
      return node
    }

    /// Every array below it, in the file's order.
    public var arrays: [Node] {
      var found: [Node] = []
      // Groups nest at most `deepest` deep.
      func add(_ node: Node) {
        if node.isArray { found.append(node) }
        for child in node.children { add(child) }
      }
      add(self)
      return found
    }
  }

  public private(set) var root: Node
  var reader: HDF5Reader

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
  static let deepest = 32

  /// Whether bytes begin as such a file does.
  public static func recognises(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature) }

  /// The tree; numbers and attributes are read when they are asked for.
  ///
  /// - Parameter name: what errors call the file.
  /// - Throws: `TensorFileError`.
  public init(_ bytes: [UInt8], name: String = "the file") throws {
    reader = HDF5Reader(bytes, file: name)
    let address = try reader.rootAddress()
    var visited: Set<Int> = []
    root = try Self.node(at: address, path: "", depth: 0, &reader, &visited)
  }

  private static func node(
    at address: Int, path: String, depth: Int, _ reader: inout HDF5Reader, _ visited: inout Set<Int>
  ) throws -> Node {
    guard depth <= deepest else { throw reader.broken("groups nest more than \(deepest) deep") }
    let messages = try reader.messages(at: address)
    var node = Node(path: path, isArray: messages.contains { $0.kind == .layout }, messages: messages)
    guard !node.isArray else { return node }
    // A group that is met again is a second name of it, or a loop.
    guard visited.insert(address).inserted else { throw reader.broken("a group in it holds itself, or has two names") }
    for link in try reader.links(messages) {
      let name = path.isEmpty ? link.name : path + "/" + link.name
      node.children.append(try self.node(at: link.address, path: name, depth: depth + 1, &reader, &visited))
    }
    return node
  }

  // MARK: What nodes hold

  /// The texts of an attribute, one or several; nil where it is not there or holds something else.
  public mutating func texts(_ attribute: String, of node: Node) throws -> [String]? {
    try reader.texts(attribute, node.messages)
  }

  /// The numbers of an array, as float32.
  public mutating func tensor(_ node: Node) throws -> Tensor {
    try reader.tensor(node.messages, name: node.path)
  }

  /// The numbers of an array, or why they are not read where it is of a type, or packed in a way, that is none of those
  /// that are.
  public mutating func content(_ node: Node) throws -> ArrayContent {
    do { return .numbers(try tensor(node)) } catch let error as TensorFileError {
      switch error {
      case .unsupported, .refused: return .unread(error)
      default: throw error
      }
    }
  }
}
