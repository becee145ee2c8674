import Diagnostics
import Interpreter
import Syntax

extension CoreLibrary {
  /// `args`: what stood after the script's name.
  static func registerScriptArguments(_ arguments: [String], _ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        constant: "args", Value(arguments.map { Value($0) }), area: .core, returns: "list",
        summary: "What stood after the script's name when it was started, as a list of strings.",
        example: "len(args)\n#> 0", seeAlso: ["input"]))
  }

  /// `help()`, the tour, and `help("conv")`, a name's page.
  static func registerHelp(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "help", .of(topic), area: .help,
        summary: "Prints a short tour, or the page of a name.",
        details: "A dot reaches methods: help(\"dataset.split\"). A percent sign reaches commands of the session: "
          + "help(\"%save\"). Words and signs of the language have a page as well: help(\"for\"), "
          + "help(\">>\"), and so have kinds of values: help(\"dataset\"). In a session, ?conv does the same.",
        example: "help(\"dataset.split\")", errors: ["nothing in the library has this name"],
        seeAlso: ["print", "type"]
      ) { args, context in
        context.output.tell(try helpText(args, context) + "\n")
        return .none
      })
  }

  private static let topic = TypedParameter.value(
    "name", "string, function, or a value whose methods to list", or: "none")

  private static func helpText(_ args: Arguments, _ context: ExecutionContext) throws -> String {
    guard args.isGiven(topic) else { return tour(context.registry) }
    let given = try args[topic]
    switch given {
    case .string(let box):
      let name = box.text
      if let page = Symbol(rawValue: name)?.page { return page }
      if name.hasPrefix("%"), name.count > 1 {
        let command = String(name.dropFirst())
        if let page = context.commandPage { return try page(command) }
        throw ArgumentError(
          topic, "“\(name)” is a command of a session, and help knows the library",
          help: "in a session, write %help \(command)")
      }
      if let word = Keyword(rawValue: name) { return word.page }
      let entries = context.registry.entries(named: withoutForeignModule(name))
      guard !entries.isEmpty else {
        // The name of a kind of values: "dataset".
        if let members = context.registry.memberList(of: [name]) { return members }
        let near = nearName(name, among: context.registry.helpNames + Keyword.allCases.map(\.rawValue))
        throw ArgumentError(
          topic, "the library has nothing that is called “\(name)”",
          help: foreignNameAdvice(withoutForeignModule(name)) ?? near.map { "did you mean “\($0)”?" }
            ?? "help() lists what there is")
      }
      return entries.map(\.page).joined(separator: "\n\n")
    case .function(let function):
      guard let builtin = function.builtin else { return function.signature }
      return ([builtin] + builtin.variants).map(\.page).joined(separator: "\n\n")
    default:
      var types = [given.typeName]
      // A layer has what the network of this one layer has.
      if case .object(let object) = given, let other = try object.standIn() { types.append(other.typeName) }
      return context.registry.memberList(of: types) ?? "a \(given.typeName); it has no methods"
    }
  }

  /// What a newcomer tries first, and every name by area.
  static func tour(_ registry: BuiltinRegistry) -> String {
    var text = """
      Twinbook teaches a network to tell same from different, and keeps the session as a script.

        x = [1, 2, 3]                         a list; fn twice(a) { 2 * a } is a function
        chars = glyphs(classes=20, each=10)   made-up characters; images("folder") reads yours
        learn, strangers = chars.split(classes=15, seed=1)
        net = conv(8, 3) >> relu >> maxpool(2) >> flatten >> dense(32)
        loop = trainer(net, pairs(learn, 2000, seed=2), loss=contrastive())
        loop.run(epochs=3)                    Ctrl-C stops at the end of a batch
        plot(distances(net, strangers))       same and different, as two histograms
        %save first.twin                      then: twinbook replay --verify first.twin

      help("conv") or ?conv explains a name, Tab completes it, %help lists the session's commands.

      """
    for area in HelpArea.allCases {
      var seen: Set<String> = []
      let names = registry.all.filter { $0.area == area && $0.receiver == nil }.map(\.name)
        .filter { seen.insert($0).inserted }.sorted()
      if !names.isEmpty { text += "\n\(area.rawValue)\n" + wrapped(names, indentation: "  ") + "\n" }
    }
    text.removeLast()
    return text
  }

  /// Words in lines of at most 78 columns.
  package static func wrapped(_ words: [String], indentation: String = "") -> String {
    wrappedWords(words, width: 78, first: indentation, rest: indentation).joined(separator: "\n")
  }

  /// Names with commas between them, in lines of at most 78 columns; no name is broken.
  package static func listed(_ heading: String, _ names: [String], indentation: String? = nil) -> String {
    let parts = names.dropLast().map { $0 + "," } + names.suffix(1)
    return wrappedWords(
      parts, width: 78, first: heading, rest: indentation ?? String(repeating: " ", count: heading.count)
    ).joined(separator: "\n")
  }

  /// A text with its long lines wrapped; shorter ones, and indented ones, stay as they are.
  package static func wrapped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.count <= 78 || line.hasPrefix(" ") ? String(line) : wrapped(line.split(separator: " ").map(String.init))
    }.joined(separator: "\n")
  }
}

extension Builtin {
  /// In lines that fit a window, broken between parameters.
  private var shownSignature: String {
    guard signature.count > 78, let open = signature.firstIndex(of: "(") else { return signature }
    let head = String(signature[...open])
    let parameters = shownParameters
    guard head + parameters.joined(separator: ", ") + ")" == signature else { return signature }
    return CoreLibrary.listed(head, parameters.dropLast() + [(parameters.last ?? "") + ")"], indentation: "  ")
  }

  /// What `help("name")` and `?name` show.
  public var page: String {
    var parts = [shownSignature, CoreLibrary.wrapped(summary)]
    if !details.isEmpty { parts.append("\n" + CoreLibrary.wrapped(details)) }
    if !parameters.isEmpty {
      let width = parameters.map(\.name.count).max() ?? 0
      parts.append("")
      for parameter in parameters {
        let standard = parameter.defaultText.map { $0.isEmpty ? "" : ", default \($0)" } ?? ""
        parts.append("  \(parameter.name.padded(to: width + 2))\(parameter.type)\(standard)")
      }
    }
    if !errors.isEmpty { parts.append("\nErrors:\n" + errors.map { "  " + $0 }.joined(separator: "\n")) }
    if !example.isEmpty {
      let lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
      parts.append("\nExample:\n" + lines.joined(separator: "\n"))
    }
    if !seeAlso.isEmpty { parts.append("\nSee also: " + seeAlso.joined(separator: ", ")) }
    return parts.joined(separator: "\n")
  }
}
