enum TerminalREPLPlaceholder {}
