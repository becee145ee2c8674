import ElementaryFunctions

/// −log softmax(logits)[own]; leaves softmax(logits) in their place.
func softmaxLoss(_ logits: inout [Float], _ own: Int) -> Double {
  var greatest = -Float.infinity
  for value in logits { greatest = max(greatest, value) }
  let mine = logits[own]
  var sum: Float = 0
  for k in logits.indices {
    logits[k] = Elementary.exp(logits[k] - greatest)
    sum += logits[k]
  }
  for k in logits.indices { logits[k] /= sum }
  return Double(greatest + Elementary.log(sum) - mine)
}
