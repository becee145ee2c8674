/// The way out for an argument that matplotlib, seaborn or R give a figure: `plot(x, color="red")`. What is said here
/// counts before a name that is alike: `label=` of a curve is not `xlabel=`.
///
/// - Parameter signature: of the function that was called; nil is said of all that draw no figure.
public func foreignFigureArgumentAdvice(_ name: String, of signature: String) -> String? {
  guard let function = signature.split(separator: "(").first.map(String.init) else { return nil }
  return foreignFigureArguments[name]?.first { $0.functions.contains(function) }?.help
}

/// The way out for names of matplotlib and seaborn that nothing here is called alike.
let foreignFigureNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }
  add(
    "bar", "barh", "barplot", "countplot", "pie", help: "bars({a: 1, b: 2}) shows a value for each name as a bar")
  add("lineplot", help: "write plot(x)")
  add("scatterplot", "pairplot", help: "write scatter(x, y), or scatter(points, labels=names)")
  add(
    "boxplot", "violinplot", "kdeplot", "distplot", "displot",
    help: "histogram({a: xs, b: ys}) shows groups of numbers over the same bins")
  add(
    "contour", "contourf", "pcolor", "pcolormesh", "hist2d", "hexbin", help: "heatmap(matrix) shows numbers as colours")
  add("errorbar", "fill_between", help: "plot({mean: m, low: l, high: h}) draws bounds as curves of their own")
  add("loglog", "semilogx", "semilogy", help: "plot(x, log=true) has a logarithmic vertical axis")
  add("legend", help: "plot({train: a, test: b}) names its curves in a legend; names= does it for a list of lists")
  add(
    "title", "suptitle", "xlabel", "ylabel",
    help:
      "it is an argument, given where the figure is drawn: plot(x, title=\"Loss\", xlabel=\"epoch\", ylabel=\"loss\")")
  add("xlim", "ylim", help: "axes hold all of the data; a part of it is drawn by plot(x[10:20])")
  add("axvline", help: "histogram(x, threshold=0.5) draws a line; distances and trainers bring their own")
  return names
}()

private let foreignFigureArguments: [String: [(functions: Set<String>, help: String)]] = {
  var names: [String: [(functions: Set<String>, help: String)]] = [:]
  let all: Set<String> = ["plot", "histogram", "bars", "scatter", "heatmap", "montage", "curve", "subplots"]
  func add(_ words: String..., of functions: Set<String>? = nil, help: String) {
    for word in words { names[word, default: []].append((functions ?? all, help)) }
  }
  add("label", "legend", of: ["plot"], help: "a record names its curves: plot({train: a, test: b}); so does names=")
  add("label", "legend", of: ["histogram"], help: "a record names its groups: histogram({same: a, different: b})")
  add("label", "labels", "tick_label", of: ["bars"], help: "write names=")
  add("c", "color", "colors", "hue", "label", of: ["scatter"], help: "labels= colours the points, one for each")
  add(
    "c", "color", "colors", "cmap", "palette", "linewidth", "lw", "linestyle", "ls", "marker", "markersize", "alpha",
    "s", "style", "edgecolor", "vmin", "vmax",
    help: "leave it out: colours and signs are chosen so that all can be told apart")
  add(
    "figsize", "dpi", help: "a file's size is said where it is written: fig.save(\"x.png\", width=800, height=500)")
  add("figsize", "dpi", of: ["figure.save"], help: "width= and height= are the file's size in pixels")
  add("xlim", "ylim", help: "leave it out: axes hold all of the data; a part of it is drawn by plot(x[10:20])")
  add("density", "normed", "stat", of: ["histogram"], help: "shares=true shows the shares of each group in per cent")
  add("range", of: ["histogram"], help: "bins=[0, 0.5, 1] says where bins begin and end")
  add("annot", "fmt", of: ["heatmap"], help: "leave it out: numbers stand in the cells where they fit")
  add("xticklabels", of: ["heatmap"], help: "write columns=")
  add("yticklabels", of: ["heatmap"], help: "write rows=")
  add("yscale", "logy", "logscale", of: ["plot", "curve"], help: "write log=true")
  add("ncols", "nrows", "ncol", "nrow", of: ["montage", "subplots"], help: "columns= says how many stand in a row")
  add("suptitle", "main", help: "write title=")
  return names
}()
