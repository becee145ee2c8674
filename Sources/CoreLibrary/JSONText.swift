import Interpreter

/// JSON (RFC 8259) as values of the language, and back: objects are records, null is none.
extension CoreLibrary {
  static func registerJSON(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "readjson", .of(path), area: .strings, files: .reads, summary: "The value in a file of JSON.",
        details: """
          Objects become records, arrays lists, null none. A whole number beyond 2⁵³ that a number would round, as ids may \
          be, becomes text. A file with one value a line is readtext(path).lines().map(parsejson).
          """,
        example: """
          writetext("people.json", '[\\{"name": "ana", "age": 31, "email": null\\}]')
          readjson("people.json")
          #> [{name: "ana", age: 31, email: none}]
          """,
        errors: ["there is no such file", "it is no JSON", "a name stands twice in one object"],
        seeAlso: ["writejson", "parsejson", "readcsv"]
      ) { args, context in
        let file = try TextFile(args, path, context)
        return try JSONValues(source: "“\(file.path)”", context: context).value(of: file.read(context))
      })
    let text = TypedParameter.string("text")
    registry.add(
      Builtin(
        "parsejson", .of(text), area: .strings, summary: "The value that a text of JSON says.",
        details: "As readjson reads a file.",
        example: """
          parsejson('[1, 2.5, \\{"a": true\\}]')
          #> [1, 2.5, {a: true}]
          """,
        errors: ["the text is no JSON", "a name stands twice in one object"], seeAlso: ["tojson", "readjson"]
      ) { args, context in
        try JSONValues(source: "the text", context: context).value(of: args[text])
      })
    let value = TypedParameter<Value>.value("value", "none, bool, number, string, list, range, record or tensor")
    let indent = TypedParameter.int("indent", in: 0...8, default: 0, namedOnly: true)
    registry.add(
      Builtin(
        "tojson", .of(value, indent), area: .strings, returns: "string", summary: "The JSON text of a value.",
        details: """
          On one line, or with indent=2 one item a line. Numbers have all their digits. A tensor becomes lists in lists; \
          tensor(parsejson(text)) makes one of them again.
          """,
        example: """
          print(tojson({name: "ana", scores: tensor([1, 0.5]), email: none}))
          #> {"name":"ana","scores":[1,0.5],"email":null}
          """,
        errors: ["a number is nan or infinite, which JSON cannot say", "a value is a function, a network or the like"],
        seeAlso: ["parsejson", "writejson", "str"]
      ) { args, context in
        Value(try JSONValues(source: "value", context: context).text(of: args[value], value, "tojson", args[indent]))
      })
    registry.add(
      Builtin(
        "writejson", .of(path, value, indent), area: .strings, files: .writes,
        summary: "Writes a value as JSON into a file, whole or not at all.",
        details: "As tojson writes it. A file that is there is replaced, but only if it is text itself.",
        example: """
          writejson("x.json", [{a: 1, b: none}, {a: 2, b: [true, "two"]}])
          print(readtext("x.json").lines()[0])
          #> [{"a":1,"b":null},{"a":2,"b":[true,"two"]}]
          """,
        errors: [
          "a number is nan or infinite, which JSON cannot say", "a value is a function, a network or the like",
          "the folder cannot be written", "a file that is no text stands there",
        ],
        seeAlso: ["readjson", "tojson", "writecsv"]
      ) { args, context in
        let values = JSONValues(source: "value", context: context)
        let text = try values.text(of: args[value], value, "writejson", args[indent])
        try TextFile(args, path, context).write(text.hasSuffix("\n") ? text : text + "\n")
        return .none
      })
  }
}
