enum InterpreterPlaceholder {}
