import Diagnostics
import Foundation
import Memory
import ScriptSupport
import Synchronization
import Testing

@testable import Interpreter

/// What the machine takes for granted, and what it must never do.
struct MachineTests {
  /// Registers read values by their layout in memory: another compiler might choose another one.
  @Test func layoutOfValues() {
    #expect(ValueLayout.isAsExpected)
    #expect(MemoryLayout<Value>.size == 9)
    #expect(MemoryLayout<Value>.stride == 16)
    #expect(MemoryLayout<Instruction>.stride == 8)
    #expect(Closure.layoutIsAsExpected)
  }

  @Test func argumentsOfACall() {
    func call(_ count: Int) -> (lines: [String], error: String?) {
      ScriptRun(steps: 10_000).cell("max(\((0..<count).map(String.init).joined(separator: ", ")))")
    }
    #expect(call(250).lines == ["249"])
    #expect(call(251).error?.contains("a call takes at most 250 arguments") == true)
  }

  @Test func layoutOfKinds() {
    let register = Register.allocate(capacity: 1)
    defer { register.deallocate() }
    func plain(_ value: Value) -> Bool {
      register.initialize(to: value)
      defer { register.deinitialize(count: 1) }
      return register.isPlain
    }
    for value: Value in [.number(0), .number(.nan), .number(-.infinity), .bool(true), .bool(false), .none, .unset] {
      #expect(plain(value))
    }
    for value: Value in ["", "a long text that is not small", [], [1], Value(RecordBox()), Value(HostObject())] {
      #expect(!plain(value))
    }
    register.initialize(to: .unset)
    #expect(register.isUnset)
    register.initialize(to: .none)
    #expect(!register.isUnset)
    register.initialize(to: .bool(false))
    #expect(!register.isUnset && !register.isNumber)
  }

  /// A list is let go of as soon as nobody can reach it.
  @Test(arguments: [
    "[[1], [2]]", "xs = [[1]]\nxs = 0", "try { [[1]][5] } catch { 0 }", "[x for x in [[1], [2]]]",
    "try { [x[9] for x in [[1], [2]]] } catch { 0 }", "fn f(a) { a.append([1]); a }\nf([[2]])",
    "fn f(a) { error(\"x\") }\ntry { f([[1]]) } catch { 0 }", "for x in [[1]] { try { x[3] } catch { break } }",
    "sorted([[2], [1]], key=x -> x[0])", "try { sorted([[2], [1]], key=x -> x[7]) } catch { 0 }",
    "fn f(n) { if n == 0 { error(\"deep\") }; g = [[n]]; f(n - 1) }\ntry { f(50) } catch { 0 }",
    "fn f(n) { f(n + 1) }\ntry { f(0) } catch { 0 }", "f = xs -> map(x -> [x], xs)\nf([[1]])",
    "\"{[1]} {{}} {[[2]]}\"", "a, b = [[1], [2]]", "try { a, b = [[1], [2], [3]] } catch { 0 }",
    "x = if [[1]] { [[2]] } else { 3 }", "[[1]] == [[1]] and [[2]] in [[[2]]]", "[[1], [2]][0][0]", "{a: [1]}.a[0]",
    "xs = [[1]]\nxs[0][0] += 1\nxs[0].append([2])", "[f for f in [x -> x, [1]]]", "1 +", "(x -> x.y)({z: [1]})",
  ])
  func nothingIsLeftBehind(_ text: String) {
    let run = ScriptRun(steps: 1_000_000)
    _ = run.cell(text)
    #expect(run.interpreter.isAtRest)
  }

