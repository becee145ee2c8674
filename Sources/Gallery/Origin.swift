extension ReferenceGallery {
  /// Where a reference came from, and what the person in it agreed to.
  public struct Origin: Hashable, Sendable {
    /// When it was enrolled, seconds since 1970; nil: a version of before did not note it.
    public var enrolled: Double?
    /// In words, or as a path or an address.
    public var source: String?
    /// What was agreed to, in words.
    public var consent: String?
    /// From then on it does not answer, seconds since 1970; nil: never.
    public var expires: Double?

    public init(
      enrolled: Double? = nil, source: String? = nil, consent: String? = nil, expires: Double? = nil
    ) {
      self.enrolled = enrolled
      self.source = source
      self.consent = consent
      self.expires = expires
    }
  }

  /// What is to be changed in what somebody agreed to; nil stays as it is.
  public struct Renewal: Hashable, Sendable {
    /// When it ends.
    public enum End: Hashable, Sendable {
      case never
      /// Seconds since 1970.
      case at(Double)
    }

    /// What is agreed to now, in words.
    public var consent: String?
    public var expires: End?

    public init(consent: String? = nil, expires: End? = nil) {
      self.consent = consent
      self.expires = expires
    }

    var isEmpty: Bool { consent == nil && expires == nil }

    func applied(to origin: Origin) -> Origin {
      var origin = origin
      if let consent { origin.consent = consent }
      switch expires {
      case .at(let time): origin.expires = time
      case .never: origin.expires = nil
      case nil: break
      }
      return origin
    }
  }

  /// Who answers at a moment.
  struct Answering {
    var version: Int
    /// It is so from this moment on, and until that one.
    var from: Double
    var until: Double
    /// Whose each row is; −1 where it was removed or has expired.
    var owners: [Int32]
    /// References that are there and have expired.
    var expired: Int
  }

  /// Whose each row is, for whoever asks: −1 for those that have expired, too.
  var answering: [Int32] { expiring.isEmpty ? owners : answers().owners }

  /// References that are there and have expired.
  public var expiredCount: Int {
    if let remote { return remote.known.expired }
    return expiring.isEmpty ? 0 : answers().expired
  }

  /// References that answer.
  public var answeringCount: Int { referenceCount - expiredCount }

  /// When the next reference expires, seconds since 1970; nil: none will.
  public func nextExpiry() throws -> Double? {
    if let remote { return try remote.nextExpiry(now()) }
    guard !expiring.isEmpty else { return nil }
    let until = answers().until
    return until.isFinite ? until : nil
  }

  private func answers() -> Answering {
    let now = now()
    if let known = cachedAnswering, known.version == version, known.from <= now, now < known.until { return known }
    var made = Answering(version: version, from: now, until: .infinity, owners: owners, expired: 0)
    for one in expiring where made.owners.indices.contains(Int(one.row)) && owners[Int(one.row)] >= 0 {
      if one.time <= now {
        made.owners[Int(one.row)] = -1
        made.expired += 1
      } else {
        made.until = min(made.until, one.time)
      }
    }
    cachedAnswering = made
    return made
  }

  /// Where the n-th reference came from; nil: there is no such reference.
  public func origin(ofReference position: Int) throws -> Origin? {
    if let remote { return try remote.origin(position) }
    try follow()
    guard position >= 0, position < referenceCount else { return nil }
    return try origin(row(position))
  }

  func origin(_ row: Int) throws -> Origin {
    if let store { return try store.origin(row) }
    guard originOf.indices.contains(row), origins.indices.contains(Int(originOf[row])) else { return Origin() }
    return origins[Int(originOf[row])]
  }

  /// Changes what somebody agreed to, in all references of a label.
  /// - Returns: how many references are others now.
  @discardableResult
  public func renew(_ label: String, _ renewal: Renewal) throws -> Int {
    try follow()
    try check(label)
    guard !renewal.isEmpty else { return 0 }
    if let remote {
      version += 1
      return try remote.renew(label, renewal)
    }
    if let store { return try store.renew(self, label, renewal) }
    guard let number = labelTable.number(label) else { return 0 }
    return try renew(rows: owners.indices.filter { owners[$0] == number }, renewal)
  }

  /// The same for some rows of a gallery in memory.
  func renew(rows: [Int], _ renewal: Renewal) throws -> Int {
    guard !renewal.isEmpty, !rows.isEmpty else { return 0 }
    var count = 0
    for row in rows {
      let old = try origin(row)
      let new = renewal.applied(to: old)
      guard new != old else { continue }
      originOf[row] = keep(new)
      count += 1
    }
    guard count > 0 else { return 0 }
    lookForExpiring()
    version += 1
    return count
  }

  /// The number of an origin in memory, a new one for a new one.
  func keep(_ origin: Origin) -> Int32 {
    if let last = origins.last, last == origin { return Int32(origins.count - 1) }
    origins.append(origin)
    return Int32(origins.count - 1)
  }

  /// Of a gallery in memory: which rows expire, and when.
  func lookForExpiring() {
    guard origins.contains(where: { $0.expires != nil }) else {
      expiring = []
      return
    }
    expiring = originOf.enumerated().compactMap { row, number in
      guard origins.indices.contains(Int(number)) else { return nil }
      return origins[Int(number)].expires.map { (row: Int32(row), time: $0) }
    }
  }
}

extension ReferenceGallery {
  /// The time by which it is told what has expired, seconds since 1970.
  public var time: Double { now() }

  /// Whether a moment is past.
  public func hasPassed(_ time: Double) -> Bool { time <= now() }

  /// Whether it has a journal that can be asked: one in a file has.
  public var keepsJournal: Bool { store != nil }
}
