import Diagnostics
import Files
import Interpreter
import MetricLearning

/// What a sweep has found so far, in a folder: sweep.csv with a line for each score, and the trainings' states beside it.
final class SweepRecord {
  let folder: String
  private let settings: [String]
  /// Scores by setting and epochs.
  private var scores: [Int: [Int: Double]] = [:]
  private var lines: [String] = []
  /// Of the training that a setting's scores are of, as the folder tells and as it is now.
  private var known: [Int: String] = [:]
  private var trainings: [Int: String] = [:]

  private var path: String { folder + "/sweep.csv" }
  private static let header = "setting,epochs,score,training,values"

  /// Makes the folder, or reads what is in it.
  init(folder: String, _ settings: [Value]) throws {
    self.folder = folder
    self.settings = settings.map { Self.text($0) }
    try FileSystem.makeFolder(folder)
    guard FileSystem.exists(path) else { return }
    let text = try FileSystem.readText(path)
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let fields = line.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false)
      if number == 0, line == Self.header { continue }
      if number == 0, line == "setting,epochs,score,values" {
        throw ArgumentError(
          LearningBindings.sweepFolder,
          "sweep: an older version wrote “\(folder)”, which did not note what was trained",
          help: "name another folder")
      }
      guard fields.count == 5, let place = Int(fields[0]), let epochs = Int(fields[1]), let score = Double(fields[2])
      else {
        throw ArgumentError(
          LearningBindings.sweepFolder, "sweep: line \(number + 1) of “\(path)” is no score",
          help: "name another folder")
      }
      guard self.settings.indices.contains(place - 1), Self.quoted(self.settings[place - 1]) == fields[4] else {
        throw ArgumentError(
          LearningBindings.sweepFolder, "sweep: “\(folder)” holds a sweep over other settings",
          help: "name another folder; setting \(place) is \(fields[4]) there")
      }
      known[place - 1] = String(fields[3])
      scores[place - 1, default: [:]][epochs] = score
      lines.append(String(line))
    }
  }

  /// Says which training a setting stands for now; the folder's scores of it have to be of the same one.
  func begin(_ index: Int, _ trainer: Trainer) throws {
    let identity = try trainer.identity()
    trainings[index] = identity
    guard let there = known[index], there != identity else { return }
    throw ArgumentError(
      LearningBindings.sweepFolder, "sweep: “\(folder)” holds scores of another training by setting \(index + 1)",
      help: "other data, validation, augmentation, loss, optimizer, seed or first weights: name another folder")
  }

  func score(_ index: Int, epochs: Int) -> Double? { scores[index]?[epochs] }

  /// Where the state of a setting's training stands.
  func state(_ index: Int) -> String { folder + "/setting\(index + 1).safetensors" }

  func add(_ index: Int, epochs: Int, score: Double) throws {
    scores[index, default: [:]][epochs] = score
    lines.append("\(index + 1),\(epochs),\(score),\(trainings[index] ?? ""),\(Self.quoted(settings[index]))")
    try write()
  }

  /// The lines of one rung in the order of the settings, where ranks have added them as they came.
  func sort(epochs: Int) throws {
    func isOfRung(_ line: String) -> Bool { line.split(separator: ",").dropFirst().first == "\(epochs)" }
    guard let first = lines.firstIndex(where: isOfRung) else { return }
    let rung = lines.filter(isOfRung).sorted { place(of: $0) < place(of: $1) }
    lines = lines[..<first] + rung + lines[first...].filter { !isOfRung($0) }
    try write()
  }

  private func place(of line: String) -> Int { line.split(separator: ",").first.flatMap { Int($0) } ?? 0 }

  private func write() throws {
    try FileSystem.write(([Self.header] + lines).joined(separator: "\n") + "\n", to: path)
  }

  private static func text(_ value: Value) -> String {
    (value.asRecord?.fields ?? []).map { "\($0.name): \($0.value.summarized())" }.joined(separator: ", ")
  }

  /// RFC 4180.
  private static func quoted(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
