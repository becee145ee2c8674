/// What the machine can do. R are the registers of the running function, K its constants, U what it captured.
/// Conditional jumps of comparisons jump where the comparison does NOT hold ("unless"), or where it does ("if").
enum Opcode: UInt16, CaseIterable {
  // Loads and moves
  case move  // R[a] = R[b]
  case take  // R[a] = R[b], which lets go of it
  case loadConstant  // R[a] = K[bc]
  case loadNone  // R[a] = none
  case loadBool  // R[a] = b != 0
  case unsetRange  // R[a ..< a+b] = unset
  case clear  // R[a ..< a+b] let go of what they hold
  case check  // R[a] has a value; else error, the name is K[bc]
  case getGlobal  // R[a] = session[bc]
  case getUpvalue  // R[a] = U[b]
  case getItself  // R[a] = the running function
  case getUpcell  // R[a] = U[b].value
  case setUpcell  // U[a].value = R[b]
  case getCell  // R[a] = R[b].value
  case setCell  // R[a].value = R[b]
  case newCell  // R[a] = cell(R[a])
  case newUnsetCell  // R[a] = cell(unset)
  case closure  // R[a] = function of prototype bc

  // Arithmetic
  case add, subtract, multiply, divide, remainder, power, matmul, compose  // R[a] = R[b] op R[c]
  case addK, subtractK, multiplyK, divideK, remainderK  // R[a] = R[b] op K[c]
  case negate, plus, not  // R[a] = op R[b]
  case equal, notEqual, less, lessEqual, greater, greaterEqual, isIn, isNotIn  // R[a] = R[b] op R[c]

  // Jumps
  case jump  // by bc
  case loop  // by bc, counting a step
  case jumpIf, jumpUnless  // R[a], by bc
  case jumpIfSet  // R[a] was given, by bc
  case unlessEqual, unlessNotEqual, unlessLess, unlessLessEqual, unlessGreater, unlessGreaterEqual  // R[a] R[b], by c
  case unlessEqualText, unlessNotEqualText  // R[a] K[b], a string, by c
  case unlessEqualK, unlessNotEqualK, unlessLessK, unlessLessEqualK, unlessGreaterK, unlessGreaterEqualK  // R[a] K[b]

  // Sequences
  case prepareLoop  // R[a], R[a+1] = state of going over R[b]
  case nextInLoop  // R[b] = next of R[a]; jumps by c where there was one
  case makeList  // R[a] = [R[b] ..< R[b+c]]
  case push  // R[a].append(R[b]), for comprehensions
  case reserve  // R[a], a list, makes room for as many items as R[b] has
  case makeRecord  // R[a] = record of template c, values from R[b]
  case makeRange, makeClosedRange  // R[a] = R[b] ..< R[c]
  case unpack  // R[a ..< a+c] = items of R[b]
  case getIndex  // R[a] = R[b][R[c]]
  case setIndex  // R[a][R[b]] = R[c]
  case getSubscripts  // R[a] = R[b][subscripts c]
  case getMember  // R[a] = R[b].name, name K[c]; cache in the next word
  case setMember  // R[a].name = R[c], name K[b]; cache in the next word
  case setPath  // place b = R[a]
  // `part += value`: R[a] is the part, and value stands in the next word. Where both are lists or strings, the part grows
  // where it stands, and the assignment that follows is passed; else R[a] += value
  case addToItem  // part R[b][R[c]]
  case addToField  // part R[b].name, name K[c]
  case addToPath  // part place b
  case concatenate  // R[a] = text of R[b ..< b+c]
  case appendTexts  // R[a] += texts of R[b ..< b+c]
  case format  // R[a] = R[b] with format c

  // Calls: the function in R[a], arguments from R[a+1], the result to R[a]
  case call  // b arguments
  case callNamed  // b arguments, labels c
  case callGlobal  // session[b], c arguments
  case callLocal  // R[b], c arguments
  case callBuiltin  // builtin b, c arguments
  case callBuiltinNamed  // builtin b, c arguments; labels in the next word
  case callMethod  // R[a] is the receiver, b arguments, name K[c]; labels and cache in the next word
  case changeMethod  // as callMethod, the receiver stands at place (next word b), R[a] is free
  case appendItem  // R[b].append(R[a+1]) and two words further, where R[b] is a list
  case length  // R[a] = len(R[b]); c is the builtin
  case extra  // the second word of those
  case finish  // return R[a]
  case finishNone
  case beginTry  // handler at bc; the error goes to R[a]
  case endTry
}

/// Eight bytes: an operation and three operands.
struct Instruction {
  var op: Opcode
  var a: UInt16
  var b: UInt16
  var c: UInt16

  init(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    self.op = op
    self.a = UInt16(truncatingIfNeeded: a)
    self.b = UInt16(truncatingIfNeeded: b)
    self.c = UInt16(truncatingIfNeeded: c)
  }

  /// b and c as one number.
  var bc: Int {
    @inline(__always) get { Int(Int32(bitPattern: UInt32(b) | UInt32(c) << 16)) }
    set {
      let bits = UInt32(bitPattern: Int32(truncatingIfNeeded: newValue))
      b = UInt16(truncatingIfNeeded: bits)
      c = UInt16(truncatingIfNeeded: bits >> 16)
    }
  }

  /// c as a distance.
  var distance: Int { @inline(__always) get { Int(Int16(bitPattern: c)) } }
}
