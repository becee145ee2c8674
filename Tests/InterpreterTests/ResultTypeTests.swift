import Diagnostics
import Foundation
import Testing

@testable import Interpreter
@testable import StandardLibrary

/// What completion offers behind a call that has not been run is true: every example gives the type that the table says.
struct ResultTypeTests {
  /// Notes the type of everything that the library's entries give.
  private final class Watch {
    var types: [String: Set<String>] = [:]

    func watching(_ entry: Builtin) -> Builtin {
      Builtin(
        name: entry.name, kind: entry.kind, receiver: entry.receiver, parameters: entry.parameters, area: entry.area,
        summary: entry.summary, details: entry.details, example: entry.example, errors: entry.errors,
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
    for (name, type) in StandardLibrary.resultTypes.sorted(by: { $0.key < $1.key }) {
      // An example without network access fetches nothing.
      guard let seen = watch.types[name] else {
        #expect(["fetch"].contains(name), "\(name): no example calls it, or there is no such entry")
        continue
      }
      #expect(seen == [type], "\(name)")
    }
    let basic: Set<String> = ["number", "bool", "none"]
    let missing = watch.types.filter { name, seen in
      seen.count == 1 && basic.isDisjoint(with: seen) && StandardLibrary.resultTypes[name] == nil
        && registry.entries(named: name).count == 1
    }
    #expect(missing.isEmpty, "give completion their types: \(missing.mapValues { $0.first ?? "" })")
  }
}
