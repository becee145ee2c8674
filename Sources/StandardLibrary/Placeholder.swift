enum StandardLibraryPlaceholder {}
