import ElementaryFunctions

/// The second of two classes' share in a softmax, from the difference of their numbers.
func probability(_ odds: Float) -> Float { Elementary.sigmoid(odds) }

/// The difference at which `probability` is this.
func logOdds(_ probability: Float) -> Float { Elementary.log(probability / (1 - probability)) }
