// Files land here with the branch data.
