import Diagnostics

extension SessionCommand {
  static let seed = SessionCommand(
    "seed",
    usage: "%seed [number]", summary: "Show the session's seed, or set it and begin its random numbers anew.",
    details: "Functions that draw take their seed from it where none is given. A saved session records it."
  ) { session, call, _ in
    if let word = try call.words(atMost: 1).first {
      guard let number = UInt64(word) else { throw call.badArgument(word, expected: "a whole number from 0") }
      session.setSeed(number)
      session.isSeedOfUser = true
      if !session.entries.isEmpty {
        session.recorder.warn(
          Explanation(
            "cells before this one ran with another seed, so a saved session would not give their results again",
            help: "set the seed first, or %reset"))
      }
    }
    session.say("seed \(session.seed)")
  }
}
