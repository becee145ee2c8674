import Diagnostics
import Foundation
import ScriptSupport
import Testing

@testable import Interpreter
import StandardLibrary

/// What completion offers behind a call that has not been run is true: every example gives the type that its declaration says.
struct ResultTypeTests {
  /// Notes the type of everything that the library's entries give.
  private final class Watch {
    var types: [String: Set<String>] = [:]

    func watching(_ entry: Builtin) -> Builtin {
      Builtin(
        name: entry.name, kind: entry.kind, receiver: entry.receiver, parameters: entry.parameters, area: entry.area,
        returns: entry.returns, summary: entry.summary, details: entry.details, example: entry.example,
        errors: entry.errors,
        seeAlso: entry.seeAlso, dispatch: entry.dispatch, alsoMethodOf: entry.alsoMethodOf,
        composeValue: entry.composeValue,
        implementation: { [self] arguments, context in
          let value = try entry.implementation(arguments, context)
          types[entry.qualifiedName, default: []].insert(value.typeName)
          return value
        }, mutating: entry.mutating)
    }
  }

  @Test func examplesGiveTheTypesThatCompletionPromises() throws {
    let watch = Watch()
    var registry = BuiltinRegistry()
    let entries = StandardLibrary.registry().all
    for entry in entries { registry.add(watch.watching(entry)) }
    for entry in entries {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-types-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let interpreter = Interpreter(output: Collector(), registry: registry)
      interpreter.context.workingDirectory = folder.path
      for cell in ExampleTests.cells(entry.example) {
        _ = interpreter.evaluate(SourceText(name: "example", text: cell.text))
      }
    }
    // No example calls these in a loop of its own, or each would need data that is not here.
    let uncalled: Set<String> = [
      "fetch", "images", "oneshotruns", "runs.interval", "dataset.group", "enumerate", "network", "dataset.alignfaces",
    ]
    let promised = entries.compactMap { entry in entry.resultType.map { (entry.qualifiedName, $0) } }
    #expect(promised.count >= 200)
    for (name, type) in promised {
      if let seen = watch.types[name] {
        #expect(seen == [type], "\(name)")
      } else {
        #expect(uncalled.contains(name), "no example calls \(name)")
      }
    }
  }
}
