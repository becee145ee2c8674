/// The way out for names of Keras, PyTorch, scikit-learn, pandas and Python's library that nothing here is called alike.
let foreignLibraryNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }

  // Networks
  add("MaxPool2D", "MaxPool", help: "write maxpool(2)")
  add("AveragePooling2D", "AvgPool2d", "AvgPool2D", help: "write avgpool(2)")
  add("GlobalAveragePooling2D", "AdaptiveAvgPool2d", "GlobalAvgPool2D", help: "write globalpool")
  add("GlobalMaxPooling2D", help: "write globalpool, the mean of each channel")
  add("LayerNormalization", "LayerNorm", "GroupNormalization", "GroupNorm", help: "write groupnorm(1), or batchnorm")
  add("Add", help: "residual(block) adds what goes into a block to what comes out of it")
  add("Concatenate", "Concat", help: "parallel(a, b) joins what several blocks make of one input")
  add(
    "SeparableConv2D", "DepthwiseConv2D",
    help: "groupconv(filters, kernel, groups) has its own filters for each group of channels")
  add("Lambda", help: "a distance needs no layer: trainer(net, pairs(data, 4000), loss=contrastive()) measures it")
  add("UnitNormalization", "l2_normalize", help: "write normalize")
  add(
    "Embedding", "LSTM", "GRU", "Attention", "MultiHeadAttention", "Transformer", "Conv1D", "Conv3D",
    help: "networks here look at images: conv(6, 3) >> relu >> flatten >> dense(50); help() lists the layers")
  add("model", help: "make one first: net = conv(6, 3) >> relu >> flatten >> dense(50)")
  add(
    "load_model", "load_weights", "load_state_dict",
    help: "load(\"m.keras\") opens a network; net.adopt(\"weights.pt\") takes weights alone")
  add("save_model", help: "write net.save(\"net.safetensors\")")

  // Training
  add("EarlyStopping", help: "run(epochs=40, patience=5) stops early, where the trainer has validation=")
  add("ModelCheckpoint", help: "run(epochs=40, checkpoint=\"loop.safetensors\") writes one after each epoch")
  add(
    "ReduceLROnPlateau", "LearningRateScheduler", "StepLR", "CosineAnnealingLR",
    help: "a schedule multiplies the rate: adam(0.001, schedule=cosine(steps=1000))")
  add("callbacks", help: "run(epochs=20, patience=5, checkpoint=…) has what callbacks do elsewhere")
  add("history", help: "loop = trainer(…); loop.run(epochs=8); loop.history.loss, and plot(loop) draws it")
  add(
    "fit", "compile", "train",
    help: "trainer(net, pairs(data, 4000), loss=contrastive(), optimizer=adam()).run(epochs=10)")
  add("predict", "forward", help: "call the network: net(x)")
  add("evaluate", "score", help: "distances(net, data) and episodes(net, data, ways=5) judge a network")
  add("summary", help: "net.summary() shows its layers and arrays")
  add("loss", help: "give one to the trainer: trainer(net, data, loss=contrastive()); help(\"trainer\") tells more")
  add(
    "models", "optimizers", "losses", "metrics", "optim",
    help: "they have no prefix: adam(0.001), contrastive(margin=1), recipe(); help() lists them")
  add("contrastive_loss", "ContrastiveLoss", help: "write contrastive(margin=1)")
  add(
    "TripletMarginLoss", "TripletSemiHardLoss", "TripletHardLoss", "TripletLoss", "triplet_loss",
    help: "write triplet(margin=0.2, mining=\"semihard\")")
  add(
    "SparseCategoricalCrossentropy", "CategoricalCrossentropy", "CrossEntropyLoss", "BinaryCrossentropy", "BCELoss",
    help: "write crossentropy()")
  add("MSELoss", "mse", "mean_squared_error", help: "write mean((a - b) ^ 2)")
  add(
    "MultiSimilarityMiner", "BatchHardMiner", "AngularMiner", "DistanceWeightedMiner", "TripletMarginMiner",
    help:
      "mine(supcon(), mining=\"multisimilarity\") chooses the pairs that teach most; help(\"mine\") lists the miners")
  add("CrossBatchMemory", help: "write crossbatch(supcon(), size=1024)")
  add(
    "euclidean_distance", "pairwise_distance", "cdist_", help: "norm(a - b, axis=1) of rows, cdist(a, b) of all pairs")
  add(
    "to_categorical", "one_hot", "OneHotEncoder",
    help: "onehot(labels, classes) makes rows; crossentropy() takes labels as they are")

  // Data
  add(
    "image_dataset_from_directory", "flow_from_directory", "ImageFolder", "ImageDataGenerator", "Dataset",
    help: "images(\"folder\", size=[80, 80], gray=true) reads folders of pictures, one folder for each class")
  add(
    "Rescaling", "MinMaxScaler", "StandardScaler", "ToTensor", "Normalize",
    help: "leave it out: a dataset's pixels are from 0 to 1; data.normalise() scales them otherwise")
  add(
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomCrop", "RandomHorizontalFlip", "transforms", "albumentations",
    help: "data.augment(flip=true, rotate=10, shift=2) changes images at random while a network trains")
  add("make_pairs", "create_pairs", help: "pairs(data, 4000) draws pairs")
  add(
    "imread", "load_img", "img_to_array", "Image", help: "image(\"a.png\") reads a picture, images(\"folder\") a folder"
  )
  add("imwrite", "save_img", help: "picture.save(\"a.png\") writes a picture")
  add("pd", "pandas", "DataFrame", "df", help: "readcsv(\"x.csv\") gives a list of records, one for each row")
  add("glob", "listdir", "Path", "pathlib", help: "images(\"folder\") reads all pictures below a folder")
  add(
    "pickle", "joblib",
    help: "save(x, \"x.npz\") and load(\"x.npz\"); net.save and people.save keep networks and galleries")
  add("h5py", help: "load(\"m.h5\") reads the networks and weights of Keras")

  // Judging, faces
  add("TSNE", help: "write tsne(net(data))")
  add(
    "sklearn", "scipy",
    help: "what it has is built in: distances(net, data), confusion(net, data), clustering(net, data); help() lists it")
  add("classification_report", help: "confusion(net, data) and report(net, data) judge a network")
  add(
    "KNeighborsClassifier", "NearestNeighbors", "KNN", "faiss",
    help: "people = gallery(net); people.enroll(name, image); people.query(image, k=3) finds the nearest")
  add(
    "face_recognition", "DeepFace", "FaceNet", "InceptionResnetV1", "insightface", "dlib",
    help: "network(\"face-resnet\") tells faces apart, extract(\"photos\", into=\"faces\") cuts them out")
  add(
    "MTCNN", "detect_faces", "CascadeClassifier",
    help: "faces(photo) finds faces, extract(\"photos\", into=\"faces\") cuts them out")

  // Arrays and Python's library
  add(
    "tensorflow", "torchvision", "jax", "cupy",
    help: "what it has is built in: zeros((2, 3)), exp(x), x @ y; help() lists it")
  add("savefig", "show", help: "a figure is shown when it is the cell's value; plot(x).save(\"x.svg\") writes it")
  add("hstack", help: "concat([a, b], axis=1) of matrices, axis=0 of rows")
  add("expand_dims", "newaxis", "unsqueeze", help: "x[none] and x[:, none] add an axis of length 1")
  add(
    "float32", "float64", "int32", "int64", "uint8", "float16", "astype", "dtype",
    help: "the numbers of a tensor are 32-bit floats, all of them; round(x) and int(x) make whole numbers")
  add("argpartition", help: "topk(x, k) gives the greatest and their places")
  add("meshgrid", help: "x.reshape(-1, 1) and y.reshape(1, -1) stretch to one shape in arithmetic")
  add(
    "shuffle", "choice", "sample",
    help: "permutation(n) draws an order: [xs[i] for i in permutation(len(xs))]; data.shuffle() of a dataset")
  add("uniform", help: "write low + (high - low) * rand(3)")
  add("normal", help: "write mean + deviation * randn(3)")
  add(
    "seed", "default_rng", "manual_seed", "set_seed",
    help: "seed=1 where something draws, %seed 1 for a session")
  add("tqdm", "trange", help: "leave it out: trainings, extract and the like show their progress")
  add("datetime", help: "now() gives the seconds since 1970")
  add("Counter", "defaultdict", "OrderedDict", help: "counts = {}; for x in xs { counts[x] = counts.get(x, 0) + 1 }")
  add("namedtuple", "dataclass", help: "write a record: {name: \"iu\", age: 31}")
  add("getattr", "setattr", "hasattr", help: "r[name], r[name] = value and name in r do it with a record")

  // Python and NumPy
  add("eval", "exec", help: "include(\"other.twin\") runs a file; a function holds code for later: f = x -> x + 1")
  add("breakpoint", help: "an error shows the calls that led to it; print(x) shows a value on the way")
  add("callable", help: "write type(x) == \"function\"")
  add("iter", "next", help: "write for x in xs { … }, or take xs[0]")
  add("join", help: "write [\"a\", \"b\"].join(\", \")")
  add("sleep", help: "a program cannot wait; now() gives the time")
  add("collections", "itertools", "functools", "csv", help: "everything is built in; help() lists it")
  add("partial", help: "write x -> f(x, 3)")
  add("savez", help: "save({a: x, b: y}, \"x.npz\") writes several tensors")
  add("nanstd", help: "leave what is none out first: x[isfinite(x)].std()")
  add("identity", help: "write eye(3)")
  add("ndarray", "matrix", "mat", help: "write tensor([[1, 2], [3, 4]])")
  add("GlobalAveragePooling", help: "write globalpool")
  add(
    "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
    help: "trainer(net, data, loss=crossentropy()) trains by classes, loss=contrastive() by pairs")
  return names
}()