  /// A list never becomes a part of itself: the memory would be lost, and printing would not end.
  @Test(arguments: [
    ("xs = [1, 2]\nxs[0] = xs\nxs", "[[1, 2], 2]"), ("xs = [1]\nxs.append(xs)\nxs", "[1, [1]]"),
    ("r = {a: 1}\nr.a = r\nr", "{a: {a: 1}}"), ("r = {a: 1}\nr[\"b\"] = r\nr", "{a: 1, b: {a: 1}}"),
    ("xs = [[1]]\nxs[0][0] = xs\nxs", "[[[[1]]]]"), ("r = {a: {b: 1}}\nr.a.b = r\nr", "{a: {b: {a: {b: 1}}}}"),
    ("xs = [1]\nxs += [xs]\nxs", "[1, [1]]"), ("xs = [1, 2]\nxs[1:] = xs\nxs", "[1, 1, 2]"),
    ("xs = [1]\nxs.insert(0, xs)\nxs", "[[1], 1]"), ("xs = [1, 2]\nxs[0], xs[1] = xs, xs\nxs", "[[1, 2], [1, 2]]"),
    ("fn f() { xs = [1]; xs[0] = xs; g = () -> { xs[0] = xs; xs }; g() }\nf()", "[[[1]]]"),
    ("r = {a: 1}\nr.update({b: r})\nr", "{a: 1, b: {a: 1}}"), ("r = {}\nr.setdefault(\"a\", r)\nr", "{a: {}}"),
  ])
  func noListHoldsItself(_ text: String, _ expected: String) {
    let (lines, error) = ScriptRun(steps: 10_000).cell(text)
    #expect(error == nil)
    #expect(lines == [expected], "\(text)")
  }

