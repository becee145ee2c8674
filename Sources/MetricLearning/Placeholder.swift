enum MetricLearningPlaceholder {}
