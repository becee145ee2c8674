import Diagnostics
import Files
import Foundation
import NeuralNetworks

extension ReferenceGallery {
  /// What a gallery holds of somebody.
  public struct Traces: Hashable, Sendable {
    /// References that are there.
    public var references = 0
    /// References that were removed, and are kept for `undo`.
    public var kept = 0
    /// Pictures of either.
    public var pictures = 0
    /// Entries of the journal that name them; of a gallery in memory, states that `%undo` could go back to.
    public var changes = 0
    /// Who was called so before and is called otherwise now: they stay. Where nothing else is held of the name, its entries
    /// of the journal stay with them, and are not counted.
    public var successors: [Successor] = []

    public init(references: Int = 0, kept: Int = 0) { (self.references, self.kept) = (references, kept) }

    /// Whether nothing is held. Successors do not count: they are others now.
    public var isEmpty: Bool { references == 0 && kept == 0 && pictures == 0 && changes == 0 }

    /// Entries of the journal alone are theirs who have another name now.
    mutating func leaveEntriesToSuccessors() {
      if !successors.isEmpty, references == 0, kept == 0, pictures == 0 { changes = 0 }
    }
  }

  /// What of somebody could not be taken out, in words.
  public struct Forgotten: Hashable, Sendable {
    public var traces: Traces
    /// Why something may still be in the file, or on the server.
    public var left: [String]
  }

  /// What is held of somebody, whether they are there now or were removed.
  public func traces(of label: String) throws -> Traces {
    try follow()
    if let remote { return try remote.traces(of: label) }
    if let store { return try store.traces(of: label) }
    return tracesInMemory(of: label)
  }

  /// All labels, also those that were removed and are kept for `undo`.
  public func everyName() throws -> [String] {
    try follow()
    return try store?.everyName() ?? labels
  }

  /// What a gallery's file holds of somebody, without anything being written to it or beside it.
  ///
  /// - Returns: also the network in it, where it has one, how many labels there are, and all names, also those of labels that
  ///   were removed.
  public static func look(
    at path: String, for label: String
  ) throws -> (traces: Traces, network: Network?, labels: Int, names: [String]) {
    let store = try GalleryStore(path, making: false, reading: true)
    try store.readSettings()
    let bytes = try store.settingBytes("network") ?? []
    return (
      try store.traces(of: label), bytes.isEmpty ? nil : try Network.decoded(bytes, path: path), store.labelCount,
      try store.everyName()
    )
  }

  /// Takes somebody out for good: references, pictures, the journal's entries, and what could be gone back to. Nothing
  /// takes that back. Of a gallery in a file none of it is in the file, or beside it, afterwards.
  ///
  /// - Throws: `GalleryError.calledOtherwise` where they have another name now, `GalleryError.unknownLabel` where nothing is
  ///   held of them.
  @discardableResult
  public func forget(_ label: String) throws -> Forgotten {
    let traces = try traces(of: label)
    guard !traces.isEmpty else {
      if !traces.successors.isEmpty {
        throw GalleryError.calledOtherwise(label: label, now: traces.successors.map(\.name))
      }
      let near = labelCount <= 20_000 ? nearName(label, among: try labels) : nil
      throw GalleryError.unknownLabel(label, near: near, count: labelCount)
    }
    if let remote {
      version += 1
      return Forgotten(traces: traces, left: try remote.forget(label))
    }
    if let store { return Forgotten(traces: traces, left: try store.forget(self, label)) }
    for number in numbersInMemory(of: label).own { forgetInMemory(number) }
    try compact()
    return Forgotten(traces: traces, left: [])
  }

  /// Everything that is held of one reference.
  public struct Held: Hashable, Sendable {
    public var origin: Origin
    /// The prepared picture; empty where none is kept.
    public var picture: [Float]
    /// The network's output for it.
    public var embedding: [Float]
    /// Whether it was removed, and is kept for `undo`.
    public var isRemoved: Bool
  }

  /// Everything that is held of somebody: for whoever asks what there is of them.
  ///
  /// - Throws: `GalleryError.unknownLabel` where nothing is held of them.
  public func everything(of label: String) throws -> [Held] {
    try follow()
    let held: [Held]
    if let remote {
      held = try remote.everything(of: label)
    } else if let store {
      held = try store.everything(of: label)
    } else {
      let number = labelTable.number(label)
      held = try owners.indices.filter { number != nil && owners[$0] == number }.map { row in
        Held(
          origin: try origin(row), picture: inputs[row], embedding: rows?.values(row) ?? [], isRemoved: false)
      }
    }
    if held.isEmpty {
      try check(label)
      // It was there a moment ago.
      throw GalleryError.unknownLabel(label, near: nil, count: labelCount)
    }
    return held
  }

  /// What a label's references came with, for people: when the first was enrolled, from where, what was agreed to.
  public struct Summary: Hashable, Sendable {
    /// Of all references of the label.
    public var count = 0
    /// Those of them whose end has come.
    public var expired = 0
    /// The first, seconds since 1970; nil: no version noted it.
    public var enrolled: Double?
    /// The soonest end, seconds since 1970; nil: none ends.
    public var expires: Double?
    /// The first few that differ.
    public var sources: [String] = []
    /// The first few that differ, in words.
    public var consents: [String] = []

    mutating func add(_ origin: Origin, now: Double, references: Int = 1) {
      count += references
      if let end = origin.expires {
        if end <= now { expired += references }
        expires = min(expires ?? .infinity, end)
      }
      if let time = origin.enrolled { enrolled = min(enrolled ?? .infinity, time) }
      if let source = origin.source, sources.count < Self.shown, !sources.contains(source) { sources.append(source) }
      if let consent = origin.consent, consents.count < Self.shown, !consents.contains(consent) {
        consents.append(consent)
      }
    }

    private static let shown = 3
  }

  /// Of a label that nobody has one of no references.
  public func summary(of label: String) throws -> Summary {
    if let remote { return try remote.summary(of: label, now: now()) }
    if let store { return try store.summary(of: label, now: now()) }
    var summary = Summary()
    guard let number = labelTable.number(label) else { return summary }
    for row in owners.indices where owners[row] == number { summary.add(try origin(row), now: now()) }
    return summary
  }
}