  /// The argument of the last call is moved, not copied; an error on the way must not show the hole.
  @Test func lastUses() {
    let run = ScriptRun(steps: 100_000)
    let (lines, error) = run.cell(
      """
      fn grow(xs, n) { xs.append(n); xs }
      fn fails(xs) { error("no") }
      fn a() { xs = [0]; ys = xs; for i in 0..<3 { xs = grow(xs, i) }; [xs, ys] }
      fn b(xs) { xs = grow(xs, len(xs)); grow(xs, 9) }
      fn c() { xs = [1]; try { xs = fails(xs) } catch { xs.append(2) }; xs }
      fn d() { xs = [1]; g = () -> xs; xs = grow(xs, 2); [xs, g()] }
      fn e(x, y=[x]) { x = grow(x, y); x }
      fn h(xs) { k = x -> grow(xs, x); [k(1), k(2), xs] }
      fn twice(xs) { join(xs, xs) }
      fn join(a, b) { a.append(1); b.append(2); [a, b] }
      s = [5]
      print(a(), b(s), s, c(), d(), e([1]), h([0]), twice([0]))
      """)
    #expect(error == nil)
    #expect(
      lines == [
        "[[0, 0, 1, 2], [0]] [5, 1, 9] [5] [1, 2] [[1, 2], [1, 2]] [1, [[1]]] [[0, 1], [0, 2], [0]] [[0, 1], [0, 2]]"
      ])
  }

  /// A call begins where its result is wanted, and a function in a variable is called where it stands: neither may show.
  @Test func calls() {
    let (lines, error) = ScriptRun(steps: 100_000).cell(
      """
      fn add(a, b=10, c=100) { a + b + c }
      fn late() { f = x -> x + 1; f(if true { f = x -> x * 100; 1 } else { 2 }) + f(2) }
      fn nested(f) { [f(f(f(1))), f(1) + f(f(2)), "{f(3)}{f(f(4))}", {a: f(5), b: f(f(6))}] }
      fn picked(f, x) { y = if x { f(f(x)) } else { f(1) }; z = try { f(y) } catch { 0 }; [y, z, x and f(x), none or f(x)] }
      fn named(f) { [f(1), f(1, 2), f(1, c=3), f(f(1, 2, 3), f(4, 5), c=f(6))] }
      fn refused(f) { try { f(1) } catch e { e.message } }
      fn over(fs) { [f(n) for f in fs for n in 0..<2] + [len([f(f(n)) for n in "ab"]) for f in [str]] }
      print(late(), nested(x -> x + 1), picked(x -> x + 1, 5), named(add), refused(7), over([x -> x * 2, x -> -x]))
      f = 3
      g = n -> if n == 0 { 0 } else { g(n - 1) + 1 }
      print(map(g, [0, 5, 2]), filter(x -> x > 1, 0..<4), [1, 2].map(str), sorted(["b", "aa", "a", "B"], key=x -> x * 2))
      """)
    #expect(error == nil, "\(error ?? "")")
    #expect(
      lines == [
        "202 [4, 6, \"46\", {a: 6, b: 8}] [7, 8, 6, 6] [111, 103, 14, 231] a number cannot be called "
          + "[0, 2, 0, -1, 2]",
        "[0, 5, 2] [2, 3] [\"1\", \"2\"] [\"B\", \"a\", \"aa\", \"b\"]",
      ])
  }

  /// The text of one turn of a loop becomes that of the next only where nobody else holds it.
  @Test func textsOfTurns() {
    let (lines, error) = ScriptRun(steps: 100_000).cell(
      """
      fn held(n) { all = []; for i in 0..<n { t = "turn {i}"; all.append(t) }; all }
      fn names(n) { r = {}; for i in 0..<n { k = "k{i % 3}"; r[k] = r.get(k, 0) + 1 }; r }
      fn kept(n) { last = ""; for i in 0..<n { t = "a long text that needs memory {i}"; if i == 1 { last = t } }; [last, t] }
      fn closed(n) { fs = []; for i in 0..<n { t = "é{i}"; t = "{i}{t}"; fs.append(() -> t) }; [f() for f in fs] }
      fn constant(n) { for i in 0..<n { t = "x"; t = "{t}y" }; t }
      print(held(3), names(7), kept(3), closed(2), constant(2))
      r = {a: 1}
      print(r.get("a"), r.get("b"), r.get("b", 2), {get: x -> x}.get(5), r["a"])
      """)
    #expect(error == nil, "\(error ?? "")")
    #expect(
      lines == [
        "[\"turn 0\", \"turn 1\", \"turn 2\"] {k0: 3, k1: 2, k2: 2} [\"a long text that needs memory 1\", "
          + "\"a long text that needs memory 2\"] [\"1é1\", \"1é1\"] xy",
        "1 none 2 5 1",
      ])
  }

  // MARK: Values that hold much

  /// A list may hold itself in no place, but another one in many: forty boxes, 2⁴⁰ items.
  @Test func sharedPartsAreComparedOnce() {
    let run = ScriptRun(steps: 1_000_000)
    let build =
      "fn tower(n, top) { a = top; for i in 0..<n { a = [a, a] }; a }\n"
      + "fn fields(n, top) { a = top; for i in 0..<n { a = {l: a, r: a} }; a }\n"
    #expect(run.cell(build + "tower(40, [0]) == tower(40, [0])").lines == ["true"])
    #expect(run.cell("tower(40, [0]) == tower(40, [1])").lines == ["false"])
    #expect(run.cell("tower(40, [0]) < tower(40, [0])").lines == ["false"])
    #expect(run.cell("fields(40, [0]) == fields(40, [0])").lines == ["true"])
    #expect(run.cell("len(unique([tower(40, [0]), tower(40, [0]), fields(40, 1), tower(40, [1])]))").lines == ["3"])
    #expect(run.cell("tower(40, [0]) in [tower(39, [0]), tower(40, [0])]").lines == ["true"])
  }

  /// Work that grows with the square of the count would take hours here.
  @Test(arguments: [
    ("r = {}\nfor i in 0..<100000 { r[str(i)] = i }\nfor i in 0..<100000 { r.pop(str(i)) }\nr", "{}"),
    (
      "r = {}\nfor i in 0..<100000 { r[str(i)] = i }\nfor i in 1..<100000 { r.pop(str(i)) }\nr[\"1\"] = 5\nr",
      "{\"0\": 0, \"1\": 5}"
    ),
    (
      "r = {}\nfor i in 0..<100000 { r[str(i)] = i; if i > 50 { r.pop(str(i - 50)) } }\n[len(r), r.keys()[:2], len(r.copy())]",
      "[51, [\"0\", \"99950\"], 51]"
    ),
    ("len(unique([[i % 50000, \"a\"] for i in 0..<100000]))", "50000"),
    ("len(unique([{id: i % 30000, tag: [i % 3]} for i in 0..<60000]))", "30000"),
    ("len(sum([[i] for i in 0..<100000], []))", "100000"), ("len(sum([\"ab\"] * 200000, \"\"))", "400000"),
  ])
  func costsGrowWithTheWork(_ text: String, _ expected: String) {
    let (lines, error) = ScriptRun(steps: 100_000_000).cell(text)
    #expect(error == nil)
    #expect(lines == [expected])
  }

  /// Taking fields out leaves the others in their order, whatever is done in between.
  @Test func fieldsTakenOut() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let record = RecordBox()
      var model: [(String, Int)] = []
      for step in 0..<120 {
        let name = "f\(Int.random(in: 0..<40, using: &random))"
        if Bool.random(using: &random) {
          record[name] = Value(step)
          if let place = model.firstIndex(where: { $0.0 == name }) {
            model[place].1 = step
          } else {
            model.append((name, step))
          }
        } else {
          record[name] = nil
          model.removeAll { $0.0 == name }
        }
        #expect(record.count == model.count)
        #expect(record[name]?.asNumber == model.first { $0.0 == name }.map { Double($0.1) })
        if step % 7 == 0 {
          let copy = Int.random(in: 0..<2, using: &random) == 0 ? record.copy() : record
          #expect(copy.fields.map { $0.name } == model.map { $0.0 })
          #expect(copy.fields.map { $0.value.asNumber } == model.map { Double($0.1) })
        }
      }
    }
  }

  // MARK: Rings

  @Test func layoutOfArrays() { #expect(ArrayStorage.isOnePointer) }

  /// Values that only hold each other go: each turn leaves a ring that holds a long text.
  @Test(arguments: [
    "fn make(i) { xs = line * 100; fn a() { b() }; fn b() { a() + len(xs) }; 0 }",
    "fn make(i) { r = {n: line * 100}; r.f = () -> r.n; len(r.f()) }",
    "fn make(i) { f = none; xs = line * 100; g = () -> f; f = [g, xs, {g: g}]; 0 }",
    "fn make(i) { f = none; xs = line * 100; g = () -> [f, xs]; f = g >> (x -> x); 0 }",
    "fn make(i) { r = {xs: [line * 100]}; r.m = r.xs.copy; r.me = () -> r.m; 0 }",
  ])
  func ringsAreLetGo(_ function: String) {
    let run = ScriptRun(steps: 100_000_000)
    #expect(run.cell("line = \"x\" * 1000").error == nil)
    #expect(run.cell(function).error == nil)
    #expect(run.cell("for i in 0..<100 { make(i) }").error == nil)
    let before = MemoryBudget.held
    #expect(run.cell("for i in 0..<6000 { make(i) }").error == nil)
    #expect(run.interpreter.cellCount < 200)
    // All of them together would hold 600 MB.
    #expect(MemoryBudget.held - before < 200 << 20)
  }

  /// What is still in use stays, wherever it is held: by a session name, a list, a running call, native code.
  @Test func ringsInUseStay() {
    let run = ScriptRun(steps: 100_000_000)
    let (lines, error) = run.cell(
      """
      fn counter(start) { n = start; fn next() { n += 1; again() }; fn again() { if n % 3 == 0 { next() } else { n } }; next }
      kept = [counter(i) for i in 0..<500]
      shared = kept.copy()
      fn burn() { r = {n: 1}; r.f = () -> r.n; r.f() }
      fn during(f) { g = f; h = () -> g; g = [h, f]; for i in 0..<2000 { burn() }; h()[1]() }
      first = during(counter(10))
      many = map(f -> { for i in 0..<50 { burn() }; f() }, kept)
      kept = none
      for i in 0..<2000 { burn() }
      again = [f() for f in shared]
      print(first, many[:4], again[:4], sum(many), sum(again))
      """)
    #expect(error == nil)
    #expect(lines == ["11 [1, 2, 4, 4] [2, 4, 5, 5] 125416 126083"])
    #expect(run.cell("shared = none\nf = none\nfor i in 0..<2000 { burn() }").error == nil)
    #expect(run.interpreter.cellCount < 200)
  }

  /// What a builtin was called with is let go where it fails, however many calls end with it.
  @Test(arguments: [
    "sorted([x -> x, x -> 2], key=len)", "map(len, [x -> x])", "sorted([\"b\", [1]], reverse=true)",
    "fn f(x) { sorted([() -> x, x], key=len) }\nfn g(x) { f([x]) }\ng([1])", "len(x -> [x])",
    "sorted([3, 1], key=x -> len(() -> x))",
  ])
  func failingBuiltinsLeaveNothing(_ text: String) {
    let run = ScriptRun(steps: .max)
    #expect(run.cell(text).error != nil)
    #expect(run.interpreter.isAtRest)
  }

  // MARK: Interruption

  /// From another thread, in the middle of whatever runs; the session then goes on.
  @Test(arguments: [
    "while true { }", "n = 0\nwhile true { n += 1 }", "for i in 0..<1e15 { }",
    "fn f() { f() }\nwhile true { try { f() } catch { } }",
    "sorted(list(0..<1000000), key=x -> { y = 0; while true { y += 1 } })",
    "fn f(n) { while true { try { error(\"x\") } catch { n += 1 } } }\nf(0)",
    "xs = [0]\nfor x in xs { while true { xs[0] += 1 } }",
    "[y for x in 0..<1e8 for y in 0..<0]", "while true { map(x -> x, 0..<1000) }",
    "s = \"\"\nwhile true { s += \"ab\"; if len(s) > 1000 { s = \"\" } }",
    "while true { unique([[x] for x in 0..<100000]) }",
    "sum(0.5...9e15)", "sorted(0..<3e6, key=abs)", "len(map(abs, 0..<8e6))",
    "a = [0]\nb = [0]\nfor i in 0..<200 { a = [a, a]; b = [b, b] }\nwhile true { a == b }",
    "xs = [[i % 7, i] for i in 0..<300000]\nwhile true { sorted(xs) }",
    "while true { sorted([str(i) for i in 0..<200000]) }",
    "xs = list(0..<1000000)\nwhile true { sorted(xs, reverse=true) }",
    "while true { zip(0..<1e6, 0..<1e6) }",
  ])
  func interruption(_ text: String) {
    let run = ScriptRun(steps: .max)
    let flag = run.interpreter.context.interrupt
    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.05)
      flag.raise()
    }
    thread.start()
    let (_, error) = run.cell(text)
    flag.lower()
    #expect(error == "interrupted")
    #expect(run.interpreter.isAtRest)
    #expect(run.cell("1 + 1").lines == ["2"])
  }

  /// Whoever presses Ctrl-C waits for the operation that runs, not for the thousands that lie between two looks, which
  /// would take five seconds of processor time and more. It is that time that counts: other work does not lengthen it.
  @Test(arguments: [
    "xs = list(0..<1000000)\nwhile true { xs + [1] }", "xs = list(0..<1000000)\nwhile true { xs[1:] }",
    "xs = list(0..<1000000)\nwhile true { sum(xs) }", "xs = list(0..<1000000)\nwhile true { xs == xs + [1] }",
    "xs = list(0..<1000000)\nwhile true { ys = xs; ys[0] = 1 }",
    "xs = list(0..<1000000)\nwhile true { ys = xs; ys.append(1) }",
    "xs = list(0..<1000000)\nwhile true { xs.remove(999999); xs.append(999999) }",
    "t = \"\u{e9}\" * 1000000\nwhile true { t.upper() }", "t = \"\u{e9}\" * 1000000\nwhile true { \"{t:>5}\" }",
    "t = \"\u{e9}\" * 1000000\nu = t + \"a\"\nwhile true { t < u }",
    "t = \"\u{e9}\" * 1000000\nwhile true { t = t + \"a\"; t[-1] }",
  ])
  func interruptionOfLongOperations(_ text: String) {
    let run = ScriptRun(steps: .max)
    let flag = run.interpreter.context.interrupt
    let raised = Mutex(clock())
    let thread = Thread {
      Thread.sleep(forTimeInterval: 0.3)
      raised.withLock { $0 = clock() }
      flag.raise()
    }
    thread.start()
    let (_, error) = run.cell(text)
    let waited = Double(clock() - raised.withLock { $0 }) / 1e6
    flag.lower()
    #expect(error == "interrupted")
    #expect(waited < 2.5, "\(text): \(waited) s of processor time")
    #expect(run.interpreter.isAtRest)
  }

  // MARK: Limits

  @Test(arguments: [
    ("while true { }", "stopped after 100000 steps"),
    ("try { while true { } } catch { 1 }", "stopped after 100000 steps"),
    ("fn f(n) { f(n + 1) }\nf(0)", "runaway recursion: 20000 calls are open"),
    ("fn f(n) { sorted([1, 2], key=x -> f(n)) }\nf(0)", "runaway recursion: 150 calls from within builtins are open"),
    ("\"a\" * 1e12", "a string of 1000000000000 items is too large"),
    ("[0] * 1e12", "a list of 1000000000000 items is too large"),
    ("xs = []\nwhile true { xs.append(0) }", "a list of 20001 items is too large"),
    ("xs = [0]\nwhile true { xs += xs }", "a list of 32768 items is too large"),
    ("xs = [0]\nwhile true { xs = xs + xs }", "a list of 32768 items is too large"),
    ("xs = [0]\nwhile true { xs.extend(xs) }", "a list of 32768 items is too large"),
    ("xs = [0]\nwhile true { xs[0:0] = xs }", "a list of 32768 items is too large"),
    ("[x for x in 0..<1e9]", "a list of 20001 items is too large"),
    ("list(0..<1e9)", "a list of 1000000000 items is too large"),
    ("s = \"ab\"\nwhile true { s = s + s }", "a string of 32768 items is too large"),
    ("s = \"ab\"\nwhile true { s = \"{s}{s}\" }", "a string of 32768 items is too large"),
    ("s = \"ab\"\nwhile true { s = s.replace(\"a\", \"aaaa\") }", "a string of"),
    ("s = \"ab\"\nwhile true { s = s.join([s, s, s]) }", "a string of"),
    ("\"a\".ljust(1e9)", "ljust: width must be a whole number from 0 to 20000"),
    ("range(0, 1e12, 2)", "a list of 500000000000"),
    ("max(7...inf)", "a list of 9007199254740992 items is too large"),
    ("r = {}\nfor i in 0..<1e9 { r[str(i)] = i }", "a record of"),
  ])
  func limits(_ text: String, _ message: String) {
    let run = ScriptRun(steps: 100_000)
    run.interpreter.context.limits.items = 20_000
    let (_, error) = run.cell(text)
    let said = error.map { $0.drop { $0 != " " }.dropFirst() } ?? "no error"
    #expect(said.hasPrefix(message), "\(text): \(said)")
    #expect(run.interpreter.isAtRest)
    #expect(run.cell("1 + 1").lines == ["2"])
  }

  /// The process's memory: here a little more than it holds already.
  @Test(arguments: [
    "xs = []\nwhile true { xs.append([0] * 100000) }",
    "r = {}\nn = 0\nwhile true { n += 1; r[str(n)] = \"{n}\" * 100000 }",
    "fn grow(xs) { grow(xs + [0]) }\nxs = [0] * 100000\nwhile true { try { grow(xs) } catch { xs += xs } }",
    "xs = [[0] * 100000]\nwhile true { xs = [xs, xs[0] + [1]] }",
    // A short text that takes a long one, and a slice of it, are texts of their own.
    "xs = []\np = \"abcdefgh\" * 2000000\nfor i in 0..<100 { t = \"x\"; t += p; xs.append(t) }",
    "xs = []\np = \"abcdefgh\" * 2000000\nfor i in 0..<100 { t = \"x\"; t += \"{p}{p}\"; xs.append(t) }",
    "xs = []\np = \"äbcdefgh\" * 2000000\nfor i in 0..<100 { t = \"x\"; t += p; xs.append(t) }",
    "xs = []\np = \"abcdefgh\" * 2000000\nfor i in 0..<100 { xs.append(p[1:]) }",
  ])
  func memory(_ text: String) {
    let run = ScriptRun(steps: .max)
    run.interpreter.context.limits.memory = MemoryBudget.held + 400 << 20
    let (_, error) = run.cell(text)
    #expect(error?.contains("out of memory") == true || error?.contains("too large") == true, "\(error ?? "no error")")
    #expect(run.interpreter.isAtRest)
    #expect(run.cell("xs = 0\nr = 0\np = 0\nt = 0\n1 + 1").lines == ["2"])
  }

  /// Changing a part costs the part, not the whole, however deep it stands. Counted by what is copied, not timed.
  @Test(arguments: [
    "xs[i].v = i", "xs[i].v += 1", "xs[i].t.append(i)", "xs[i][\"v\"] = 0", "r.xs[i] = 1", "r.xs[i] += [1]",
    "r.xs.append(i)",
    "r[\"xs\"][0] = 2", "xs[i] = i", "xs.append(i)", "xs[0], xs[1] = xs[1], xs[0]",
    "(() -> { ys[i] = 1; ys.append(2) })()",
    "ys[i] += 1",
  ])
  func partsAreChangedInPlace(_ statement: String) {
    let run = ScriptRun(steps: 1_000_000)
    let (_, error) = run.cell(
      """
      fn f() {
        xs = [{v: 0, t: [0]} for k in 0..<1000]
        r = {xs: [0] * 1000}
        r.xs[0] = [0]
        ys = [0] * 1000
        for i in 0..<10 { r.xs[i] = [0] }
        g = () -> ys
        for i in 0..<10 { \(statement) }
        0
      }
      """)
    #expect(error == nil)
    let before = run.interpreter.itemsCopied
    #expect(run.cell("f()").error == nil)
    #expect(run.interpreter.itemsCopied - before < 2000, "\(statement): \(run.interpreter.itemsCopied - before)")
  }

  /// `+=` on a long part of something makes it longer where it stands.
  @Test(arguments: [
    "xs[1] += [i]", "xs[-1] += [i]", "r.xs += [i]", "r[\"xs\"] += [i]", "r.deep[0] += [i]", "(() -> { ys += [i] })()",
    "(() -> { zs[0] += [i] })()",
  ])
  func partsGrowInPlace(_ statement: String) {
    let run = ScriptRun(steps: 1_000_000)
    let (_, error) = run.cell(
      """
      fn f() {
        xs = [[0], [0] * 1000]
        r = {xs: [0] * 1000, deep: [[0] * 1000]}
        ys = [0] * 1000
        zs = [[0] * 1000]
        for i in 0..<50 { \(statement) }
        0
      }
      """)
    #expect(error == nil)
    let before = run.interpreter.itemsCopied
    #expect(run.cell("f()").error == nil)
    #expect(run.interpreter.itemsCopied - before < 2500, "\(statement): \(run.interpreter.itemsCopied - before)")
  }

  /// A million levels: made, shown, compared, handed around and let go without the native stack.
  @Test func deepNesting() {
    let run = ScriptRun(steps: 100_000_000)
    #expect(run.cell("xs = []\nfor i in 0..<1000000 { xs = [xs] }\nys = xs\nlen(xs)").lines == ["1"])
    #expect(run.cell("xs").lines.first?.hasPrefix("[[[[[[") == true)
    #expect(run.cell("str(xs)[:6]").lines == ["\"[[[[[[\""])
    #expect(run.cell("xs == [ys]").error?.contains("nested too deeply") == true)
    #expect(run.cell("xs < ys").error?.contains("nested too deeply") == true)
    #expect(run.cell("xs == ys").lines == ["true"])
    #expect(run.cell("r = {}\nfor i in 0..<1000000 { r = {a: r} }\nr = 0\nxs = 0\nys = 0\n1").lines == ["1"])
    #expect(run.cell("f = 0\nfn wrap(g) { () -> g }\nfor i in 0..<1000000 { f = wrap(f) }\nf = 0\n1").lines == ["1"])
    #expect(run.cell("f = x -> x\nfor i in 0..<300 { f = f >> f >> (x -> x) }").error != nil)
  }

  /// Let go of on a thread of the usual stack.
  @Test func deepNestingIsReleasedInALoop() {
    var list = Value([])
    for _ in 0..<1_000_000 { list = Value([list, 1]) }
    list = .none
    var record = Value(RecordBox())
    for index in 0..<1_000_000 { record = index % 2 == 0 ? Value([record]) : Value(fields: [("a", record)]) }
    record = .none
    var cell = Value(Cell(.none))
    for _ in 0..<1_000_000 { cell = Value(Cell(cell)) }
    cell = .none
    let method = Builtin(method: "copy", of: "list", [], area: .lists, summary: "", example: "") { _, _ in .none }
    var bound = Value([])
    for _ in 0..<300_000 { bound = .function(BoundMethod(method, receiver: bound)) }
    bound = .none
    #expect(list.isNone && record.isNone && cell.isNone && bound.isNone)
  }

  /// Data under the name of a method breaks no call of it; a function under that name is called.
  @Test(arguments: [
    ("c = {}\nfor w in \"get the keys get\".split() { c[w] = c.get(w, 0) + 1 }\nc", "{get: 2, the: 1, keys: 1}"),
    (
      "fn f() { c = {}; for w in \"get the keys get\".split() { c[w] = c.get(w, 0) + 1 }; c.keys() }\nf()",
      "[\"get\", \"the\", \"keys\"]"
    ),
    ("r = {remove: 1, a: 2}\nr.remove(\"a\")\nr", "{remove: 1}"),
    ("rs = [{remove: 1, a: 2}]\nrs[0].remove(\"a\")\nrs", "[{remove: 1}]"),
    ("r = {get: x -> x + 1}\nr.get(2)", "3"), ("r = {remove: x -> x + 1}\nr.remove(2)", "3"),
    ("r = {keys: 5}\nr.keys", "5"), ("r = {values: [7]}\n[x for x in r.values()]", "[[7]]"),
  ]) func fieldsNamedLikeMethods(_ text: String, _ expected: String) {
    let outcome = ScriptRun(steps: 10_000).cell(text)
    #expect(outcome.lines.last == expected, "\(text): \(outcome)")
  }

  @Test func fieldsThatCannotBeCalled() {
    let outcome = ScriptRun(steps: 10_000).cell("r = {other: 5}\nr.other()")
    #expect(outcome.error?.contains("a number cannot be called") == true, "\(outcome)")
  }

  // MARK: Included files

  @Test func includedFiles() {
    let run = ScriptRun(steps: 10_000)
    let files = [
      "lib/a.twin": "include(\"b.twin\")\nfn a(x) { b(x) }\n7", "lib/b.twin": "fn b(x) {\n  x.missing\n}",
      "lib/loop.twin": "include(\"loop.twin\")", "lib/broken.twin": "x = 1\ny = (",
      "lib/fails.twin": "z = 1\nerror(\"half way\")",
    ]
    run.interpreter.readFile = { path in
      guard let text = files[path] else { throw RuntimeError.includeFailed(path, "no such file") }
      return text
    }
    func rendered(_ text: String) -> String {
      guard case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "main.twin", text: text)) else {
        return "no error"
      }
      return diagnostics.map { $0.rendered() }.joined(separator: "\n")
    }
    #expect(run.cell("include(\"lib/a.twin\") + 1").lines == ["8"])
    #expect(
      rendered("n = 1\na(n)") == """
        error: a number has no `missing`
          ╭─ lib/b.twin, line 2
          │   x.missing
          │     ^^^^^^^
          │ called by lib/a.twin, line 2: b(x)
          │ called by main.twin, line 2: a(n)
          ╰─ help: functions of numbers stand before them: sqrt(x), round(x)
        """)
    #expect(rendered("include(\"lib/loop.twin\")").contains("goes in a circle"))
    #expect(rendered("include(\"lib/loop.twin\")").contains("help: leave one include out"))
    // The script that runs is not run once more before its circle is seen.
    #expect(rendered("include(\"main.twin\")").contains("goes in a circle"))
    #expect(rendered("include(\"lib/none.twin\")").contains("cannot include \"lib/none.twin\": no such file"))
    #expect(rendered("include(\"lib/broken.twin\")").contains("lib/broken.twin, line 2"))
    #expect(
      rendered("include(\"lib/fails.twin\")").contains("called by main.twin, line 1: include(\"lib/fails.twin\")"))
    #expect(run.cell("z").lines == ["1"])
    #expect(rendered("fn f() { include(\"lib/a.twin\") }\nf()").contains("include stands at the top level"))
    #expect(run.interpreter.isAtRest)
  }
}
