enum SyntaxPlaceholder {}
