import Diagnostics
import Forgetting
import Foundation
import Gallery

/// What changes the gallery: each is on the disk, where the gallery is, and in the log, before it is answered.
extension GalleryActor {
  func enrol(_ label: String, _ input: [Float], _ agreement: Agreement, by client: String) throws -> Answer.Enrolled {
    guard gallery.referenceCount < options.limits.references else {
      throw RequestProblem(409, "full", "the gallery has \(gallery.referenceCount) references", remedy: "remove some")
    }
    let made = try gallery.enroll(
      label, images: input, shape: preparation.shape, source: "page", consent: agreement.consent,
      expires: agreement.expires)
    let count = try gallery.referenceCount(of: label)
    // A picture that is there already, for which nothing else was agreed to, changes nothing.
    if made.added > 0 {
      enrolled += 1
      log(client, "enrol", label, "reference \(count)")
    } else if made.renewed > 0 {
      log(client, "renew", label, "\(made.renewed) reference\(made.renewed == 1 ? "" : "s")")
    }
    if made.added + made.renewed > 0 {
      note(.enrolled(label: label, input: input, shape: preparation.shape, agreement: agreement))
      try save()
    }
    return Answer.Enrolled(
      label: label, references: count, people: gallery.labelCount,
      picture: gallery.keepsPictures && made.added > 0 ? picture(gallery.referenceCount - 1) : nil)
  }

  func remove(_ label: String, by client: String) throws -> Answer.Removed {
    let count = try gallery.remove(label)
    removed += count
    note(.removed(label: label))
    log(client, "remove", label, "\(count) reference\(count == 1 ? "" : "s")")
    try save()
    return Answer.Removed(label: label, references: count, people: gallery.labelCount)
  }

  /// Takes somebody out for good, as `people.forget` does; unless it `isSure`, says what would go and what stays.
  func forget(_ label: String, isSure: Bool, by client: String) throws -> Answer.Forgotten {
    let isInMemory = gallery.path == nil
    let kept = try savedElsewhere(label)
    let traces = try gallery.traces(of: label)
    let untold = changes.count { $0.label == label }
    let isHeld = !traces.isEmpty || kept.map { !$0.traces.isEmpty } ?? false || untold > 0
    let successors =
      traces.successors.map { Answer.Forgotten.Staying(place: "the gallery", reason: $0.words) }
      + (kept?.traces.successors ?? []).map { .init(place: "the gallery's file", reason: $0.words) }
    // Nobody of that name: the gallery has the words. Who has another name now is shown, and not forgotten.
    if !isHeld, isSure || successors.isEmpty {
      if traces.successors.isEmpty, let kept, !successors.isEmpty { try kept.gallery.forget(label) }
      try gallery.forget(label)
    }
    var goes: [Answer.Forgotten.Going] = []
    if !traces.isEmpty { goes.append(.init(place: "the gallery", what: traces.words(isInMemory: isInMemory))) }
    if let kept, !kept.traces.isEmpty { goes.append(.init(place: "the gallery's file", what: kept.traces.words())) }
    if untold > 0 {
      goes.append(
        .init(
          place: "what the session that serves has not heard yet", what: "\(untold) change\(untold == 1 ? "" : "s")"))
    }
    var stays = successors
    if let reason = NamesakeLabels.reason(label, among: try gallery.everyName()) {
      stays.append(.init(place: "the gallery", reason: reason))
    }
    if let reason = gallery.network.learning.reason(toRemember: label) {
      stays.append(.init(place: "the gallery's network", reason: reason))
    }
    if isSure {
      if !traces.isEmpty {
        for reason in try gallery.forget(label).left { stays.append(.init(place: "the gallery", reason: reason)) }
      }
      changes.removeAll { $0.label == label }
      note(.forgotten(label: label))
      forgotten += 1
      log(client, "forget", label, traces.words(isInMemory: isInMemory))
      if let kept, !kept.traces.isEmpty {
        for reason in try kept.gallery.forget(label).left {
          stays.append(.init(place: "the gallery's file", reason: reason))
        }
      }
      try save()
    }
    if isTold {
      stays.append(.init(place: "the session that serves", reason: "has them until people.stop() closes this page"))
    }
    if options.log != nil {
      stays.append(.init(place: "this server's log", reason: "names who was enrolled, removed and forgotten"))
    }
    stays.append(
      .init(
        place: "photographs, backups and copies", reason: "are not looked into: twinbook forget NAME FOLDER does that"))
    return Answer.Forgotten(label: label, done: isSure, goes: goes, stays: stays, people: gallery.labelCount)
  }

  /// Only the owner of a copy has to hear of changes, and has seen those of a gallery that is not in memory.
  private var isTold: Bool { options.isCopy && gallery.path == nil }

  private func note(_ change: GalleryChange) {
    if isTold { changes.append(change) }
  }

  /// What the file holds of somebody into which a gallery in memory is written after each change. Written over, its pages
  /// would keep them.
  private func savedElsewhere(
    _ label: String
  ) throws -> (gallery: ReferenceGallery, traces: ReferenceGallery.Traces)? {
    guard let path = options.savePath, gallery.path == nil, GalleryStore.isGallery(path) else { return nil }
    let kept = try ReferenceGallery.load(path)
    let traces = try kept.traces(of: label)
    return traces.isEmpty && traces.successors.isEmpty ? nil : (kept, traces)
  }

  private func save() throws {
    // A gallery in a file is written by every change.
    guard let path = options.savePath, gallery.path == nil else { return }
    do { try gallery.save(path) } catch {
      let words = (error as? any ExplainedError)?.explanation
      throw RequestProblem(
        500, "not-saved",
        "the gallery is changed, but cannot be written: \(words?.message ?? "the file cannot be written")",
        remedy: (error as? GalleryError)?.remedy ?? words?.help
          ?? "tell whoever serves this gallery")
    }
  }

  /// "2026-11-29T17:20:05Z 192.168.1.7 enrol "Ann", reference 2". A label that came from
  /// elsewhere than the page may have any characters: those that end or turn a line are written as numbers.
  private func log(_ client: String, _ what: String, _ label: String, _ words: String) {
    guard let log = options.log else { return }
    let time = ISO8601DateFormatter().string(from: Date())
    var name = ""
    for scalar in label.unicodeScalars {
      if scalar == "\\" || scalar == "\"" {
        name += "\\" + String(scalar)
      } else if scalar.isReadable {
        name.unicodeScalars.append(scalar)
      } else {
        name += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    log("\(time) \(client) \(what) \"\(name)\"" + (words.isEmpty ? "" : ", \(words)"))
  }
}
