enum NeuralNetworksPlaceholder {}
